/* SPDX-License-Identifier: GPL-2.0-only */
/* What a domain leaves in the store goes when it goes; rights are not kept for one that comes later. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tests/host/xenstore_harness.h"
#include "xenstore-lite/domain.h"
#include "xenstore-lite/memory.h"

static struct server server;
static struct connection *dom0;

static void set_up(void)
{
	memory_refuse = NULL;
	harness_start_server(&server);
	dom0 = harness_client(&server, 0);
	ck_assert_int_eq(harness_introduce(dom0, 1), 0);
	ck_assert_int_eq(harness_introduce(dom0, 2), 0);
}

static void tear_down(void)
{
	memory_refuse = NULL;
	harness_stop_server(&server);
}

static void own(const char *path, const char *owner)
{
	ck_assert_int_eq(harness_mkdir(dom0, 0, path), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, path, owner, NULL), 0);
}

static void release(const char *domid)
{
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RELEASE, 0, domid, NULL)), 0);
}

static void die(uint16_t domid)
{
	harness_domain[domid].state = DOMAIN_GONE;
	domain_check_all(&server);
}

/* With all that is below, whoever owns that; what is above, and others', stays. */
START_TEST(test_removed)
{
	own("/a/one", "n1");
	own("/a/one/two", "n2");
	own("/a/two", "n2");
	own("/a/two/one", "n1");
	own("/a/two/zero", "n0");
	harness_watch(dom0, "/", "t");
	harness_events(dom0);
	if (_i)
		release("1");
	else
		die(1);
	harness_settle(&server);
	ck_assert_str_eq(harness_read(dom0, 0, "/a/one/two"), "ENOENT");
	ck_assert_str_eq(harness_read(dom0, 0, "/a/one"), "ENOENT");
	ck_assert_str_eq(harness_read(dom0, 0, "/a/two/one"), "ENOENT");
	ck_assert_str_eq(harness_read(dom0, 0, "/a/two/zero"), "");
	ck_assert_str_eq(harness_events(dom0), "/a/one=t /a/two/one=t");
	ck_assert_uint_eq(account_find(&server.store.accounts, 2)->nodes, 1);
}
END_TEST

/* The domains that come and go, and let each other write, do not make the store grow. */
START_TEST(test_cooperating)
{
	struct memory_use before, after;
	unsigned int round, i;
	char path[64];

	own("/common", "b1");
	for (round = 0; round < 20; round++) {
		struct connection *guest = harness_client(&server, 2);

		before = memory_use();
		for (i = 0; i < 500; i++) {
			sprintf(path, "/common/%u-%u", round, i);
			ck_assert_int_eq(harness_mkdir(guest, 0, path), 0);
		}
		connection_free(guest);
		release("2");
		harness_settle(&server);
		ck_assert_int_eq(harness_introduce(dom0, 2), 0);
		harness_settle(&server);
		after = memory_use();
		ck_assert(!round || after.bytes <= before.bytes);
	}
	ck_assert_str_eq(harness_say(dom0, XS_DIRECTORY, 0, "/common", NULL)->data, "");
}
END_TEST

/* Many are found in several steps, between which the store goes on and changes. */
START_TEST(test_in_steps)
{
	unsigned int i, steps = 0;
	char path[64];

	for (i = 0; i < 3000; i++) {
		sprintf(path, "/many/%04u", i);
		own(path, i % 3 ? "n0" : "n1");
	}
	release("1");
	while (server_step(&server) == SERVER_MORE) {
		sprintf(path, "/many/%04u", steps * 600);
		harness_rm(dom0, 0, path);
		sprintf(path, "/many/%04u/again", steps * 600 + 300);
		ck_assert_int_eq(harness_mkdir(dom0, 0, path), 0);
		steps++;
	}
	ck_assert_uint_ge(steps, 4);
	harness_settle(&server);
	ck_assert_uint_eq(server.store.orphans->nodes, 0);
	for (i = 0; i < 3000; i++) {
		sprintf(path, "/many/%04u", i);
		if (i % 3 == 1)
			ck_assert_str_eq(harness_read(dom0, 0, path), "");
	}
	ck_assert_str_eq(harness_read(dom0, 0, "/many/0003"), "ENOENT");
	ck_assert_str_eq(harness_read(dom0, 0, "/many/2997"), "ENOENT");
}
END_TEST

