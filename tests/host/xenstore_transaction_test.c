/* SPDX-License-Identifier: GPL-2.0-only */
/* Transactions: isolation, conflicts where there are some and nowhere else, quotas, death. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tests/host/xenstore_harness.h"

static struct server server;
static struct connection *dom0, *other, *one;
static uint32_t t;

static void set_up(void)
{
	harness_start_server(&server);
	dom0 = harness_client(&server, 0);
	other = harness_client(&server, 0);
	one = harness_client(&server, 1);
	harness_write(dom0, 0, "/a/b", "1");
	harness_write(dom0, 0, "/a/c", "2");
	harness_write(dom0, 0, "/d/e/f", "3");
	harness_mkdir(dom0, 0, "/local/domain/1");
	harness_set_perms(dom0, 0, "/local/domain/1", "n1", NULL);
	t = harness_start(dom0);
}

static void tear_down(void)
{
	harness_stop_server(&server);
}

START_TEST(test_isolation)
{
	ck_assert_int_eq(harness_write(dom0, t, "/a/b", "new"), 0);
	ck_assert_int_eq(harness_write(dom0, t, "/x/y", "new"), 0);
	ck_assert_int_eq(harness_rm(dom0, t, "/d"), 0);
	ck_assert_str_eq(harness_read(dom0, t, "/a/b"), "new");
	ck_assert_str_eq(harness_read(dom0, t, "/d/e/f"), "ENOENT");
	ck_assert_str_eq(harness_read(dom0, 0, "/a/b"), "1");
	ck_assert_str_eq(harness_read(other, 0, "/x/y"), "ENOENT");
	ck_assert_str_eq(harness_read(other, 0, "/d/e/f"), "3");
	ck_assert_int_eq(harness_end(dom0, t, true), 0);
	ck_assert_str_eq(harness_read(other, 0, "/a/b"), "new");
	ck_assert_str_eq(harness_read(other, 0, "/x/y"), "new");
	ck_assert_str_eq(harness_read(other, 0, "/d"), "ENOENT");
}
END_TEST

START_TEST(test_abandon)
{
	harness_write(dom0, t, "/a/b", "new");
	harness_rm(dom0, t, "/d");
	ck_assert_int_eq(harness_end(dom0, t, false), 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/a/b"), "1");
	ck_assert_str_eq(harness_read(dom0, 0, "/d/e/f"), "3");
	ck_assert_int_eq(harness_end(dom0, t, true), ENOENT);
}
END_TEST

/* What the transaction does, what another does meanwhile, and whether they conflict. */
static const struct {
	const char *mine, *theirs;
	bool conflict;
} pairs[] = {
	/* w: write, c: read, l: list, p: get permissions, m: mkdir, x: rm, s: set permissions. */
	{"w/a/b", "w/a/c", false}, {"w/a/b", "w/a/b", true},
	{"c/a/b w/x", "w/a/b", true},	   {"c/a/b w/x", "w/a/c", false},
	{"c/a w/x", "w/a/b", false},	   {"c/a w/x", "w/a/n", false},
	{"l/a w/x", "w/a/b", false},	   {"l/a w/x", "w/a/n", true},
	{"l/a w/x", "x/a/b", true},	   {"c/a/n w/x", "w/a/n", true},
	{"c/a/n w/x", "w/a/m", false},	   {"w/a/n", "w/a/m", false},
	{"w/a/n", "w/a/n", true},	   {"w/a/n/o", "w/a/n/p", true},
	{"w/a/n", "x/a", true},		   {"w/a/b", "x/a/b", true},
	{"x/d", "w/d/e/f", true},	   {"x/d", "w/d/n", true},
	{"x/d", "w/a/b", false},	   {"x/a/n w/x", "w/a/n", true},
	{"x/a/n", "w/a/n", false},	   {"m/a", "w/a/b", false},
	{"m/a/b w/x", "x/a/b", true},	   {"s/a/b", "w/a/b", false},
	{"s/a/b", "s/a/b", true},	   {"p/a/b w/x", "s/a/b", true},
	{"p/a/b w/x", "w/a/b", false},	   {"c/a/b", "w/a/b", false},
	{"c/a/b l/a c/n", "x/a", false},
};

static void run(struct connection *client, uint32_t id, const char *script)
{
	char path[32];
	int used;

	while (sscanf(script, "%*c%31[^ ]%n", path, &used) == 1) {
		switch (*script) {
		case 'w':
			ck_assert_int_eq(harness_write(client, id, path, "other value"), 0);
			break;
		case 'c':
			harness_read(client, id, path);
			break;
		case 'l':
			harness_say(client, XS_DIRECTORY, id, path, NULL);
			break;
		case 'p':
			harness_say(client, XS_GET_PERMS, id, path, NULL);
			break;
		case 'm':
			ck_assert_int_eq(harness_mkdir(client, id, path), 0);
			break;
		case 'x':
			ck_assert_int_eq(harness_rm(client, id, path), 0);
			break;
		case 's':
			ck_assert_int_eq(
				harness_set_perms(client, id, path, id ? "r7" : "r8", NULL), 0);
			break;
		}
		script += used;
		while (*script == ' ')
			script++;
	}
}

