/* SPDX-License-Identifier: GPL-2.0-only */
/* What each request does, and refuses to do. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tests/host/xenstore_harness.h"

static struct server server;
static struct connection *dom0, *one, *two;

static void set_up(void)
{
	harness_start_server(&server);
	dom0 = harness_client(&server, 0);
	one = harness_client(&server, 1);
	two = harness_client(&server, 2);
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/local/domain/1"), 0);
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/local/domain/2"), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/local/domain/1", "n1", NULL), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/local/domain/2", "n2", NULL), 0);
}

static void tear_down(void)
{
	harness_stop_server(&server);
}

/* The answer's strings as one text with commas. */
static const char *listing(const struct answer *answer)
{
	static char text[2 * XENSTORE_PAYLOAD_MAX];
	size_t i;

	memcpy(text, answer->data, answer->len + 1);
	for (i = 0; i + 1 < answer->len; i++)
		if (!text[i])
			text[i] = ',';
	return text;
}

static const char *list(struct connection *client, const char *path)
{
	return listing(harness_say(client, XS_DIRECTORY, 0, path, NULL));
}

static const char *perms_of(struct connection *client, const char *path)
{
	return listing(harness_say(client, XS_GET_PERMS, 0, path, NULL));
}

START_TEST(test_read_and_write)
{
	ck_assert_str_eq(harness_read(dom0, 0, "/a"), "ENOENT");
	ck_assert_int_eq(harness_write(dom0, 0, "/a/b/c", "v"), 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/a/b/c"), "v");
	ck_assert_str_eq(harness_read(dom0, 0, "/a/b"), "");
	ck_assert_int_eq(harness_write(dom0, 0, "/a/b/c", "longer"), 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/a/b/c"), "longer");
	ck_assert_int_eq(harness_write(dom0, 0, "/a/b/c", "rehash"), 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/a/b/c"), "rehash");
	ck_assert_str_eq(list(dom0, "/"), "a,local,tool");
	ck_assert_int_eq(harness_write(dom0, 0, "/", "root"), 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/"), "root");
}
END_TEST

START_TEST(test_binary_values)
{
	const struct answer *answer;

	harness_ask(dom0, XS_WRITE, 0, "/bin\0a\0b\0", 9);
	answer = harness_say(dom0, XS_READ, 0, "/bin", NULL);
	ck_assert_uint_eq(answer->len, 4);
	ck_assert_mem_eq(answer->data, "a\0b\0", 4);
}
END_TEST

START_TEST(test_bad_paths)
{
	static const char *const bad[] = {"", "/a/", "//a", "/a b", "@introduceDomain", "/a//b"};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_str_eq(harness_read(dom0, 0, bad[i]), "EINVAL");
		ck_assert_int_eq(harness_write(dom0, 0, bad[i], "v"), EINVAL);
		ck_assert_int_eq(harness_mkdir(dom0, 0, bad[i]), EINVAL);
		ck_assert_int_eq(harness_rm(dom0, 0, bad[i]), EINVAL);
	}
}
END_TEST

START_TEST(test_bad_payloads)
{
	/* No nul, two strings, bytes behind the nul. */
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_READ, 0, "/a", 2)), EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_READ, 0, "/a\0b\0", 5)), EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_READ, 0, "/a\0b", 4)), EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_READ, 0, "", 0)), EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_WRITE, 0, "/a", 2)), EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_SET_PERMS, 0, "/local\0", 7)), EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_WATCH, 0, "/a\0", 3)), EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_INTRODUCE, 0, "1\0", 2)), EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_TRANSACTION_END, 0, "X\0", 2)), EINVAL);
}
END_TEST

/* Kinds that are no requests, that are no longer, and that never were. */
START_TEST(test_unknown_kinds)
{
	static const uint32_t kinds[] = {XS_WATCH_EVENT, XS_ERROR, XS_SET_TARGET + 1, 27, 1000,
					 XS_INVALID, 0xffffffff};
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		ck_assert_int_eq(harness_error(harness_ask(dom0, kinds[i], 0, "5\0", 2)), ENOSYS);
}
END_TEST

START_TEST(test_mkdir_and_rm)
{
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/d/e"), 0);
	ck_assert_int_eq(harness_write(dom0, 0, "/d/e", "v"), 0);
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/d/e"), 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/d/e"), "v");
	ck_assert_int_eq(harness_rm(dom0, 0, "/d/x"), 0);
	ck_assert_int_eq(harness_rm(dom0, 0, "/d/x/y"), ENOENT);
	ck_assert_int_eq(harness_rm(dom0, 0, "/"), EINVAL);
	ck_assert_int_eq(harness_rm(dom0, 0, "/d"), 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/d/e"), "ENOENT");
	ck_assert_str_eq(list(dom0, "/"), "local,tool");
}
END_TEST

