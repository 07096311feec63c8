/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The x86 filter of xz, backwards: before packing, the operands of calls (E8) and jumps (E9) were
 * made absolute, since equal targets pack better than equal distances.
 *
 * A byte E8 or E9 may also be part of an operand, so the filter looks at the last few bytes where
 * it saw one: `seen` has a bit for each of the three positions before. This has to be the encoder's
 * decision to the letter, or the data comes out wrong.
 */
#include "tools/builder/xz.h"

static bool is_extension(uint8_t byte)
{
	return byte == 0x00 || byte == 0xff;
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* How far back the nearest-to-operand byte in question lies, for each pattern of `seen`. */
static const uint8_t seen_byte[8] = { 0, 1, 2, 2, 3, 3, 3, 3 };
static const bool seen_allowed[8] = { true, true, true, false, true, false, false, false };

static uint32_t to_relative(uint32_t value, uint32_t next, unsigned int seen)
{
	uint32_t result;
	unsigned int shift;

	for (;;) {
		result = value - next;
		if (!seen)
			return result;
		shift = 8 * seen_byte[seen];
		if (!is_extension(result >> (24 - shift)))
			return result;
		value = result ^ ((1u << (32 - shift)) - 1);
	}
}

static void put_operand(uint8_t *p, uint32_t value)
{
	/* 25 bits, extended by their sign. */
	value &= 0x01ffffff;
	p[0] = value;
	p[1] = value >> 8;
	p[2] = value >> 16;
	p[3] = value & 0x01000000 ? 0xff : 0x00;
}

void xz_x86_decode(uint8_t *data, size_t len)
{
	unsigned int seen = 0;
	size_t i, last = 0;
	bool any = false;

	for (i = 0; i + 4 < len; i++) {
		if ((data[i] & 0xfe) != 0xe8)
			continue;
		if (!any || i - last > 3)
			seen = 0;
		else
			seen = seen << (i - last - 1) & 7;
		any = true;
		last = i;
		if (!is_extension(data[i + 4]) ||
		    (seen &&
		     (!seen_allowed[seen] || is_extension(data[i + 4 - seen_byte[seen]])))) {
			seen = seen << 1 | 1;
			continue;
		}
		put_operand(data + i + 1, to_relative(le32(data + i + 1), i + 5, seen));
		i += 4;
	}
}
