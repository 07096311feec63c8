/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One program in the words of libxenstore, built with that library, to try our daemon; with our
 * library, to try our daemon and others'; and with our library and store in one image of mini-OS.
 * Prints TAP; a daemon is found as libxenstore finds it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/store/client_suite.h"
#include "tests/store/words.h"

static struct xs_handle *h, *other;
static unsigned int tests, failures;

void ok(bool good, const char *what)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", ++tests, what);
	failures += !good;
}

/* Did the call before this fail for that reason? */
static bool failed(bool result, int error)
{
	return !result && errno == error;
}

static bool event_is(char **event, const char *path, const char *token)
{
	/* Indices as in xs_wire.h: the path first. */
	bool same = event && !strcmp(event[0], path) && !strcmp(event[1], token);

	free(event);
	return same;
}

static bool next_is(struct xs_handle *at, const char *path, const char *token)
{
	unsigned int num = 0;
	char **event = xs_read_watch(at, &num);

	return num == 2 && event_is(event, path, token);
}

static void try_nodes(void)
{
	unsigned int num = 0, len = 9;
	char **names, *value;

	xs_rm(h, XBT_NULL, "/suite");
	ok(put(h, XBT_NULL, "/suite/a/b", "value"), "write makes parents");
	ok(reads(h, XBT_NULL, "/suite/a/b", "value"), "read gives it back");
	ok(reads(other, XBT_NULL, "/suite/a", ""), "a parent is empty, for another client too");
	value = xs_read(h, XBT_NULL, "/suite/a", &len);
	ok(value && !len && !value[0], "an empty value has length 0 and a nul");
	free(value);
	ok(xs_write(h, XBT_NULL, "/suite/bin", "a\0b", 3) &&
		   (value = xs_read(h, XBT_NULL, "/suite/bin", &len)) && len == 3 &&
		   !memcmp(value, "a\0b", 4),
	   "values are bytes");
	free(value);
	ok(xs_mkdir(h, XBT_NULL, "/suite/dir") && xs_mkdir(h, XBT_NULL, "/suite/dir"),
	   "mkdir twice");
	names = xs_directory(h, XBT_NULL, "/suite", &num);
	ok(names && num == 3, "directory");
	free(names);
	names = xs_directory(h, XBT_NULL, "/suite/dir", &num);
	ok(names && num == 0, "directory of nothing");
	free(names);
	ok(failed(xs_read(h, XBT_NULL, "/suite/none", NULL), ENOENT), "read of nothing: ENOENT");
	ok(failed(put(h, XBT_NULL, "/suite//x", ""), EINVAL), "bad path: EINVAL");
	ok(xs_rm(h, XBT_NULL, "/suite/none"), "rm of nothing is fine");
	ok(failed(xs_rm(h, XBT_NULL, "/suite/none/deeper"), ENOENT), "rm below nothing: ENOENT");
	ok(xs_rm(h, XBT_NULL, "/suite/a") &&
		   failed(xs_read(h, XBT_NULL, "/suite/a/b", NULL), ENOENT),
	   "rm takes children");
}

static void try_long_directory(void)
{
	unsigned int i, num = 0;
	char path[64], **names;
	bool good = true;

	for (i = 0; i < 1000; i++) {
		sprintf(path, "/suite/long/child-number-%04u", i);
		good &= put(h, XBT_NULL, path, "");
	}
	names = xs_directory(h, XBT_NULL, "/suite/long", &num);
	ok(good && names && num == 1000, "1,000 children");
	free(names);
	ok(xs_rm(h, XBT_NULL, "/suite/long"), "1,000 children removed");
}

static void try_perms(void)
{
	struct xs_permissions set[2] = {{0, XS_PERM_NONE}, {6, XS_PERM_READ | XS_PERM_WRITE}};
	struct xs_permissions *perms;
	unsigned int num = 0;

	put(h, XBT_NULL, "/suite/p", "");
	ok(xs_set_permissions(h, XBT_NULL, "/suite/p", set, 2), "set permissions");
	perms = xs_get_permissions(h, XBT_NULL, "/suite/p", &num);
	ok(perms && num == 2 && !perms[0].id && perms[0].perms == XS_PERM_NONE &&
		   perms[1].id == 6 && perms[1].perms == (XS_PERM_READ | XS_PERM_WRITE),
	   "get permissions");
	free(perms);
	put(h, XBT_NULL, "/suite/p/child", "");
	perms = xs_get_permissions(h, XBT_NULL, "/suite/p/child", &num);
	ok(perms && num == 2 && perms[1].id == 6, "children inherit");
	free(perms);
	ok(failed(xs_set_permissions(h, XBT_NULL, "/suite/none", set, 2), ENOENT),
	   "permissions of nothing: ENOENT");
	ok(!xs_restrict(h, 5), "restrict is refused");
}