/* As many parts as a path can have: nothing in the store may recurse over them. */
START_TEST(test_deep)
{
	char path[PATH_MAX_ABSOLUTE + 1];
	unsigned int i;

	for (i = 0; i < PATH_MAX_ABSOLUTE; i += 2)
		memcpy(path + i, "/x", 2);
	path[PATH_MAX_ABSOLUTE] = 0;
	ck_assert_int_eq(harness_write(dom0, 0, path, "deep"), 0);
	ck_assert_int_eq(harness_watch(dom0, path, "t"), 0);
	ck_assert_str_eq(harness_read(dom0, 0, path), "deep");
	harness_events(dom0);
	ck_assert_int_eq(harness_rm(dom0, 0, "/x"), 0);
	ck_assert_uint_eq(strlen(harness_events(dom0)), PATH_MAX_ABSOLUTE + 2);
	ck_assert_str_eq(harness_read(dom0, 0, path), "ENOENT");
	harness_settle(&server);
}
END_TEST

START_TEST(test_directory_parts)
{
	static char all[40000];
	const struct answer *answer;
	char path[32], generation[24];
	size_t offset = 0, skip;
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		sprintf(path, "/many/child-%04u", i);
		ck_assert_int_eq(harness_write(dom0, 0, path, ""), 0);
	}
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_DIRECTORY, 0, "/many", NULL)), E2BIG);
	do {
		sprintf(path, "%zu", offset);
		answer = harness_say(dom0, XS_DIRECTORY_PART, 0, "/many", path, NULL);
		ck_assert_uint_eq(answer->type, XS_DIRECTORY_PART);
		if (!offset)
			strcpy(generation, answer->data);
		ck_assert_str_eq(answer->data, generation);
		skip = strlen(generation) + 1;
		memcpy(all + offset, answer->data + skip, answer->len - skip);
		offset += answer->len - skip;
	} while (all[offset - 2]);
	ck_assert_uint_eq(offset, 3000 * 11 + 1);
	for (i = 0; i < 3000; i++) {
		sprintf(path, "child-%04u", i);
		ck_assert_str_eq(all + i * 11, path);
	}
	harness_rm(dom0, 0, "/many/child-0000");
	answer = harness_say(dom0, XS_DIRECTORY_PART, 0, "/many", "0", NULL);
	ck_assert_str_ne(answer->data, generation);
	answer = harness_say(dom0, XS_DIRECTORY_PART, 0, "/many", "99999999", NULL);
	ck_assert_uint_eq(answer->len, strlen(answer->data) + 2);
	answer = harness_say(dom0, XS_DIRECTORY_PART, 0, "/many", "-1", NULL);
	ck_assert_int_eq(harness_error(answer), EINVAL);
}
END_TEST

START_TEST(test_relative_paths)
{
	ck_assert_int_eq(harness_write(one, 0, "data/x", "1"), 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/local/domain/1/data/x"), "1");
	ck_assert_str_eq(harness_read(dom0, 0, "domid"), "ENOENT");
	ck_assert_str_eq(
		harness_say(one, XS_GET_DOMAIN_PATH, 0, "1", NULL)->data, "/local/domain/1");
}
END_TEST

/* --- permissions ------------------------------------------------------------------------------ */

START_TEST(test_ownership)
{
	ck_assert_int_eq(harness_write(one, 0, "mine", "1"), 0);
	ck_assert_str_eq(perms_of(one, "mine"), "n1");
	ck_assert_int_eq(harness_write(dom0, 0, "/local/domain/1/theirs", "0"), 0);
	ck_assert_str_eq(perms_of(dom0, "/local/domain/1/theirs"), "n1");
	/* Whoever is allowed in creates what is his own. */
	ck_assert_int_eq(harness_set_perms(one, 0, "mine", "n1", "b2", NULL), 0);
	ck_assert_int_eq(harness_write(two, 0, "/local/domain/1/mine/sub", "2"), 0);
	ck_assert_str_eq(perms_of(dom0, "/local/domain/1/mine/sub"), "n2,b2");
}
END_TEST

START_TEST(test_access)
{
	ck_assert_int_eq(harness_write(dom0, 0, "/secret/x", "s"), 0);
	ck_assert_str_eq(harness_read(one, 0, "/secret/x"), "EACCES");
	ck_assert_int_eq(harness_write(one, 0, "/secret/x", "t"), EACCES);
	ck_assert_int_eq(harness_rm(one, 0, "/secret/x"), EACCES);
	ck_assert_int_eq(harness_mkdir(one, 0, "/secret/y"), EACCES);
	/* What is not there must look the same. */
	ck_assert_str_eq(harness_read(one, 0, "/secret/none"), "EACCES");
	ck_assert_int_eq(harness_write(one, 0, "/new", "t"), EACCES);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/secret/x", "n0", "r1", NULL), 0);
	ck_assert_str_eq(harness_read(one, 0, "/secret/x"), "s");
	ck_assert_int_eq(harness_write(one, 0, "/secret/x", "t"), EACCES);
	ck_assert_str_eq(harness_read(two, 0, "/secret/x"), "EACCES");
	ck_assert_str_eq(harness_read(one, 0, "/secret/x/none"), "ENOENT");
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/secret/x", "r0", "n1", NULL), 0);
	ck_assert_str_eq(harness_read(two, 0, "/secret/x"), "s");
	ck_assert_str_eq(harness_read(one, 0, "/secret/x"), "EACCES");
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/secret/x", "w0", NULL), 0);
	ck_assert_int_eq(harness_write(two, 0, "/secret/x", "u"), 0);
	ck_assert_str_eq(harness_read(two, 0, "/secret/x"), "EACCES");
}
END_TEST

START_TEST(test_set_perms)
{
	ck_assert_int_eq(harness_write(one, 0, "a", "1"), 0);
	ck_assert_int_eq(harness_set_perms(one, 0, "a", "b1", "r2", "w3", NULL), 0);
	ck_assert_str_eq(perms_of(one, "a"), "b1,r2,w3");
	/* Only the owner, and he cannot give his node away. */
	ck_assert_int_eq(harness_set_perms(two, 0, "/local/domain/1/a", "n2", NULL), EACCES);
	ck_assert_int_eq(harness_set_perms(one, 0, "a", "n2", NULL), EPERM);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/local/domain/1/a", "n2", NULL), 0);
	ck_assert_int_eq(harness_set_perms(one, 0, "a", "n1", NULL), EACCES);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/none", "n2", NULL), ENOENT);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/local", "x2", NULL), EINVAL);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/local", "n2", "r", NULL), EINVAL);
	ck_assert_int_eq(
		harness_set_perms(two, 0, "/local/domain/1/a", "n2", "r3", "r4", "r5", "r6", "r7",
				  NULL),
		ENOSPC);
	ck_assert_str_eq(perms_of(two, "/local/domain/1/a"), "n2");
}
END_TEST