/* Tools remove a domain's nodes themselves, at the same time: there is nothing to search for then. */
START_TEST(test_not_needed)
{
	own("/local/domain/1", "n1");
	release("1");
	ck_assert(server_needs_step(&server));
	ck_assert_int_eq(harness_rm(dom0, 0, "/local/domain/1"), 0);
	ck_assert(!orphan_needed(&server));
}
END_TEST

START_TEST(test_root)
{
	own("/", "r1");
	release("1");
	harness_settle(&server);
	ck_assert_str_eq(harness_say(dom0, XS_GET_PERMS, 0, "/", NULL)->data, "r0");
	ck_assert_str_eq(harness_read(dom0, 0, "/tool"), "");
	ck_assert_uint_eq(server.store.orphans->nodes, 0);
}
END_TEST

/* A transaction gives a node to one who is gone when it ends. */
START_TEST(test_in_transaction)
{
	uint32_t t = harness_start(dom0);

	harness_mkdir(dom0, t, "/a");
	harness_set_perms(dom0, t, "/a", "n1", NULL);
	release("1");
	harness_settle(&server);
	ck_assert_int_eq(harness_end(dom0, t, true), 0);
	harness_settle(&server);
	ck_assert_str_eq(harness_read(dom0, 0, "/a"), "ENOENT");
	ck_assert_uint_eq(server.store.orphans->nodes, 0);
}
END_TEST

static long countdown;

static bool refuse_one(size_t size)
{
	(void)size;
	return countdown-- == 0;
}

/* Memory is short at each moment of the search in turn: it is taken up again. */
START_TEST(test_no_memory)
{
	own("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t", "n1");
	own("/a/x", "n1");
	release("1");
	countdown = _i;
	memory_refuse = refuse_one;
	if (server_step(&server) == SERVER_STARVED)
		ck_assert_uint_gt(server.store.orphans->nodes, 0);
	memory_refuse = NULL;
	harness_settle(&server);
	ck_assert_uint_eq(server.store.orphans->nodes, 0);
	ck_assert_str_eq(harness_read(dom0, 0, "/a/x"), "ENOENT");
}
END_TEST

/* --- domains that are not there ----------------------------------------------------------------- */

START_TEST(test_absent)
{
	struct connection *nine;

	harness_domain[9].state = DOMAIN_GONE;
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/a"), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/a", "n9", NULL), ENOENT);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/a", "n65000", NULL), ENOENT);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/a", "n0", "r9", "b1", NULL), 0);
	ck_assert_uint_eq(harness_say(dom0, XS_GET_PERMS, 0, "/a", NULL)->len, sizeof("n0 r9 b1"));
	ck_assert_int_eq(harness_introduce(dom0, 9), 0);
	nine = harness_client(&server, 9);
	ck_assert_str_eq(harness_read(nine, 0, "/a"), "EACCES");
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/a", "n0", "r9", "b1", NULL), 0);
	ck_assert_str_eq(harness_read(nine, 0, "/a"), "");
}
END_TEST

/* One that was named and never introduced goes as well: told by its number, or by looking at all. */
START_TEST(test_never_introduced)
{
	own("/a", "n7");
	harness_mkdir(dom0, 0, "/b");
	harness_set_perms(dom0, 0, "/b", "n0", "r7", "r2", NULL);
	harness_domain[7].state = DOMAIN_GONE;
	if (_i)
		domain_has_changed(&server, 7, DOMAIN_GONE);
	else
		domain_check_all(&server);
	harness_settle(&server);
	ck_assert_str_eq(harness_read(dom0, 0, "/a"), "ENOENT");
	ck_assert_int_eq(harness_introduce(dom0, 7), 0);
	ck_assert_str_eq(harness_read(harness_client(&server, 7), 0, "/b"), "EACCES");
	ck_assert_str_eq(harness_read(harness_client(&server, 2), 0, "/b"), "");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore orphans");
	TCase *tc = tcase_create("orphan");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, test_removed, 0, 2);
	tcase_add_test(tc, test_cooperating);
	tcase_add_test(tc, test_in_steps);
	tcase_add_test(tc, test_not_needed);
	tcase_add_test(tc, test_root);
	tcase_add_test(tc, test_in_transaction);
	tcase_add_loop_test(tc, test_no_memory, 0, 60);
	tcase_add_test(tc, test_absent);
	tcase_add_loop_test(tc, test_never_introduced, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
