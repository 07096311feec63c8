/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/memory.c, cstring.c and string.c, under other names beside the C library's. */
#include <string.h>
#include <stdlib.h>

#define memcpy	hv_memcpy
#define memmove	hv_memmove
#define memset	hv_memset
#define memcmp	hv_memcmp
#define strlen	hv_strlen
#define strnlen	hv_strnlen
#define strcmp	hv_strcmp
#define strncmp	hv_strncmp
#define strchr	hv_strchr
#define strstr	hv_strstr

void *hv_memcpy(void *restrict dst, const void *restrict src, size_t len);
void *hv_memmove(void *dst, const void *src, size_t len);
void *hv_memset(void *dst, int byte, size_t len);
int hv_memcmp(const void *a, const void *b, size_t len);
size_t hv_strlen(const char *s);
size_t hv_strnlen(const char *s, size_t max);
int hv_strcmp(const char *a, const char *b);
int hv_strncmp(const char *a, const char *b, size_t max);
char *hv_strchr(const char *s, int c);
char *hv_strstr(const char *s, const char *what);

#include "hypervisor/lib/memory.c"
#include "hypervisor/lib/cstring.c"
#include "hypervisor/lib/string.c"

#include "tests/host/check_main.h"

/* Every length and alignment around the eight-byte steps, with guards on both sides. */
START_TEST(copies_and_fills)
{
	for (size_t len = 0; len < 40; len++)
		for (size_t at = 1; at < 9; at++) {
			u8 src[64], dst[64], want[64];

			for (size_t i = 0; i < sizeof(src); i++)
				src[i] = i * 7 + 1;
			(memset)(dst, 0xee, sizeof(dst));
			for (size_t i = 0; i < sizeof(want); i++)
				want[i] = i >= at && i < at + len ? src[i - at + 3] : 0xee;
			ck_assert_ptr_eq(memcpy(dst + at, src + 3, len), dst + at);
			ck_assert_int_eq(memcmp(dst, want, sizeof(want)), 0);
			memset(dst + at, 0x1a5, len);
			for (size_t i = 0; i < sizeof(dst); i++)
				ck_assert_uint_eq(dst[i], i >= at && i < at + len ? 0xa5 : 0xee);
		}
}
END_TEST

START_TEST(moves_overlap)
{
	for (size_t from = 0; from < 24; from++)
		for (size_t to = 0; to < 24; to++) {
			u8 a[48], b[48];

			for (size_t i = 0; i < sizeof(a); i++)
				a[i] = b[i] = i;
			memmove(a + to, a + from, 20);
			for (size_t i = 0; i < 20; i++)
				b[to + i] = from + i;
			ck_assert_int_eq(memcmp(a, b, sizeof(a)), 0);
		}
}
END_TEST

START_TEST(memory_comparisons)
{
	ck_assert_int_lt(memcmp("a\0b", "a\0c", 3), 0);
	ck_assert_int_gt(memcmp("\x80", "\x7f", 1), 0);
	ck_assert_int_eq(memcmp("x", "y", 0), 0);
}
END_TEST

START_TEST(lengths_and_comparisons)
{
	ck_assert_uint_eq(strlen(""), 0);
	ck_assert_uint_eq(strlen("abc"), 3);
	ck_assert_uint_eq(strnlen("abc", 2), 2);
	ck_assert_int_eq(strcmp("abc", "abc"), 0);
	ck_assert_int_lt(strcmp("ab", "abc"), 0);
	ck_assert_int_gt(strcmp("b", "abc"), 0);
	ck_assert_int_gt(strcmp("\xff", "a"), 0);
	ck_assert_int_eq(strncmp("abcd", "abce", 3), 0);
	ck_assert_int_eq(strncmp("a", "b", 0), 0);
}
END_TEST

START_TEST(searches)
{
	const char *s = "console=com1,vga";

	ck_assert_ptr_eq(strchr(s, '='), s + 7);
	ck_assert_ptr_eq(strchr(s, '\0'), s + 16);
	ck_assert_ptr_null(strchr(s, 'z'));
	ck_assert_ptr_eq(strstr(s, "com"), s + 8);
	ck_assert_ptr_eq(strstr(s, ""), s);
	ck_assert_ptr_null(strstr(s, "vgaa"));
}
END_TEST

START_TEST(copies_stay_in_bounds)
{
	char buf[5] = "zzzz";

	ck_assert_uint_eq(str_copy(buf, "abcdefgh", sizeof(buf)), 8);
	ck_assert_str_eq(buf, "abcd");
	ck_assert_uint_eq(str_copy(buf, "x", 0), 1);
	ck_assert_str_eq(buf, "abcd");
}
END_TEST

START_TEST(prefixes)
{
	ck_assert(str_starts("dom0_mem", "dom0"));
	ck_assert(!str_starts("do", "dom0"));
}
END_TEST

START_TEST(numbers)
{
	const char *end;

	ck_assert_uint_eq(str_to_u64("123x", &end, 0), 123);
	ck_assert_str_eq(end, "x");
	ck_assert_uint_eq(str_to_u64("0x1F", NULL, 0), 31);
	ck_assert_uint_eq(str_to_u64("017", NULL, 0), 15);
	ck_assert_uint_eq(str_to_u64("0xg", &end, 0), 0);
	ck_assert_str_eq(end, "xg");
	ck_assert_uint_eq(str_to_u64("ff", NULL, 16), 255);
	ck_assert_uint_eq(str_to_u64("18446744073709551615", NULL, 10), ~0ull);
	ck_assert_uint_eq(str_to_u64("18446744073709551616", NULL, 10), ~0ull);
	ck_assert_uint_eq(str_to_u64("999999999999999999999999", NULL, 10), ~0ull);
	str_to_u64("", &end, 0);
	ck_assert_str_eq(end, "");
}
END_TEST

START_TEST(sizes)
{
	const char *end;

	ck_assert_uint_eq(str_to_size("128M", &end, 1024), 128ull << 20);
	ck_assert_str_eq(end, "");
	ck_assert_uint_eq(str_to_size("2g", NULL, 1), 2ull << 30);
	ck_assert_uint_eq(str_to_size("7", NULL, 1024), 7 * 1024);
	ck_assert_uint_eq(str_to_size("7b", NULL, 1024), 7);
	ck_assert_uint_eq(str_to_size("4k,", &end, 1), 4096);
	ck_assert_str_eq(end, ",");
	str_to_size("M", &end, 1);
	ck_assert_str_eq(end, "M");
	ck_assert_uint_eq(str_to_size("99999999999T", NULL, 1), ~0ull);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("string");
	TCase *t = tcase_create("string");

	tcase_add_test(t, copies_and_fills);
	tcase_add_test(t, moves_overlap);
	tcase_add_test(t, memory_comparisons);
	tcase_add_test(t, lengths_and_comparisons);
	tcase_add_test(t, searches);
	tcase_add_test(t, copies_stay_in_bounds);
	tcase_add_test(t, prefixes);
	tcase_add_test(t, numbers);
	tcase_add_test(t, sizes);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
