/* SPDX-License-Identifier: GPL-2.0-only */
/* The gzip (RFC 1952) frame around deflated data: header, size and check sum. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/builder/crc32.h"
#include "tools/builder/inflate.h"

#define FLAG_HCRC    0x02
#define FLAG_EXTRA   0x04
#define FLAG_NAME    0x08
#define FLAG_COMMENT 0x10

#define HEADER_SIZE  10
#define TRAILER_SIZE 8

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

bool gzip_detect(const void *data, size_t len)
{
	return len >= 3 && !memcmp(data, "\x1f\x8b\x08", 3);
}

/* Where a NUL-terminated field at @at ends, or @len when it does not. */
static size_t skip_text(const uint8_t *p, size_t len, size_t at)
{
	const uint8_t *end = at < len ? memchr(p + at, 0, len - at) : NULL;

	return end ? (size_t)(end - p) + 1 : len;
}

/* Where the deflated data begins; @len or more when the header is not whole. */
static size_t header_size(const uint8_t *p, size_t len)
{
	size_t at = HEADER_SIZE;

	if (p[3] & FLAG_EXTRA) {
		if (len - at < 2)
			return len;
		at += 2 + (p[at] | p[at + 1] << 8);
	}
	if (p[3] & FLAG_NAME)
		at = skip_text(p, len, at);
	if (p[3] & FLAG_COMMENT)
		at = skip_text(p, len, at);
	if (p[3] & FLAG_HCRC)
		at += 2;
	return at;
}

int gzip_unpack(const void *data, size_t len, size_t limit, void **out, size_t *out_len)
{
	const uint8_t *in = data;
	size_t start, size, want, used;
	uint8_t *text;
	int rc;

	if (len < HEADER_SIZE + TRAILER_SIZE || !gzip_detect(data, len))
		return -EINVAL;
	start = header_size(in, len);
	if (start >= len || len - start < TRAILER_SIZE)
		return -EINVAL;
	/* The last word says how much there is; if it lies, the data will not fit or not fill. */
	size = want = le32(in + len - 4);
	if (want > limit)
		return -EFBIG;
	text = malloc(want ? want : 1);
	if (!text)
		return -ENOMEM;
	rc = inflate_raw(in + start, len - start - TRAILER_SIZE, text, &size, &used);
	if (rc == -EFBIG || (!rc && size != want))
		rc = -EINVAL;
	if (!rc && crc32_of(text, size) != le32(in + len - TRAILER_SIZE))
		rc = -EINVAL;
	if (rc) {
		free(text);
		return rc;
	}
	*out = text;
	*out_len = size;
	return 0;
}
