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
	SAME("%d %u", -2147483647 - 1, 4294967295u);
	SAME("%ld %lu", -9223372036854775807l - 1, 18446744073709551615ul);
	SAME("%x %#x %#x %lx", 48879, 255, 0, 0xffff828000000000ul);
	SAME("%zu", (size_t)7);
}
END_TEST

START_TEST(fields)
{
	SAME("[%5d][%05d][%3u]", 42, -42, 12345);
	SAME("[%08x][%#010x][%#6lx]", 0xabc, 0xabc, 0xabcul);
	SAME("[%*d][%0*lx][%*s]", 6, 1, 6, 2ul, 5, "x");
	SAME("[%2d]", 12345);
	SAME("%016lx", 0xffff828000000000ul);
}
END_TEST

START_TEST(strings)
{
	SAME("%s|%10s|%2s", "abc", "abc", "abc");
	SAME("%c%c%5c|", 'a', 'b', 'c');
	SAME("100%%");
	SAME("plain");
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
	format(buf, sizeof(buf), "end%08l");
	ck_assert_str_eq(buf, "end");
	format(buf, sizeof(buf), "a%-4d", 1);
	ck_assert_str_eq(buf, "a%?4d");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("print");
	TCase *t = tcase_create("print");

	tcase_add_test(t, integers);
	tcase_add_test(t, fields);
	tcase_add_test(t, strings);
	tcase_add_test(t, pointers_and_null);
	tcase_add_test(t, truncation);
	tcase_add_test(t, broken_formats);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
