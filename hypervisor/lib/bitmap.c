/* SPDX-License-Identifier: GPL-2.0-only */
/* Searching and counting bits in arrays of words. */
#include "hypervisor/lib/bitmap.h"

/* The first bit set in @map ^ @flip: with ~0 for @flip, the first bit that is clear. */
static unsigned find(const u64 *map, unsigned bits, unsigned from, u64 flip)
{
	unsigned word = from / BITS_PER_WORD;
	u64 mask = ~0ul << from % BITS_PER_WORD;

	for (; from < bits; word++, mask = ~0ul, from = word * BITS_PER_WORD) {
		u64 found = (map[word] ^ flip) & mask;

		if (found)
			return MIN(word * BITS_PER_WORD + lowest_bit(found), bits);
	}
	return bits;
}

unsigned bitmap_find_set(const u64 *map, unsigned bits, unsigned from)
{
	return find(map, bits, from, 0);
}

unsigned bitmap_find_clear(const u64 *map, unsigned bits, unsigned from)
{
	return find(map, bits, from, ~0ul);
}

unsigned bitmap_count(const u64 *map, unsigned bits)
{
	unsigned n = 0;

	for (unsigned i = 0; i < bits / BITS_PER_WORD; i++)
		n += count_bits(map[i]);
	if (bits % BITS_PER_WORD)
		n += count_bits(map[bits / BITS_PER_WORD] & (BIT(bits % BITS_PER_WORD) - 1));
	return n;
}
