/* SPDX-License-Identifier: GPL-2.0-only */
/* Base64, both ways. */
#include <errno.h>
#include <stdint.h>

#include "tools/lib/base64.h"

void base64_encode(struct buf *out, const void *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = p[i] << 16 | (left > 1 ? p[i + 1] << 8 : 0) |
				(left > 2 ? p[i + 2] : 0);

		buf_putc(out, digits[bits >> 18]);
		buf_putc(out, digits[bits >> 12 & 63]);
		buf_putc(out, left > 1 ? digits[bits >> 6 & 63] : '=');
		buf_putc(out, left > 2 ? digits[bits & 63] : '=');
	}
}

static int base64_value(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_decode(struct buf *out, const char *text, size_t len)
{
	size_t i, j;

	if (len % 4)
		return -EINVAL;
	for (i = 0; i < len; i += 4) {
		size_t pad = i + 4 < len ? 0 : (text[i + 3] == '=') + (text[i + 2] == '=');
		uint32_t bits = 0;

		for (j = 0; j < 4; j++) {
			int v = j >= 4 - pad ? 0 : base64_value(text[i + j]);

			if (v < 0)
				return -EINVAL;
			bits = bits << 6 | v;
		}
		for (j = 0; j < 3 - pad; j++)
			buf_putc(out, bits >> (16 - 8 * j));
	}
	return out->failed ? -ENOMEM : 0;
}