START_TEST(test_privileged_requests)
{
	static const struct {
		uint32_t type;
		const char *text;
		size_t len;
	} requests[] = {
		{XS_INTRODUCE, "3\0001003\000103", 11}, {XS_RELEASE, "3", 2},
		{XS_RESUME, "3", 2},	     {XS_SET_TARGET, "1\0002", 4},
		{XS_IS_DOMAIN_INTRODUCED, "1", 2}, {XS_CONTROL, "check", 6},
		{WIRE_GET_QUOTA, "nodes", 6},	{WIRE_SET_QUOTA, "nodes\0001", 8},
		{WIRE_GET_FEATURE, "1", 2},	{WIRE_SET_FEATURE, "1\0000", 4},
	};
	unsigned int i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		ck_assert_int_eq(harness_error(harness_ask(one, requests[i].type, 0,
							   requests[i].text, requests[i].len)),
				 EACCES);
}
END_TEST

/* --- control ---------------------------------------------------------------------------------- */

START_TEST(test_control)
{
	ck_assert_ptr_nonnull(
		strstr(harness_say(dom0, XS_CONTROL, 0, "help", NULL)->data, "memreport"));
	ck_assert_ptr_nonnull(
		strstr(harness_say(dom0, XS_CONTROL, 0, "check", NULL)->data, "sound"));
	ck_assert_ptr_nonnull(
		strstr(harness_say(dom0, XS_CONTROL, 0, "memreport", NULL)->data, "heap: "));
	ck_assert_ptr_nonnull(
		strstr(harness_say(dom0, XS_CONTROL, 0, "quota", "1", NULL)->data, "nodes 1,"));
	ck_assert_int_eq(
		harness_error(harness_say(dom0, XS_CONTROL, 0, "quota", "set", "nodes", "5", NULL)),
		0);
	ck_assert_ptr_nonnull(strstr(harness_say(dom0, XS_CONTROL, 0, "quota", NULL)->data,
				     "nodes              5\n"));
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_CONTROL, 0, "log", "on", NULL)), 0);
	ck_assert(server.trace);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_CONTROL, 0, "log", "off", NULL)), 0);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_CONTROL, 0, "log", "maybe", NULL)),
			 EINVAL);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_CONTROL, 0, "dance", NULL)), EINVAL);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_CONTROL, 0, "check", "x", NULL)), EINVAL);
	ck_assert_int_eq(
		harness_error(harness_say(dom0, XS_CONTROL, 0, "quota", "set", "nodes", "5", "", NULL)),
		EINVAL);
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_CONTROL, 0, "help\0x", 6)), EINVAL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore requests");
	TCase *tc = tcase_create("request");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_read_and_write);
	tcase_add_test(tc, test_binary_values);
	tcase_add_test(tc, test_bad_paths);
	tcase_add_test(tc, test_bad_payloads);
	tcase_add_test(tc, test_unknown_kinds);
	tcase_add_test(tc, test_mkdir_and_rm);
	tcase_add_test(tc, test_deep);
	tcase_add_test(tc, test_directory_parts);
	tcase_add_test(tc, test_relative_paths);
	tcase_add_test(tc, test_ownership);
	tcase_add_test(tc, test_access);
	tcase_add_test(tc, test_set_perms);
	tcase_add_test(tc, test_privileged_requests);
	tcase_add_test(tc, test_control);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
