/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/bitmap.[ch], against a plain array of bools. */
#include "hypervisor/lib/bitmap.h"
#include "tests/host/check_main.h"

#define BITS 200

static u64 random_state = 88172645463325252ull;

static u64 next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static unsigned plain_find(const bool *bits, unsigned nr, unsigned from, bool want)
{
	while (from < nr && bits[from] != want)
		from++;
	return MIN(from, nr);
}

START_TEST(agrees_with_bools)
{
	DECLARE_BITMAP(map, BITS) = { 0 };
	bool plain[BITS] = { 0 };

	for (int round = 0; round < 2000; round++) {
		unsigned bit = next_random() % BITS, from = next_random() % BITS, count = 0;
		unsigned nr = BITS - next_random() % 70;

		plain[bit] = next_random() & 1;
		if (plain[bit])
			bitmap_set(map, bit);
		else
			bitmap_clear(map, bit);
		for (unsigned i = 0; i < nr; i++)
			count += plain[i];
		ck_assert_uint_eq(bitmap_test(map, bit), plain[bit]);
		ck_assert_uint_eq(bitmap_find_set(map, nr, MIN(from, nr)),
				  plain_find(plain, nr, MIN(from, nr), true));
		ck_assert_uint_eq(bitmap_find_clear(map, nr, MIN(from, nr)),
				  plain_find(plain, nr, MIN(from, nr), false));
		ck_assert_uint_eq(bitmap_count(map, nr), count);
	}
}
END_TEST

START_TEST(bounds)
{
	u64 full[2] = { ~0ull, ~0ull }, empty[2] = { 0, 0 };

	ck_assert_uint_eq(bitmap_find_clear(full, 128, 0), 128);
	ck_assert_uint_eq(bitmap_find_clear(full, 100, 0), 100);
	ck_assert_uint_eq(bitmap_find_set(empty, 128, 127), 128);
	ck_assert_uint_eq(bitmap_find_set(full, 65, 64), 64);
	ck_assert_uint_eq(bitmap_find_set(full, 64, 64), 64);
	ck_assert_uint_eq(bitmap_find_set(empty, 0, 0), 0);
}
END_TEST

START_TEST(words)
{
	ck_assert_uint_eq(lowest_bit(0x8000000000000000ull), 63);
	ck_assert_uint_eq(highest_bit(1), 0);
	ck_assert_uint_eq(highest_bit(0x8000000000000001ull), 63);
	ck_assert_uint_eq(count_bits(~0ull), 64);
	ck_assert_uint_eq(count_bits(0), 0);
}
END_TEST

START_TEST(atomic_bits)
{
	_Atomic u64 map[2] = { 0, 0 };

	ck_assert(!atomic_bit_set(map, 70));
	ck_assert(atomic_bit_set(map, 70));
	ck_assert(atomic_bit_test(map, 70));
	ck_assert(!atomic_bit_test(map, 6));
	ck_assert(atomic_bit_clear(map, 70));
	ck_assert(!atomic_bit_clear(map, 70));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("bitmap");
	TCase *t = tcase_create("bitmap");

	tcase_add_test(t, agrees_with_bools);
	tcase_add_test(t, bounds);
	tcase_add_test(t, words);
	tcase_add_test(t, atomic_bits);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
