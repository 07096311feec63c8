/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's formatter, against the host's printf. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <minios/printk.h>
#include "tests/host/check_main.h"

#define SAME(...)                                                       \
	do {                                                            \
		char ours[128], theirs[128];                            \
		int a = format(ours, sizeof(ours), __VA_ARGS__);        \
		int b = snprintf(theirs, sizeof(theirs), __VA_ARGS__);  \
		ck_assert_str_eq(ours, theirs);                         \
		ck_assert_int_eq(a, b);                                 \
	} while (0)

START_TEST(numbers)
{
	SAME("%d %i %u", -1, INT_MIN, UINT_MAX);
	SAME("%x %X %08x|%-8x|%8x", 0xabcu, 0xDEFu, 0x12u, 0x12u, 0x12u);
	SAME("%ld %lu %lx", LONG_MIN, ULONG_MAX, 0x123456789abcdefl);
	SAME("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, 0ull);
	SAME("%zu %5d|%-5d|%05d", (size_t)7, -42, -42, -42);
	SAME("%*d|%-*d|", 6, 1, 6, 2);
	SAME("%d", 0);
}
END_TEST

START_TEST(strings)
{
	SAME("%s|%10s|%-10s|%.2s|%.*s", "abc", "abc", "abc", "abc", 1, "abc");
	SAME("%c%c %%", 'x', 'y');
	SAME("plain");
}
END_TEST

START_TEST(bounds)
{
	char buf[8] = "#######";

	ck_assert_int_eq(format(buf, 4, "%s", "abcdef"), 6);
	ck_assert_str_eq(buf, "abc");
	ck_assert_int_eq(buf[4], '#');
	ck_assert_int_eq(format(buf, 0, "%d", 12345), 5);
	ck_assert_int_eq(buf[0], 'a');
	/* A width no buffer holds is counted, not written. */
	ck_assert_int_eq(format(buf, sizeof(buf), "%100000d", 1), 100000);
	ck_assert_int_eq(strlen(buf), 7);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("minios_format");
	TCase *t = tcase_create("format");

	tcase_add_test(t, numbers);
	tcase_add_test(t, strings);
	tcase_add_test(t, bounds);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