START_TEST(test_conflicts)
{
	run(dom0, t, pairs[_i].mine);
	run(other, 0, pairs[_i].theirs);
	ck_assert_msg(harness_end(dom0, t, true) == (pairs[_i].conflict ? EAGAIN : 0),
		      "%s against %s", pairs[_i].mine, pairs[_i].theirs);
}
END_TEST

/* The same against another transaction that comes first. */
START_TEST(test_conflicts_of_two)
{
	uint32_t theirs = harness_start(other);

	run(dom0, t, pairs[_i].mine);
	run(other, theirs, pairs[_i].theirs);
	ck_assert_int_eq(harness_end(other, theirs, true), 0);
	ck_assert_msg(harness_end(dom0, t, true) == (pairs[_i].conflict ? EAGAIN : 0),
		      "%s against %s", pairs[_i].mine, pairs[_i].theirs);
}
END_TEST

START_TEST(test_merge)
{
	harness_write(dom0, t, "/a/mine", "m");
	harness_rm(dom0, t, "/a/b");
	harness_set_perms(dom0, t, "/a/c", "r5", NULL);
	harness_write(other, 0, "/a/theirs", "t");
	harness_write(other, 0, "/d/e/f", "t");
	ck_assert_int_eq(harness_end(dom0, t, true), 0);
	ck_assert_str_eq(harness_read(other, 0, "/a/mine"), "m");
	ck_assert_str_eq(harness_read(other, 0, "/a/theirs"), "t");
	ck_assert_str_eq(harness_read(other, 0, "/d/e/f"), "t");
	ck_assert_str_eq(harness_read(other, 0, "/a/b"), "ENOENT");
	ck_assert_str_eq(harness_say(other, XS_GET_PERMS, 0, "/a/c", NULL)->data, "r5");
}
END_TEST

/* A failed commit leaves nothing behind, and a value put back is no change. */
START_TEST(test_conflict_changes_nothing)
{
	harness_write(dom0, t, "/new", "x");
	harness_read(dom0, t, "/a/b");
	harness_write(other, 0, "/a/b", "9");
	ck_assert_int_eq(harness_end(dom0, t, true), EAGAIN);
	ck_assert_str_eq(harness_read(dom0, 0, "/new"), "ENOENT");
	t = harness_start(dom0);
	harness_read(dom0, t, "/a/b");
	harness_write(dom0, t, "/new", "x");
	harness_write(other, 0, "/a/b", "10");
	harness_write(other, 0, "/a/b", "9");
	ck_assert_int_eq(harness_end(dom0, t, true), 0);
}
END_TEST

START_TEST(test_ids)
{
	char text[16];

	sprintf(text, "%u", t);
	ck_assert_str_eq(harness_read(other, t, "/a/b"), "ENOENT");
	ck_assert_str_eq(harness_read(dom0, t + 1, "/a/b"), "ENOENT");
	ck_assert_int_eq(harness_end(dom0, 0, true), ENOENT);
	ck_assert_int_eq(
		harness_error(harness_say(dom0, XS_TRANSACTION_START, t, "", NULL)), EBUSY);
	/* Watches do not look at it. */
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_WATCH, 999, "/a", "t", NULL)), 0);
	ck_assert_int_eq(
		harness_error(harness_say(dom0, XS_TRANSACTION_END, t, "X", NULL)), EINVAL);
	ck_assert_int_eq(harness_end(dom0, t, false), 0);
}
END_TEST

START_TEST(test_events)
{
	ck_assert_int_eq(harness_watch(other, "/", "all"), 0);
	ck_assert_int_eq(harness_watch(other, "/d/e", "e"), 0);
	harness_events(other);
	harness_write(dom0, t, "/x", "1");
	harness_write(dom0, t, "/a/b", "1");
	harness_write(dom0, t, "/x", "2");
	harness_rm(dom0, t, "/d");
	harness_write(dom0, t, "/gone", "1");
	harness_rm(dom0, t, "/gone");
	ck_assert_str_eq(harness_events(other), "");
	ck_assert_int_eq(harness_end(dom0, t, true), 0);
	ck_assert_str_eq(harness_events(other), "/x=all /a/b=all /d=all /d/e=e");
	t = harness_start(dom0);
	harness_write(dom0, t, "/x", "3");
	harness_end(dom0, t, false);
	ck_assert_str_eq(harness_events(other), "");
}
END_TEST

