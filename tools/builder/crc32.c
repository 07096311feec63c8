/* SPDX-License-Identifier: GPL-2.0-only */
/* The check sum of gzip and xz: CRC-32, a byte a step by a table made on first use. */
#include "tools/builder/crc32.h"

#define POLYNOMIAL 0xedb88320u

static uint32_t table[256];

static void make_table(void)
{
	uint32_t crc;
	int i, bit;

	for (i = 0; i < 256; i++) {
		crc = i;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
		table[i] = crc;
	}
}

uint32_t crc32_of(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t crc = ~0u;

	if (!table[1])
		make_table();
	for (; len; len--, p++)
		crc = crc >> 8 ^ table[(crc ^ *p) & 0xff];
	return ~crc;
}
