/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/rangeset.c, against a plain array of bools, and without memory. */
#include "hypervisor/lib/rangeset.h"

#include <errno.h>

#include "tests/host/check_main.h"

#define MEMBERS 64

static int allocations_left = -1;	/* -1: no limit */

static void *test_alloc(size_t size)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return calloc(1, size);
}

static void check_shape(const struct rangeset *set)
{
	for (u32 i = 0; i < set->nr; i++) {
		ck_assert_uint_le(set->ranges[i].start, set->ranges[i].last);
		if (i)
			ck_assert_uint_gt(set->ranges[i].start, set->ranges[i - 1].last + 1);
	}
}

static void check_members(const struct rangeset *set, const bool *plain)
{
	for (u64 a = 0; a < MEMBERS; a++) {
		bool all = true;

		for (u64 b = a; b < MEMBERS; b++) {
			all &= plain[b];
			ck_assert_uint_eq(rangeset_contains(set, a, b), all);
		}
	}
}

START_TEST(agrees_with_bools)
{
	struct rangeset *set = rangeset_new(test_alloc, free);
	bool plain[MEMBERS] = { 0 };
	unsigned seed = 12345;

	for (int round = 0; round < 300; round++) {
		u64 a, b;
		bool add;

		seed = seed * 1103515245 + 12345;
		a = seed >> 16 & (MEMBERS - 1);
		b = MIN(a + (seed >> 24 & 15), (u64)MEMBERS - 1);
		add = seed >> 30 & 1;
		ck_assert_int_eq(add ? rangeset_add(set, a, b) : rangeset_remove(set, a, b), 0);
		for (u64 i = a; i <= b; i++)
			plain[i] = add;
		check_shape(set);
		check_members(set, plain);
	}
	rangeset_delete(set);
}
END_TEST

START_TEST(ends_of_the_number_line)
{
	struct rangeset set;

	rangeset_init(&set, test_alloc, free);
	ck_assert_int_eq(rangeset_add(&set, ~0ull, ~0ull), 0);
	ck_assert_int_eq(rangeset_add(&set, 0, 0), 0);
	ck_assert(rangeset_contains(&set, ~0ull, ~0ull));
	ck_assert(!rangeset_contains(&set, 0, ~0ull));
	ck_assert_int_eq(rangeset_add(&set, 1, ~0ull - 1), 0);
	ck_assert_uint_eq(set.nr, 1);
	ck_assert_int_eq(rangeset_remove(&set, 0, 0), 0);
	ck_assert_int_eq(rangeset_remove(&set, ~0ull, ~0ull), 0);
	ck_assert(rangeset_contains(&set, 1, ~0ull - 1));
	ck_assert_int_eq(rangeset_add(&set, 5, 4), -EINVAL);
	ck_assert_int_eq(rangeset_remove(&set, 5, 4), -EINVAL);
	rangeset_clear(&set);
	ck_assert_uint_eq(set.nr, 0);
}
END_TEST

START_TEST(null_set_is_empty)
{
	ck_assert(!rangeset_contains(NULL, 0, 0));
	rangeset_delete(NULL);
}
END_TEST

/* A failure leaves the set as it was. */
START_TEST(out_of_memory)
{
	struct rangeset set;

	rangeset_init(&set, test_alloc, free);
	allocations_left = 1;
	for (u64 i = 0; i < 4; i++)
		ck_assert_int_eq(rangeset_add(&set, i * 10, i * 10 + 5), 0);
	ck_assert_int_eq(rangeset_add(&set, 100, 100), -ENOMEM);
	ck_assert_int_eq(rangeset_remove(&set, 2, 3), -ENOMEM);
	ck_assert_uint_eq(set.nr, 4);
	ck_assert(rangeset_contains(&set, 0, 5));
	allocations_left = -1;
	ck_assert_int_eq(rangeset_add(&set, 100, 100), 0);
	rangeset_clear(&set);
	allocations_left = 0;
	ck_assert_ptr_null(rangeset_new(test_alloc, free));
	allocations_left = -1;
}
END_TEST

START_TEST(fixed_storage)
{
	struct range storage[2];
	struct rangeset set;

	rangeset_init_fixed(&set, storage, 2);
	ck_assert_int_eq(rangeset_add(&set, 0, 9), 0);
	ck_assert_int_eq(rangeset_remove(&set, 4, 5), 0);
	ck_assert_uint_eq(set.nr, 2);
	ck_assert_int_eq(rangeset_add(&set, 100, 100), -ENOMEM);
	ck_assert(rangeset_contains(&set, 6, 9));
	rangeset_clear(&set);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rangeset");
	TCase *t = tcase_create("rangeset");

	tcase_add_test(t, agrees_with_bools);
	tcase_add_test(t, ends_of_the_number_line);
	tcase_add_test(t, null_set_is_empty);
	tcase_add_test(t, out_of_memory);
	tcase_add_test(t, fixed_storage);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