static void try_transactions(void)
{
	xs_transaction_t t = xs_transaction_start(h);

	put(h, XBT_NULL, "/suite/t", "1");
	ok(t, "transaction starts");
	ok(xs_transaction_end(h, t, true), "and is given up");
	t = xs_transaction_start(h);
	ok(put(h, t, "/suite/t", "2") && reads(h, t, "/suite/t", "2") &&
		   reads(other, XBT_NULL, "/suite/t", "1"),
	   "its changes are its own");
	ok(xs_transaction_end(h, t, false) && reads(other, XBT_NULL, "/suite/t", "2"),
	   "until it ends");
	t = xs_transaction_start(h);
	reads(h, t, "/suite/t", "2");
	put(h, t, "/suite/t", "3");
	put(other, XBT_NULL, "/suite/t", "4");
	ok(failed(xs_transaction_end(h, t, false), EAGAIN), "a conflict: EAGAIN");
	ok(reads(h, XBT_NULL, "/suite/t", "4"), "and nothing changed");
	ok(failed(put(h, 12345678, "/suite/t", "5"), ENOENT), "no such transaction: ENOENT");
}

static void try_watches(void)
{
	put(h, XBT_NULL, "/suite/w/x", "");
	ok(!suite_readable(h, 0) && failed(xs_check_watch(h), EAGAIN), "no event: EAGAIN");
	ok(xs_watch(h, "/suite/w", "token"), "watch");
	ok(suite_readable(h, 5000), "the descriptor becomes readable");
	ok(next_is(h, "/suite/w", "token"), "with the first event");
	put(other, XBT_NULL, "/suite/w/x", "1");
	ok(next_is(h, "/suite/w/x", "token"), "event of another's change");
	/* Ours, seen while we talk about something else. */
	put(h, XBT_NULL, "/suite/w/y", "1");
	reads(h, XBT_NULL, "/suite/w/x", "1");
	ok(suite_readable(h, 5000) && event_is(xs_check_watch(h), "/suite/w/y", "token"),
	   "event that came in between");
	ok(failed(xs_watch(h, "/suite/w", "token"), EEXIST), "watch twice: EEXIST");
	xs_rm(other, XBT_NULL, "/suite/w");
	ok(next_is(h, "/suite/w", "token"), "event of removal");
	ok(xs_unwatch(h, "/suite/w", "token"), "unwatch");
	ok(failed(xs_unwatch(h, "/suite/w", "token"), ENOENT), "unwatch twice: ENOENT");
	put(other, XBT_NULL, "/suite/w", "1");
	ok(!suite_readable(h, 0) || failed(xs_check_watch(h), EAGAIN), "no event afterwards");
}

static void try_perm_words(void)
{
	struct xs_permissions perms[2];

	ok(xs_strings_to_perms(perms, 2, "b0\0n65535") && perms[0].id == 0 &&
		   perms[0].perms == (XS_PERM_READ | XS_PERM_WRITE) && perms[1].id == 65535 &&
		   perms[1].perms == XS_PERM_NONE,
	   "permissions from words");
	ok(failed(xs_strings_to_perms(perms, 1, "x7"), EINVAL), "no such permission: EINVAL");
	perms[0].perms = XS_PERM_READ | XS_PERM_IGNORE;
	ok(xs_set_permissions(h, XBT_NULL, "/suite/p", perms, 1), "one marked to be ignored is said");
	perms[0].perms = XS_PERM_OWNER;
	ok(failed(xs_set_permissions(h, XBT_NULL, "/suite/p", perms, 1), EINVAL),
	   "one that cannot be said: EINVAL");
}

