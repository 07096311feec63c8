/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/print.c: what it formats is what the C library formats, within what it promises. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hypervisor/lib/print.h"
#include "tests/host/check_main.h"

/* Both format the same arguments; the texts and the lengths must agree. */
#define SAME(...)								\
	do {									\
		char ours[300], theirs[300];					\
		int n = snprint(ours, sizeof(ours), __VA_ARGS__);		\
		int m = snprintf(theirs, sizeof(theirs), __VA_ARGS__);		\
		ck_assert_str_eq(ours, theirs);					\
		ck_assert_int_eq(n, m);						\
	} while (0)

START_TEST(integers)
{
	SAME("%d %d %d", 0, -1, 2147483647);
	SAME("%i %u", -2147483647 - 1, 4294967295u);
	SAME("%ld %lu", -9223372036854775807l - 1, 18446744073709551615ul);
	SAME("%lld %llx", -1ll, 0xdeadbeefcafell);
	SAME("%hd %hhd", (short)-3, (signed char)-4);
	SAME("%hu %hhu", (unsigned short)65535, (unsigned char)255);
	SAME("%x %X %#x %#X %#x", 48879, 48879, 255, 255, 0);
	SAME("%o %#o", 8, 8);
	SAME("%zu %jd %td", (size_t)7, (intmax_t)-7, (ptrdiff_t)9);
}
END_TEST

START_TEST(fields)
{
	SAME("[%5d][%-5d][%05d][%+d][% d]", 42, 42, -42, 42, 42);
	SAME("[%08x][%-8x][%#010x]", 0xabc, 0xabc, 0xabc);
	SAME("[%.3d][%8.3d][%-8.3d]", 7, 7, -7);
	SAME("[%*d][%-*d][%*d]", 6, 1, 6, 2, -6, 3);
	SAME("[%.*x]", 4, 0xb);
	SAME("[%.0d]", 0);
	SAME("[%2d]", 12345);
	SAME("%016lx", 0xffff828000000000ul);
}
END_TEST

START_TEST(strings)
{
	SAME("%s|%10s|%-10s|%.2s|%*s", "abc", "abc", "abc", "abc", 5, "x");
	SAME("%c%c%5c|%-3c|", 'a', 'b', 'c', 'd');
	SAME("100%%");
	SAME("plain");
}
END_TEST

/* Not terminated: precision must be enough to stop. */
START_TEST(precision_bounds_strings)
{
	char raw[3] = { 'x', 'y', 'z' }, buf[16];

	snprint(buf, sizeof(buf), "%.3s", raw);
	ck_assert_str_eq(buf, "xyz");
}
END_TEST

START_TEST(pointers_and_null)
{
	char buf[40];
	const char *volatile none = NULL;

	snprint(buf, sizeof(buf), "%p", (void *)0x1234);
	ck_assert_str_eq(buf, "0x1234");
	snprint(buf, sizeof(buf), "%s", none);
	ck_assert_str_eq(buf, "(null)");
}
END_TEST

static int format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprint(buf, size, fmt, args);
	va_end(args);
	return n;
}

START_TEST(truncation)
{
	char buf[8];

	memset(buf, 'z', sizeof(buf));
	ck_assert_int_eq(format(buf, 4, "%s", "abcdef"), 6);
	ck_assert_str_eq(buf, "abc");
	ck_assert_int_eq(buf[4], 'z');
	ck_assert_int_eq(format(buf, 1, "%d", 12), 2);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(format(NULL, 0, "%s", "abc"), 3);
	ck_assert_int_eq(format(buf, sizeof(buf), "%99999999999d", 1), 4096);
}
END_TEST

/* What is not ours is shown and eats nothing beyond the format. */
START_TEST(broken_formats)
{
	char buf[32];

	format(buf, sizeof(buf), "a%qb");
	ck_assert_str_eq(buf, "a%?b");
	format(buf, sizeof(buf), "end%");
	ck_assert_str_eq(buf, "end");
	format(buf, sizeof(buf), "end%-08l");
	ck_assert_str_eq(buf, "end");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("print");
	TCase *t = tcase_create("print");

	tcase_add_test(t, integers);
	tcase_add_test(t, fields);
	tcase_add_test(t, strings);
	tcase_add_test(t, precision_bounds_strings);
	tcase_add_test(t, pointers_and_null);
	tcase_add_test(t, truncation);
	tcase_add_test(t, broken_formats);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
