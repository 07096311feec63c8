/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's memory and string functions, against the host's, at every alignment. */
#include <stdlib.h>
#include <string.h>
#include "tests/host/check_main.h"

void *minios_memcpy(void *dst, const void *src, size_t n);
void *minios_memmove(void *dst, const void *src, size_t n);
void *minios_memset(void *dst, int c, size_t n);
int minios_memcmp(const void *a, const void *b, size_t n);
size_t minios_strlen(const char *s);
int minios_strcmp(const char *a, const char *b);
int minios_strncmp(const char *a, const char *b, size_t n);

#define SIZE 96

static unsigned char ours[SIZE], theirs[SIZE], source[SIZE];

static void fill(void)
{
	for (int i = 0; i < SIZE; i++) {
		ours[i] = theirs[i] = i;
		source[i] = 200 - i;
	}
}

START_TEST(copies)
{
	size_t to, from, n;

	for (to = 0; to < 9; to++)
		for (from = 0; from < 9; from++)
			for (n = 0; n < 40; n++) {
				fill();
				memcpy(theirs + to, source + from, n);
				minios_memcpy(ours + to, source + from, n);
				ck_assert(!memcmp(ours, theirs, SIZE));
			}
}
END_TEST

START_TEST(overlapping)
{
	size_t to, from, n;

	for (to = 0; to < 30; to++)
		for (from = 0; from < 30; from++)
			for (n = 0; n < 40; n++) {
				fill();
				memmove(theirs + to, theirs + from, n);
				minios_memmove(ours + to, ours + from, n);
				ck_assert(!memcmp(ours, theirs, SIZE));
			}
}
END_TEST

START_TEST(results)
{
	ck_assert_ptr_eq(minios_memcpy(ours, source, 9), ours);
	ck_assert_ptr_eq(minios_memmove(ours + 1, ours, 9), ours + 1);
	ck_assert_ptr_eq(minios_memmove(ours, ours + 1, 9), ours);
}
END_TEST

START_TEST(fills)
{
	size_t to, n;

	for (to = 0; to < 9; to++)
		for (n = 0; n < 40; n++) {
			fill();
			memset(theirs + to, 0x1a5, n);
			ck_assert_ptr_eq(minios_memset(ours + to, 0x1a5, n), ours + to);
			ck_assert(!memcmp(ours, theirs, SIZE));
		}
}
END_TEST

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

START_TEST(comparisons)
{
	static const char *const words[] = { "", "a", "ab", "abc", "abd", "b", "\xff", "a\xff" };
	size_t i, k, n;

	for (i = 0; i < 8; i++) {
		ck_assert_uint_eq(minios_strlen(words[i]), strlen(words[i]));
		for (k = 0; k < 8; k++) {
			ck_assert_int_eq(sign(minios_strcmp(words[i], words[k])),
					 sign(strcmp(words[i], words[k])));
			for (n = 0; n < 5; n++)
				ck_assert_int_eq(sign(minios_strncmp(words[i], words[k], n)),
						 sign(strncmp(words[i], words[k], n)));
		}
	}
	ck_assert_int_gt(minios_memcmp("a\0c", "a\0b", 3), 0);
	ck_assert_int_lt(minios_memcmp("a\0\x7f", "a\0\x80", 3), 0);
	ck_assert_int_eq(minios_memcmp("abc", "abd", 2), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("minios_string");
	TCase *t = tcase_create("string");

	tcase_add_test(t, copies);
	tcase_add_test(t, overlapping);
	tcase_add_test(t, results);
	tcase_add_test(t, fills);
	tcase_add_test(t, comparisons);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