static void try_handles(void)
{
	struct xs_handle *opened[] = {xs_daemon_open(), xs_domain_open(), xs_daemon_open_readonly()};
	unsigned int i;

	for (i = 0; i < 3; i++) {
		ok(opened[i] && reads(opened[i], XBT_NULL, "/suite", ""), "a handle by an older name");
		/* Whatever it has open goes with it. */
		ok(xs_watch(opened[i], "/suite", "old") && xs_transaction_start(opened[i]),
		   "which watches, and has a transaction");
		xs_daemon_close(opened[i]);
	}
	ok(put(h, XBT_NULL, "/suite/after", ""), "and is closed with all that");
}

static void try_suspend_port(void)
{
	ok(xs_suspend_evtchn_port(7) == -1, "no event channel for suspending");
	put(h, XBT_NULL, "/local/domain/7/device/suspend/event-channel", "23");
	ok(xs_suspend_evtchn_port(7) == 23, "the one that is said");
	xs_rm(h, XBT_NULL, "/local/domain/7");
}

static void try_domains(void)
{
	char *path = xs_get_domain_path(h, 7);

	ok(path && !strcmp(path, "/local/domain/7"), "domain path");
	free(path);
	ok(!xs_is_domain_introduced(h, 7), "not introduced");
	ok(failed(xs_release_domain(h, 7), ENOENT), "release of one that is not there: ENOENT");
	ok(failed(xs_resume_domain(h, 7), ENOENT), "and resume");
	ok(failed(xs_set_target(h, 7, 8), ENOENT), "and a target for it");
	ok(failed(xs_introduce_domain(h, 7, 1, 0), EINVAL), "introduction without a port: EINVAL");
	ok(xs_path_is_subpath("/a", "/a/b") && !xs_path_is_subpath("/a", "/ab"), "subpaths");
	path = xs_control_command(h, "help", (void *)"", 0);
	ok(path && path[0], "control help");
	free(path);
	path = xs_debug_command(h, "print", (void *)"suite", sizeof("suite"));
	ok(path && !strcmp(path, "OK"), "and by its older name");
	free(path);
	ok(failed(xs_control_command(h, "dance", (void *)"", 0), EINVAL), "no such command: EINVAL");
}

/* One thread waits for events while others ask. */
#define ROUNDS 500

struct watcher {
	unsigned int seen;
	bool ended;
};

/* Two events of the same node may be one; the last always comes. */
static void count_events(void *arg)
{
	struct watcher *watcher = arg;
	unsigned int num;
	char **event;

	while (!watcher->ended && (event = xs_read_watch(h, &num))) {
		watcher->seen++;
		watcher->ended = !strcmp(event[0], "/suite/end");
		free(event);
	}
}

struct asker {
	unsigned int number;
	bool good;
};

static void ask(void *arg)
{
	struct asker *asker = arg;
	char path[32], value[16];
	unsigned int i;

	asker->good = true;
	sprintf(path, "/suite/thread-%u", asker->number);
	for (i = 0; i < ROUNDS && asker->good; i++) {
		sprintf(value, "%u", i);
		asker->good = put(h, XBT_NULL, path, value) && reads(h, XBT_NULL, path, value);
		suite_yield();
	}
}

static void try_threads(void)
{
	struct watcher seen = {0, false};
	struct asker asker[4];
	struct suite_thread *watching, *asking[4];
	unsigned int i;
	bool good = true;

	xs_watch(h, "/suite", "t");
	watching = suite_start(count_events, &seen);
	for (i = 0; i < 4; i++) {
		asker[i].number = i;
		asking[i] = suite_start(ask, &asker[i]);
	}
	for (i = 0; i < 4; i++) {
		suite_join(asking[i]);
		good &= asker[i].good;
	}
	ok(good, "four threads ask through one handle");
	put(other, XBT_NULL, "/suite/end", "");
	suite_join(watching);
	ok(seen.ended && seen.seen > 4, "while a fifth reads events");
	xs_unwatch(h, "/suite", "t");
}

int main(void)
{
	suite_begin();
	h = xs_open(XS_UNWATCH_FILTER);
	other = xs_open(0);
	if (!h || !other) {
		printf("Bail out! no daemon: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	try_nodes();
	try_long_directory();
	try_perms();
	try_perm_words();
	try_transactions();
	try_watches();
	try_domains();
	try_suspend_port();
	try_handles();
	try_threads();
	ok(xs_rm(h, XBT_NULL, "/suite"), "clean up");
	xs_close(h);
	xs_close(other);
	printf("1..%u\n", tests);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