START_TEST(test_quota)
{
	uint32_t id[10];
	unsigned int i;
	char path[32];

	for (i = 0; i < 10; i++)
		id[i] = harness_start(one);
	ck_assert_int_eq(
		harness_error(harness_say(one, XS_TRANSACTION_START, 0, "", NULL)), ENOSPC);
	ck_assert_int_eq(harness_end(one, id[3], false), 0);
	id[3] = harness_start(one);
	/* Nodes made in a transaction count at once, and are given back with it. */
	harness_say(dom0, WIRE_SET_QUOTA, 0, "1", "nodes", "10", NULL);
	for (i = 0; i < 9; i++) {
		sprintf(path, "n%u", i);
		ck_assert_int_eq(harness_write(one, id[0], path, ""), 0);
	}
	ck_assert_int_eq(harness_write(one, id[0], "n9", ""), ENOSPC);
	ck_assert_int_eq(harness_write(one, id[1], "other", ""), 0);
	ck_assert_int_eq(harness_end(one, id[1], true), 0);
	/* Both together are too many. */
	ck_assert_int_eq(harness_end(one, id[0], true), ENOSPC);
	ck_assert_uint_eq(one->account->nodes, 2);
}
END_TEST

START_TEST(test_size_quota)
{
	uint32_t id = harness_start(one);
	unsigned int i;
	char path[32];
	int error = 0;

	for (i = 0; i < 2000 && !error; i++) {
		sprintf(path, "n%u", i % 10);
		error = harness_write(one, id, path, "v");
	}
	ck_assert_int_eq(error, ENOSPC);
	ck_assert_uint_gt(i, 900);
	ck_assert_int_eq(harness_end(one, id, false), 0);
	ck_assert_uint_eq(one->account->memory, 0);
}
END_TEST

/* An unprivileged client's view also depends on who may do what. */
START_TEST(test_permission_conflict)
{
	uint32_t id;

	harness_set_perms(dom0, 0, "/a/b", "b0", NULL);
	id = harness_start(one);
	ck_assert_int_eq(harness_write(one, id, "/a/b", "x"), 0);
	harness_set_perms(dom0, 0, "/a/b", "r0", NULL);
	ck_assert_int_eq(harness_end(one, id, true), EAGAIN);
}
END_TEST

START_TEST(test_reset)
{
	harness_write(dom0, t, "/x", "1");
	harness_watch(dom0, "/a", "t");
	ck_assert_int_eq(harness_error(harness_ask(dom0, XS_RESET_WATCHES, 0, "", 1)), 0);
	ck_assert_int_eq(harness_end(dom0, t, true), ENOENT);
	ck_assert_int_eq(harness_watch(dom0, "/a", "t"), 0);
}
END_TEST

/* The owner of nodes dies while they are in somebody's transaction. */
START_TEST(test_owner_dies)
{
	ck_assert_int_eq(harness_introduce(dom0, 3), 0);
	harness_mkdir(dom0, t, "/local/domain/3");
	harness_set_perms(dom0, t, "/local/domain/3", "n3", NULL);
	ck_assert_int_eq(harness_error(harness_say(other, XS_RELEASE, 0, "3", NULL)), 0);
	/* Its id comes back before the transaction ends, and is another's. */
	ck_assert_int_eq(harness_introduce(dom0, 3), 0);
	harness_write(dom0, t, "/local/domain/3/more", "");
	ck_assert_int_eq(harness_end(dom0, t, true), 0);
	ck_assert_uint_eq(account_find(&server.store.accounts, 3)->nodes, 0);
	ck_assert_str_eq(harness_say(dom0, XS_GET_PERMS, 0, "/local/domain/3", NULL)->data, "n0");
	ck_assert_int_eq(harness_rm(dom0, 0, "/local"), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore transactions");
	TCase *tc = tcase_create("transaction");
	int count = sizeof(pairs) / sizeof(pairs[0]);

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_isolation);
	tcase_add_test(tc, test_abandon);
	tcase_add_loop_test(tc, test_conflicts, 0, count);
	tcase_add_loop_test(tc, test_conflicts_of_two, 0, count);
	tcase_add_test(tc, test_merge);
	tcase_add_test(tc, test_conflict_changes_nothing);
	tcase_add_test(tc, test_ids);
	tcase_add_test(tc, test_events);
	tcase_add_test(tc, test_quota);
	tcase_add_test(tc, test_size_quota);
	tcase_add_test(tc, test_permission_conflict);
	tcase_add_test(tc, test_reset);
	tcase_add_test(tc, test_owner_dies);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
