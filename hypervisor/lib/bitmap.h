/* SPDX-License-Identifier: GPL-2.0-only */
/* Bits of words and of arrays of words. */
#ifndef HV_LIB_BITMAP_H
#define HV_LIB_BITMAP_H

#include <stdatomic.h>

#include "hypervisor/lib/types.h"

#define BITS_PER_WORD		64
#define BITMAP_WORDS(bits)	DIV_UP(bits, BITS_PER_WORD)
#define DECLARE_BITMAP(name, bits)	u64 name[BITMAP_WORDS(bits)]

/* Index of the lowest or highest bit set; @word is not 0. */
static inline unsigned lowest_bit(u64 word)
{
	return __builtin_ctzl(word);
}

static inline unsigned highest_bit(u64 word)
{
	return 63 - __builtin_clzl(word);
}

static inline unsigned count_bits(u64 word)
{
	unsigned n = 0;

	for (; word; word &= word - 1)
		n++;
	return n;
}

static inline bool bitmap_test(const u64 *map, unsigned bit)
{
	return map[bit / BITS_PER_WORD] >> bit % BITS_PER_WORD & 1;
}

static inline void bitmap_set(u64 *map, unsigned bit)
{
	map[bit / BITS_PER_WORD] |= BIT(bit % BITS_PER_WORD);
}

static inline void bitmap_clear(u64 *map, unsigned bit)
{
	map[bit / BITS_PER_WORD] &= ~BIT(bit % BITS_PER_WORD);
}

/* First bit from @from up that is set (or clear); @bits when there is none. */
unsigned bitmap_find_set(const u64 *map, unsigned bits, unsigned from);
unsigned bitmap_find_clear(const u64 *map, unsigned bits, unsigned from);
unsigned bitmap_count(const u64 *map, unsigned bits);

/*
 * --- shared with other CPUs: one locked instruction each, full barriers ------------------------
 */

static inline bool atomic_bit_test(const _Atomic u64 *map, unsigned bit)
{
	return atomic_load_explicit(&((_Atomic u64 *)map)[bit / BITS_PER_WORD],
				    memory_order_acquire) >> bit % BITS_PER_WORD & 1;
}

/* Each returns what the bit was. */
static inline bool atomic_bit_set(_Atomic u64 *map, unsigned bit)
{
	u64 mask = BIT(bit % BITS_PER_WORD);

	return atomic_fetch_or(&map[bit / BITS_PER_WORD], mask) & mask;
}

static inline bool atomic_bit_clear(_Atomic u64 *map, unsigned bit)
{
	u64 mask = BIT(bit % BITS_PER_WORD);

	return atomic_fetch_and(&map[bit / BITS_PER_WORD], ~mask) & mask;
}

#endif
