/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our client library in a Linux guest, over the kernel's /dev/xen/xenbus. Prints one line for each
 * thing tried; exits with the number of those that failed.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xenstore-lite/client.h"
#include "tests/store/words.h"

#define CHILDREN 400
#define ROUNDS	 200

static struct xs_handle *h, *other;
static int failures;

static void report(const char *what, bool ok)
{
	printf("store: %s %s\n", what, ok ? "ok" : "FAILED");
	failures += !ok;
}

static bool refused(bool done, int error)
{
	return !done && errno == error;
}

static bool next_event_is(const char *path)
{
	struct pollfd fd = {.fd = xs_fileno(h), .events = POLLIN};
	char **event = poll(&fd, 1, 20000) == 1 ? xs_check_watch(h) : NULL;
	bool same = event && !strcmp(event[0], path) && !strcmp(event[1], "token");

	free(event);
	return same;
}

static void try_nodes(void)
{
	struct xs_permissions *perms;
	unsigned int count = 0;

	report("write and read", put(h, XBT_NULL, "data/suite/a", "value") &&
					 reads(other, XBT_NULL, "data/suite/a", "value"));
	report("errors", refused(xs_read(h, XBT_NULL, "data/suite/none", NULL), ENOENT) &&
				 refused(put(h, XBT_NULL, "/tool/x", ""), EACCES) &&
				 refused(xs_mkdir(h, XBT_NULL, "data//x"), EINVAL));
	perms = xs_get_permissions(h, XBT_NULL, "data/suite", &count);
	report("permissions", perms && count >= 1 && perms[0].id &&
				      xs_set_permissions(h, XBT_NULL, "data/suite", perms, count));
	free(perms);
}

/* Too long for one answer. */
static void try_long_directory(void)
{
	unsigned int i, count = 0;
	char path[64], **names;
	bool good = true;

	for (i = 0; i < CHILDREN; i++) {
		sprintf(path, "data/suite/long/child-number-%04u", i);
		good &= xs_mkdir(h, XBT_NULL, path);
	}
	names = xs_directory(h, XBT_NULL, "data/suite/long", &count);
	report("a long directory", good && names && count == CHILDREN);
	free(names);
}

static void try_transactions(void)
{
	xs_transaction_t t = xs_transaction_start(h);

	report("a transaction", t && put(h, t, "data/suite/t", "1") &&
					!reads(other, XBT_NULL, "data/suite/t", "1") &&
					xs_transaction_end(h, t, false) &&
					reads(other, XBT_NULL, "data/suite/t", "1"));
	t = xs_transaction_start(h);
	reads(h, t, "data/suite/t", "1");
	put(h, t, "data/suite/t", "2");
	put(other, XBT_NULL, "data/suite/t", "3");
	report("a conflict", refused(xs_transaction_end(h, t, false), EAGAIN) &&
				     reads(h, XBT_NULL, "data/suite/t", "3"));
}

static void try_watches(void)
{
	report("a watch", xs_watch(h, "data/suite/w", "token") && next_event_is("data/suite/w"));
	put(other, XBT_NULL, "data/suite/w/x", "1");
	report("an event", next_event_is("data/suite/w/x"));
	report("unwatch", xs_unwatch(h, "data/suite/w", "token"));
}

static void *ask(void *tag)
{
	char path[64], value[16];
	unsigned int i;

	sprintf(path, "data/suite/%s", (const char *)tag);
	for (i = 0; i < ROUNDS; i++) {
		sprintf(value, "%u", i);
		if (!put(h, XBT_NULL, path, value) || !reads(h, XBT_NULL, path, value))
			return NULL;
	}
	return tag;
}

static void try_threads(void)
{
	static char names[4][4] = {"t0", "t1", "t2", "t3"};
	pthread_t thread[4];
	bool good = true;
	void *result;
	int i;

	for (i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, ask, names[i]);
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], &result);
		good &= result != NULL;
	}
	report("threads", good);
}

int main(void)
{
	h = xs_open(0);
	other = xs_open(0);
	report("open", h && other);
	if (!h || !other)
		return failures;
	try_nodes();
	try_long_directory();
	try_transactions();
	try_watches();
	try_threads();
	report("remove", xs_rm(h, XBT_NULL, "data/suite") &&
				 refused(xs_read(h, XBT_NULL, "data/suite/t", NULL), ENOENT));
	xs_close(h);
	xs_close(other);
	printf("store: %d failed\n", failures);
	return failures;
}
