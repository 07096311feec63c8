/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/bitmap.h. */
#include "hypervisor/lib/bitmap.h"
#include "tests/host/check_main.h"

START_TEST(words)
{
	ck_assert_uint_eq(lowest_bit(0x8000000000000000ull), 63);
	ck_assert_uint_eq(lowest_bit(~0ull), 0);
	ck_assert_uint_eq(count_bits(~0ull), 64);
	ck_assert_uint_eq(count_bits(0), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("bitmap");
	TCase *t = tcase_create("bitmap");

	tcase_add_test(t, words);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
