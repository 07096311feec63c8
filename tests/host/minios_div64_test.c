/* SPDX-License-Identifier: GPL-2.0-only */
/* 64-bit division as i386 does it, against the host's. */
#include <stdint.h>
#include "tests/host/check_main.h"

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rem);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int64_t __divmoddi4(int64_t n, int64_t d, int64_t *rem);
int64_t __divdi3(int64_t n, int64_t d);
int64_t __moddi3(int64_t n, int64_t d);

static void check_pair(uint64_t n, uint64_t d)
{
	uint64_t rem;
	int64_t srem;

	if (!d)
		return;
	ck_assert_uint_eq(__udivmoddi4(n, d, &rem), n / d);
	ck_assert_uint_eq(rem, n % d);
	ck_assert_uint_eq(__udivdi3(n, d), n / d);
	ck_assert_uint_eq(__umoddi3(n, d), n % d);
	/* The one quotient that does not fit. */
	if ((int64_t)n == INT64_MIN && (int64_t)d == -1)
		return;
	ck_assert_int_eq(__divmoddi4(n, d, &srem), (int64_t)n / (int64_t)d);
	ck_assert_int_eq(srem, (int64_t)n % (int64_t)d);
	ck_assert_int_eq(__divdi3(n, d), (int64_t)n / (int64_t)d);
	ck_assert_int_eq(__moddi3(n, d), (int64_t)n % (int64_t)d);
}

/* Every pair of numbers that lie at or beside a power of two. */
START_TEST(edges)
{
	int i, j, a, b;

	for (i = 0; i < 64; i++)
		for (j = 0; j < 64; j++)
			for (a = -2; a <= 2; a++)
				for (b = -2; b <= 2; b++)
					check_pair((1ull << i) + a, (1ull << j) + b);
}
END_TEST

static uint64_t next(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state ^ *state >> 29;
}

START_TEST(random_numbers)
{
	uint64_t state = 1;
	int i;

	for (i = 0; i < 300000; i++) {
		uint64_t n = next(&state) >> (next(&state) & 63);
		uint64_t d = next(&state) >> (next(&state) & 63);

		check_pair(n, d);
		/* Just below and at a multiple: where an estimate is one too large. */
		if (d) {
			check_pair(n / d * d, d);
			check_pair(n / d * d - 1, d);
		}
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("minios_div64");
	TCase *t = tcase_create("division");

	tcase_add_test(t, edges);
	tcase_add_test(t, random_numbers);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
