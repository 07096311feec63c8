/* SPDX-License-Identifier: GPL-2.0-only */
/* Watches: who hears of what, in which order, and what a slow reader costs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tests/host/xenstore_harness.h"
#include "xenstore-lite/domain.h"

static struct server server;
static struct connection *dom0, *watcher, *one;

static void set_up(void)
{
	harness_start_server(&server);
	dom0 = harness_client(&server, 0);
	watcher = harness_client(&server, 0);
	one = harness_client(&server, 1);
	harness_write(dom0, 0, "/a/b/c", "1");
	harness_mkdir(dom0, 0, "/local/domain/1");
	harness_set_perms(dom0, 0, "/local/domain/1", "n1", NULL);
}

static void tear_down(void)
{
	harness_stop_server(&server);
}

START_TEST(test_first_event)
{
	ck_assert_int_eq(harness_watch(watcher, "/not/there", "tok en"), 0);
	ck_assert_str_eq(harness_events(watcher), "/not/there=tok en");
	ck_assert_int_eq(harness_watch(watcher, "/not/there", "tok en"), EEXIST);
	ck_assert_int_eq(harness_watch(watcher, "/not/there", "another"), 0);
	ck_assert_int_eq(harness_watch(watcher, "/bad//path", "t"), EINVAL);
	ck_assert_str_eq(harness_events(watcher), "/not/there=another");
}
END_TEST

START_TEST(test_levels)
{
	harness_watch(watcher, "/a/b", "b");
	harness_watch(watcher, "/", "root");
	harness_watch(watcher, "/a/b/c", "c");
	harness_watch(watcher, "/a/bb", "bb");
	harness_events(watcher);
	harness_write(dom0, 0, "/a/b/c", "2");
	ck_assert_str_eq(harness_events(watcher), "/a/b/c=b /a/b/c=root /a/b/c=c");
	harness_write(dom0, 0, "/a/b/n", "2");
	ck_assert_str_eq(harness_events(watcher), "/a/b/n=b /a/b/n=root");
	harness_set_perms(dom0, 0, "/a", "r1", NULL);
	ck_assert_str_eq(harness_events(watcher), "/a=root");
	harness_mkdir(dom0, 0, "/a/b");
	harness_read(dom0, 0, "/a/b");
	ck_assert_str_eq(harness_events(watcher), "");
}
END_TEST

/* Those below what is removed hear of their own path, if it was there. */
START_TEST(test_removal)
{
	harness_watch(watcher, "/a", "a");
	harness_watch(watcher, "/a/b/c", "c");
	harness_watch(watcher, "/a/b/none", "none");
	harness_events(watcher);
	harness_rm(dom0, 0, "/a/b");
	ck_assert_str_eq(harness_events(watcher), "/a/b=a /a/b/c=c");
	harness_rm(dom0, 0, "/a/b");
	ck_assert_str_eq(harness_events(watcher), "");
}
END_TEST

START_TEST(test_order)
{
	harness_watch(watcher, "/a", "t");
	harness_events(watcher);
	harness_write(dom0, 0, "/a/1", "");
	harness_write(dom0, 0, "/a/2", "");
	harness_rm(dom0, 0, "/a/1");
	harness_write(dom0, 0, "/a/3", "");
	ck_assert_str_eq(harness_events(watcher), "/a/1=t /a/2=t /a/3=t");
	/* An event that is still waiting says it all; once taken, the next is news again. */
	harness_write(dom0, 0, "/a/3", "");
	ck_assert_str_eq(harness_events(watcher), "/a/3=t");
}
END_TEST

START_TEST(test_relative)
{
	ck_assert_int_eq(harness_watch(one, "data", "t"), 0);
	harness_write(dom0, 0, "/local/domain/1/data/x", "");
	ck_assert_str_eq(harness_events(one), "data=t data/x=t");
	/* An absolute watch of the same place is told the absolute path. */
	ck_assert_int_eq(harness_watch(one, "/local/domain/1/data/y", "u"), 0);
	harness_events(one);
	harness_write(dom0, 0, "/local/domain/1/data/y", "");
	ck_assert_str_eq(harness_events(one), "data/y=t /local/domain/1/data/y=u");
}
END_TEST

