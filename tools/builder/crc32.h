/* SPDX-License-Identifier: GPL-2.0-only */
/* The check sum of gzip and xz. */
#ifndef TOOLS_BUILDER_CRC32_H
#define TOOLS_BUILDER_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *data, size_t len);

#endif
