/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that tries the store over its ring, and prints TAP on its console. With the argument "greet"
 * it answers what it is asked through the store instead, for as long as it lives; with the name of a
 * behaviour of hostile.c it does that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <minios/thread.h>
#include <minios/time.h>
#include <minios/xenbus.h>

#include "tests/store/guest/hostile.h"

static unsigned int tests, failures;

static void ok(bool good, const char *what)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", ++tests, what);
	failures += !good;
}

static bool reads(xenbus_tx_t tx, const char *path, const char *expected)
{
	char *value;
	size_t len;
	bool same;

	if (xenbus_read(tx, path, &value, &len))
		return false;
	same = len == strlen(expected) && !strcmp(value, expected);
	free(value);
	return same;
}

static int put(xenbus_tx_t tx, const char *path, const char *value)
{
	return xenbus_write(tx, path, value, strlen(value));
}

static void try_nodes(void)
{
	char **names, *value;
	unsigned int count;

	ok(!put(XENBUS_NO_TX, "data/a/b", "value"), "write below our own directory");
	ok(reads(XENBUS_NO_TX, "data/a/b", "value"), "read it back");
	ok(!xenbus_mkdir(XENBUS_NO_TX, "data/c"), "mkdir");
	ok(!xenbus_directory(XENBUS_NO_TX, "data", &names, &count) && count >= 2, "directory");
	free(names);
	ok(xenbus_read(XENBUS_NO_TX, "data/none", &value, NULL) == -ENOENT, "nothing: ENOENT");
	ok(xenbus_read(XENBUS_NO_TX, "/tool", &value, NULL) == -EACCES, "not ours: EACCES");
	ok(put(XENBUS_NO_TX, "/tool/x", "") == -EACCES, "not to be written: EACCES");
	ok(put(XENBUS_NO_TX, "data//x", "") == -EINVAL, "bad path: EINVAL");
	ok(!xenbus_rm(XENBUS_NO_TX, "data/a") &&
		   xenbus_read(XENBUS_NO_TX, "data/a/b", &value, NULL) == -ENOENT,
	   "rm");
}

/* Longer than the ring, there and back. */
static void try_long_values(void)
{
	static char text[2001];

	memset(text, 'v', sizeof(text) - 1);
	ok(!put(XENBUS_NO_TX, "data/long", text) && reads(XENBUS_NO_TX, "data/long", text),
	   "a value longer than the ring");
	text[0] = 'w';
	ok(reads(XENBUS_NO_TX, "data/long", text) == false, "is compared to the last byte");
}

static void try_transactions(void)
{
	xenbus_tx_t tx;

	put(XENBUS_NO_TX, "data/t", "1");
	ok(!xenbus_tx_start(&tx) && !put(tx, "data/t", "2") && reads(tx, "data/t", "2") &&
		   reads(XENBUS_NO_TX, "data/t", "1"),
	   "a transaction sees its own change alone");
	ok(!xenbus_tx_end(tx, false) && reads(XENBUS_NO_TX, "data/t", "2"), "until it ends");
	xenbus_tx_start(&tx);
	reads(tx, "data/t", "2");
	put(tx, "data/u", "x");
	put(XENBUS_NO_TX, "data/t", "3");
	ok(xenbus_tx_end(tx, false) == -EAGAIN, "a conflict: EAGAIN");
}

static void count_event(const char *path, void *context)
{
	(void)path;
	++*(volatile unsigned int *)context;
}

static void try_watches(void)
{
	static volatile unsigned int events;
	uint64_t deadline = time_monotonic() + SEC(10);
	struct xenbus_watch *watch;

	ok(!xenbus_watch("data/w", count_event, (void *)&events, &watch), "watch");
	while (events < 1 && time_monotonic() < deadline)
		thread_sleep(MSEC(1));
	ok(events == 1, "the first event");
	put(XENBUS_NO_TX, "data/w/x", "");
	while (events < 2 && time_monotonic() < deadline)
		thread_sleep(MSEC(1));
	ok(events == 2, "and one of a change");
	ok(!xenbus_unwatch(watch), "unwatch");
}

static void try_quota(void)
{
	unsigned int made = 0, i;
	char path[32];
	int error = 0;

	for (i = 0; i < 1100 && !error; i++) {
		sprintf(path, "data/many/%u", i);
		error = put(XENBUS_NO_TX, path, "");
		made += !error;
	}
	ok(error == -ENOSPC && made > 900 && made < 1000, "so many nodes and no more: ENOSPC");
	ok(!xenbus_rm(XENBUS_NO_TX, "data/many"), "all of them removed");
	ok(!put(XENBUS_NO_TX, "data/again", ""), "and there is room again");
}

/* What stands in data/ask is said again in data/answer. */
static void answer(const char *path, void *context)
{
	char *value;

	(void)context;
	if (xenbus_read(XENBUS_NO_TX, path, &value, NULL))
		return;
	put(XENBUS_NO_TX, "data/answer", value);
	free(value);
}

static void greet(void)
{
	struct xenbus_watch *watch;

	if (xenbus_watch("data/ask", answer, NULL, &watch))
		printf("Bail out! no watch\n");
	for (;;)
		thread_sleep(SEC(1000));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "greet"))
		greet();
	if (argc > 1)
		hostile_run(argv[1]);
	if (!xenbus_available()) {
		printf("Bail out! no store\n");
		return EXIT_FAILURE;
	}
	try_nodes();
	try_long_values();
	try_transactions();
	try_watches();
	try_quota();
	printf("1..%u\nstore: %s\n", tests, failures ? "failed" : "passed");
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