START_TEST(test_unwatch)
{
	harness_watch(watcher, "/a", "t");
	harness_watch(watcher, "/a", "u");
	harness_write(dom0, 0, "/a/x", "");
	ck_assert_int_eq(
		harness_error(harness_say(watcher, XS_UNWATCH, 0, "/a", "t", "1", NULL)), EINVAL);
	ck_assert_int_eq(harness_error(harness_say(watcher, XS_UNWATCH, 0, "/a", "t", NULL)), 0);
	ck_assert_int_eq(harness_error(harness_say(watcher, XS_UNWATCH, 0, "/a", "t", NULL)),
			 ENOENT);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_UNWATCH, 0, "/a", "u", NULL)), ENOENT);
	harness_events(watcher);
	harness_write(dom0, 0, "/a/x", "");
	ck_assert_str_eq(harness_events(watcher), "/a/x=u");
	ck_assert_uint_eq(server.watches.count, 1);
}
END_TEST

START_TEST(test_depth)
{
	ck_assert_int_eq(
		harness_error(harness_say(watcher, XS_WATCH, 0, "/a", "zero", "0", NULL)), 0);
	ck_assert_int_eq(harness_error(harness_say(watcher, XS_WATCH, 0, "/a", "one", "1", NULL)),
			 0);
	ck_assert_int_eq(harness_error(harness_say(watcher, XS_WATCH, 0, "/a", "x", "-", NULL)),
			 EINVAL);
	harness_events(watcher);
	harness_write(dom0, 0, "/a/b/c", "");
	ck_assert_str_eq(harness_events(watcher), "");
	harness_write(dom0, 0, "/a/b", "");
	ck_assert_str_eq(harness_events(watcher), "/a/b=one");
	harness_write(dom0, 0, "/a", "");
	ck_assert_str_eq(harness_events(watcher), "/a=zero /a=one");
}
END_TEST

START_TEST(test_permissions)
{
	harness_watch(one, "/", "t");
	harness_events(one);
	harness_write(dom0, 0, "/secret", "1");
	ck_assert_str_eq(harness_events(one), "");
	/* Gaining and losing sight of a node are both events. */
	harness_set_perms(dom0, 0, "/secret", "n0", "r1", NULL);
	ck_assert_str_eq(harness_events(one), "/secret=t");
	harness_set_perms(dom0, 0, "/secret", "n0", NULL);
	ck_assert_str_eq(harness_events(one), "/secret=t");
	harness_write(dom0, 0, "/secret", "2");
	ck_assert_str_eq(harness_events(one), "");
	/* One who may list the parent hears of its children. */
	harness_set_perms(dom0, 0, "/a", "r0", NULL);
	harness_events(one);
	harness_write(dom0, 0, "/a/n", "2");
	ck_assert_str_eq(harness_events(one), "/a/n=t");
	harness_set_perms(dom0, 0, "/a", "n0", "r1", NULL);
	harness_set_perms(dom0, 0, "/a/n", "n0", NULL);
	harness_events(one);
	harness_write(dom0, 0, "/a/n", "3");
	ck_assert_str_eq(harness_events(one), "/a/n=t");
	/* A readable node is gone. */
	harness_write(dom0, 0, "/mine", "");
	harness_set_perms(dom0, 0, "/mine", "n1", NULL);
	harness_events(one);
	harness_rm(dom0, 0, "/mine");
	ck_assert_str_eq(harness_events(one), "/mine=t");
}
END_TEST

