/* SPDX-License-Identifier: GPL-2.0-only */
/* Unpacks gzip (RFC 1952) data. */
#ifndef TOOLS_BUILDER_INFLATE_H
#define TOOLS_BUILDER_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool gzip_detect(const void *data, size_t len);

/*
 * Unpacks the first member of @data into freshly allocated *@out. 0, -EINVAL (damaged or cut off,
 * or not what its check sum says), -EFBIG (more than @limit bytes), -ENOMEM.
 */
int gzip_unpack(const void *data, size_t len, size_t limit, void **out, size_t *out_len);

/* RFC 1951: exactly *@out_len bytes fit; *@out_len becomes what there was. Also -EFBIG. */
int inflate_raw(const uint8_t *in, size_t len, uint8_t *out, size_t *out_len, size_t *used);

#endif
