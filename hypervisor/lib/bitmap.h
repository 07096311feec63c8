/* SPDX-License-Identifier: GPL-2.0-only */
/* Bits of words and of arrays of words. */
#ifndef HV_LIB_BITMAP_H
#define HV_LIB_BITMAP_H

#include "hypervisor/lib/types.h"

#define BITS_PER_WORD		64
#define BITMAP_WORDS(bits)	DIV_UP(bits, BITS_PER_WORD)

/* Index of the lowest bit set; @word is not 0. */
static inline unsigned lowest_bit(u64 word)
{
	return __builtin_ctzl(word);
}

static inline unsigned count_bits(u64 word)
{
	unsigned n = 0;

	for (; word; word &= word - 1)
		n++;
	return n;
}

#endif