START_TEST(test_special)
{
	ck_assert_int_eq(harness_watch(watcher, "@introduceDomain", "i"), 0);
	ck_assert_int_eq(harness_watch(watcher, "@releaseDomain", "r"), 0);
	ck_assert_int_eq(harness_watch(watcher, "@releaseDomain/3", "r3"), 0);
	ck_assert_int_eq(harness_watch(watcher, "@releaseDomain/4", "r4"), 0);
	ck_assert_int_eq(harness_watch(watcher, "/", "root"), 0);
	ck_assert_int_eq(
		harness_error(harness_say(watcher, XS_WATCH, 0, "@releaseDomain", "d", "1", NULL)),
		0);
	ck_assert_int_eq(harness_watch(one, "@releaseDomain", "r"), 0);
	ck_assert_str_eq(harness_events(watcher),
			 "@introduceDomain=i @releaseDomain=r @releaseDomain/3=r3 "
			 "@releaseDomain/4=r4 /=root @releaseDomain=d");
	harness_events(one);
	ck_assert_int_eq(harness_introduce(dom0, 3), 0);
	ck_assert_str_eq(harness_events(watcher), "@introduceDomain=i");
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RELEASE, 0, "3", NULL)), 0);
	ck_assert_str_eq(harness_events(watcher),
			 "@releaseDomain=r @releaseDomain/3=r3 @releaseDomain/3=d");
	/* Not for everybody, unless it is said so. */
	ck_assert_str_eq(harness_events(one), "");
	ck_assert_int_eq(harness_set_perms(one, 0, "@releaseDomain", "r0", NULL), EACCES);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "@releaseDomain", "n0", "r1", NULL), 0);
	ck_assert_str_eq(harness_say(dom0, XS_GET_PERMS, 0, "@releaseDomain", NULL)->data, "n0");
	ck_assert_int_eq(harness_set_perms(dom0, 0, "@other", "n0", NULL), EINVAL);
	harness_introduce(dom0, 3);
	harness_say(dom0, XS_RELEASE, 0, "3", NULL);
	ck_assert_str_eq(harness_events(one), "@releaseDomain=r");
	/* To be told is not enough to say who is. */
	ck_assert_int_eq(harness_set_perms(one, 0, "@releaseDomain", "n0", "r2", NULL), EACCES);
	ck_assert_int_eq(harness_set_perms(one, 0, "@other", "n0", NULL), EACCES);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "@releaseDomain", "n1", NULL), 0);
	ck_assert_int_eq(harness_set_perms(one, 0, "@releaseDomain", "n1", "r2", NULL), 0);
}
END_TEST

START_TEST(test_quota)
{
	unsigned int i, made;
	char path[32];

	for (i = 0, made = 0; i < 200; i++) {
		sprintf(path, "w%u", i);
		made += !harness_watch(one, path, "t");
	}
	ck_assert_uint_eq(made, 128);
	ck_assert_int_eq(harness_watch(one, "more", "t"), E2BIG);
	ck_assert_int_eq(harness_error(harness_say(one, XS_UNWATCH, 0, "w7", "t", NULL)), 0);
	ck_assert_int_eq(harness_watch(one, "more", "t"), 0);
	harness_ask(one, XS_RESET_WATCHES, 0, "", 1);
	harness_events(one);
	ck_assert_uint_eq(one->account->watches, 0);
	ck_assert_uint_eq(one->account->memory, 0);
	ck_assert_uint_eq(server.watches.places, 1);
}
END_TEST

/*
 * One who does not read is held to his quota: what no longer fits becomes one event for the whole
 * watch, sent when there is room again.
 */
START_TEST(test_slow_reader)
{
	unsigned int i;
	char path[64];
	const char *events;

	harness_say(dom0, WIRE_SET_QUOTA, 0, "1", "memory", "4000", NULL);
	ck_assert_int_eq(harness_watch(one, "data", "t"), 0);
	for (i = 0; i < 1000; i++) {
		sprintf(path, "/local/domain/1/data/%u", i);
		harness_write(dom0, 0, path, "");
		ck_assert_uint_le(one->account->memory, 4000);
	}
	events = harness_events(one);
	ck_assert_str_eq(events + strlen(events) - strlen(" data=t"), " data=t");
	ck_assert_uint_lt(strlen(events), 4000);
	harness_write(dom0, 0, "/local/domain/1/data/5", "");
	ck_assert_str_eq(harness_events(one), "data/5=t");
}
END_TEST

