/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes as text of four characters for three (RFC 4648). */
#ifndef TOOLS_LIB_BASE64_H
#define TOOLS_LIB_BASE64_H

#include "tools/lib/buf.h"

void base64_encode(struct buf *out, const void *data, size_t len);
/* Whole groups of four characters, the last one padded by '='. 0, -EINVAL or -ENOMEM. */
int base64_decode(struct buf *out, const char *text, size_t len);

#endif
