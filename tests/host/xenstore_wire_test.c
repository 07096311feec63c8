/* SPDX-License-Identifier: GPL-2.0-only */
/* Strings, numbers, errors, paths and permissions as they stand on the wire. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "xenstore-lite/path.h"
#include "xenstore-lite/perms.h"
#include "xenstore-lite/wire.h"

START_TEST(test_errors)
{
	ck_assert_str_eq(wire_error_name(ENOENT), "ENOENT");
	ck_assert_str_eq(wire_error_name(E2BIG), "E2BIG");
	ck_assert_str_eq(wire_error_name(EDOM), "EINVAL");
	ck_assert_int_eq(wire_error_number("EAGAIN"), EAGAIN);
	ck_assert_int_eq(wire_error_number("ENOTHING"), EIO);
}
END_TEST

START_TEST(test_split)
{
	const char *string[2];
	size_t rest;

	ck_assert_uint_eq(wire_split("", 0, string, 2, &rest), 0);
	ck_assert_uint_eq(rest, 0);
	ck_assert_uint_eq(wire_split("abc", 3, string, 2, &rest), 0);
	ck_assert_uint_eq(wire_split("ab\0cd\0ef", 8, string, 2, &rest), 2);
	ck_assert_str_eq(string[1], "cd");
	ck_assert_uint_eq(rest, 6);
	ck_assert_uint_eq(wire_split("a\0b\0c\0", 6, string, 2, &rest), 3);
	ck_assert_uint_eq(rest, 4);
	ck_assert_uint_eq(wire_count_strings("\0\0", 2), 2);
}
END_TEST

START_TEST(test_numbers)
{
	uint64_t number = 7;

	ck_assert(wire_number("0", 0, &number) && number == 0);
	ck_assert(wire_number("65535", 65535, &number) && number == 65535);
	ck_assert(wire_number("18446744073709551615", UINT64_MAX, &number) && number == UINT64_MAX);
	ck_assert(!wire_number("65536", 65535, &number));
	ck_assert(!wire_number("18446744073709551616", UINT64_MAX, &number));
	ck_assert(!wire_number("9", 5, &number));
	ck_assert(!wire_number("", 5, &number));
	ck_assert(!wire_number("-1", 5, &number));
	ck_assert(!wire_number("1x", 100, &number));
	ck_assert(!wire_number(" 1", 100, &number));
}
END_TEST

START_TEST(test_paths)
{
	static const char *const good[] = {"/", "/a", "/a/b-c_d@e/9", "/@"};
	static const char *const bad[] = {"", "a", "/a/", "//", "/a//b",
					  "/a b", "/a+b", "/\xc3\xa4", "@a"};
	char path[PATH_MAX_ABSOLUTE + 3];
	unsigned int i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(path_valid(good[i]), "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!path_valid(bad[i]), "%s", bad[i]);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[PATH_MAX_ABSOLUTE] = 0;
	ck_assert(path_valid(path));
	path[PATH_MAX_ABSOLUTE] = 'x';
	path[PATH_MAX_ABSOLUTE + 1] = 0;
	ck_assert(!path_valid(path));
	ck_assert(path_valid_special("@releaseDomain"));
	ck_assert(path_valid_special("@releaseDomain/7"));
	ck_assert(!path_valid_special("@"
				      "releaseDomain/"));
	ck_assert(!path_valid_special("/a"));
}
END_TEST

START_TEST(test_resolve)
{
	char out[PATH_MAX_ABSOLUTE + 1], longest[PATH_MAX_ABSOLUTE + 2];

	ck_assert(path_resolve("/local/domain/3", "a/b", out));
	ck_assert_str_eq(out, "/local/domain/3/a/b");
	ck_assert(path_resolve("/local/domain/3", "/a", out));
	ck_assert_str_eq(out, "/a");
	ck_assert(path_resolve("/local/domain/3", "@x", out));
	ck_assert_str_eq(out, "@x");
	ck_assert(path_resolve("", "a", out));
	ck_assert_str_eq(out, "/a");
	memset(longest, 'x', sizeof(longest));
	longest[PATH_MAX_RELATIVE] = 0;
	ck_assert(path_resolve("/local/domain/3", longest, out));
	longest[PATH_MAX_RELATIVE] = 'x';
	longest[PATH_MAX_RELATIVE + 1] = 0;
	ck_assert(!path_resolve("/local/domain/3", longest, out));
}
END_TEST

START_TEST(test_parts)
{
	const char *path = "/a/bc", *part;

	ck_assert_uint_eq(path_next(&path, &part), 1);
	ck_assert_uint_eq(path_next(&path, &part), 2);
	ck_assert_str_eq(part, "bc");
	ck_assert_uint_eq(path_next(&path, &part), 0);
	path = "/";
	ck_assert_uint_eq(path_next(&path, &part), 0);
	ck_assert_uint_eq(path_parent_len("/a"), 1);
	ck_assert_uint_eq(path_parent_len("/a/b"), 2);
	ck_assert(path_is_below("/a/b", "/a", 2));
	ck_assert(path_is_below("/a", "/a", 2));
	ck_assert(!path_is_below("/ab", "/a", 2));
	ck_assert(path_is_below("/ab", "/", 1));
}
END_TEST

START_TEST(test_perm_text)
{
	static const char *const bad[] = {"", "r", "x1", "r-1",
					  "r65535", "r99999999999", "1", "r1 "};
	struct perm perm;
	char text[8];
	unsigned int i;

	ck_assert(perm_parse("b32751", &perm));
	ck_assert_uint_eq(perm.domid, 32751);
	ck_assert_uint_eq(perm.access, PERM_READ | PERM_WRITE);
	ck_assert(perm_format(&perm, text, sizeof(text)));
	ck_assert_str_eq(text, "b32751");
	ck_assert(!perm_format(&perm, text, 6));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!perm_parse(bad[i], &perm), "%s", bad[i]);
}
END_TEST

START_TEST(test_perm_sets)
{
	static const struct perm list[] = {{5, PERM_NONE}, {6, PERM_READ}, {7, PERM_WRITE}};
	static const struct perm others[] = {{5, PERM_READ}, {6, PERM_NONE}};
	static struct accounts accounts;
	static struct perms_table table;
	struct perms *a, *b, *c;
	struct account *heir;

	accounts_init(&accounts);
	heir = account_get(&accounts, 0);
	perms_table_init(&table, &accounts);
	a = perms_get(&table, list, 3);
	b = perms_get(&table, list, 3);
	c = perms_get(&table, others, 2);
	ck_assert_ptr_eq(a, b);
	ck_assert_ptr_ne(a, c);
	ck_assert_uint_eq(perms_access(a, 5, PERM_NOBODY), PERM_ALL);
	ck_assert_uint_eq(perms_access(a, 6, PERM_NOBODY), PERM_READ);
	ck_assert_uint_eq(perms_access(a, 8, PERM_NOBODY), PERM_NONE);
	ck_assert_uint_eq(perms_access(a, 8, 7), PERM_WRITE);
	ck_assert_uint_eq(perms_access(a, 8, 5), PERM_ALL);
	ck_assert_uint_eq(perms_access(c, 6, PERM_NOBODY), PERM_NONE);
	ck_assert_uint_eq(perms_access(c, 9, PERM_NOBODY), PERM_READ);

	a->owner->nodes = 4;
	perms_forget_domain(&table, 5, heir);
	ck_assert_ptr_eq(a->owner, heir);
	ck_assert_ptr_null(account_find(&accounts, 5));
	ck_assert_uint_eq(a->owner->nodes, 4);
	ck_assert_uint_eq(perms_access(a, 5, PERM_NOBODY), PERM_NONE);
	perms_forget_domain(&table, 6, heir);
	ck_assert_uint_eq(perms_access(a, 6, PERM_NOBODY), PERM_NONE);
	/* Everybody else's part of the set is for new domains too. */
	ck_assert_uint_eq(perms_access(c, 6, PERM_NOBODY), PERM_READ);
	perms_put(a);
	perms_put(b);
	perms_put(c);
	account_put(&accounts, heir);
	ck_assert_uint_eq(table.count, 0);
	ck_assert_uint_eq(accounts.count, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore wire");
	TCase *tc = tcase_create("wire");

	tcase_add_test(tc, test_errors);
	tcase_add_test(tc, test_split);
	tcase_add_test(tc, test_numbers);
	tcase_add_test(tc, test_paths);
	tcase_add_test(tc, test_resolve);
	tcase_add_test(tc, test_parts);
	tcase_add_test(tc, test_perm_text);
	tcase_add_test(tc, test_perm_sets);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