/* The token of the watch leaves no room for the path of the change. */
START_TEST(test_long_token)
{
	static char token[XENSTORE_PAYLOAD_MAX - sizeof("/a")], expected[sizeof(token) + 4];

	memset(token, 't', sizeof(token) - 1);
	sprintf(expected, "/a=%s", token);
	ck_assert_int_eq(harness_watch(watcher, "/a", token), 0);
	ck_assert(!strcmp(harness_events(watcher), expected));
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/a/new"), 0);
	ck_assert(!strcmp(harness_events(watcher), expected));
}
END_TEST

/* Thousands of watches elsewhere: only the one on the way is visited. */
START_TEST(test_many_elsewhere)
{
	unsigned int i;
	char path[64];

	for (i = 0; i < 5000; i++) {
		sprintf(path, "/local/domain/%u/data", i + 10);
		ck_assert_int_eq(harness_watch(watcher, path, "t"), 0);
		harness_events(watcher);
	}
	harness_write(dom0, 0, "/local/domain/4000/data/x", "");
	ck_assert_str_eq(harness_events(watcher), "/local/domain/4000/data/x=t");
	ck_assert_uint_eq(server.watches.count, 5000);
}
END_TEST

/* One domain's end can be told to others than the end of all. */
START_TEST(test_release_of_one)
{
	ck_assert_int_eq(harness_set_perms(dom0, 0, "@releaseDomain/3", "n0", "r1", NULL), EINVAL);
	ck_assert_int_eq(harness_introduce(dom0, 3), 0);
	ck_assert_int_eq(harness_introduce(dom0, 4), 0);
	ck_assert_str_eq(harness_say(dom0, XS_GET_PERMS, 0, "@releaseDomain/3", NULL)->data, "n0");
	ck_assert_int_eq(harness_set_perms(one, 0, "@releaseDomain/3", "n0", "r1", NULL), EACCES);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "@releaseDomain/3", "r0", NULL), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "@releaseDomain/3", "n0", "r1", NULL), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "@releaseDomain/x", "n0", NULL), EINVAL);
	ck_assert_uint_eq(harness_say(dom0, XS_GET_PERMS, 0, "@releaseDomain/3", NULL)->len, 6);
	ck_assert_int_eq(harness_watch(one, "@releaseDomain", "all"), 0);
	ck_assert_int_eq(harness_watch(one, "@releaseDomain/3", "3"), 0);
	ck_assert_int_eq(harness_watch(one, "@releaseDomain/4", "4"), 0);
	harness_events(one);
	harness_domain[3].state = DOMAIN_SHUT_DOWN;
	domain_check_all(&server);
	ck_assert_str_eq(harness_events(one), "@releaseDomain=all @releaseDomain/3=3");
	harness_say(dom0, XS_RELEASE, 0, "4", NULL);
	ck_assert_str_eq(harness_events(one), "");
	harness_say(dom0, XS_RELEASE, 0, "3", NULL);
	ck_assert_str_eq(harness_events(one), "@releaseDomain=all @releaseDomain/3=3");
	/* The next one of that id is ruled like all others again. */
	ck_assert_int_eq(harness_introduce(dom0, 3), 0);
	harness_say(dom0, XS_RELEASE, 0, "3", NULL);
	ck_assert_str_eq(harness_events(one), "");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore watches");
	TCase *tc = tcase_create("watch");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_first_event);
	tcase_add_test(tc, test_levels);
	tcase_add_test(tc, test_removal);
	tcase_add_test(tc, test_order);
	tcase_add_test(tc, test_relative);
	tcase_add_test(tc, test_unwatch);
	tcase_add_test(tc, test_depth);
	tcase_add_test(tc, test_permissions);
	tcase_add_test(tc, test_special);
	tcase_add_test(tc, test_release_of_one);
	tcase_add_test(tc, test_quota);
	tcase_add_test(tc, test_slow_reader);
	tcase_add_test(tc, test_long_token);
	tcase_add_test(tc, test_many_elsewhere);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
