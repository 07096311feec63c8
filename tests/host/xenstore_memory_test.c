/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The heap refuses: each allocation of each request in turn. A request then either says ENOMEM and
 * has changed nothing, or has done all of its work; and nobody misses an event for good.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tests/host/xenstore_harness.h"
#include "xenstore-lite/directory.h"
#include "xenstore-lite/memory.h"

static struct server server;
static struct connection *dom0, *one, *watcher;
static long countdown;

/* Refuses one allocation: the one at which the countdown ends. */
static bool refuse_one(size_t size)
{
	(void)size;
	return countdown-- == 0;
}

static bool refuse_all(size_t size)
{
	(void)size;
	return true;
}

static void set_up(void)
{
	unsigned int i;
	char path[32];

	memory_refuse = NULL;
	harness_start_server(&server);
	dom0 = harness_client(&server, 0);
	one = harness_client(&server, 1);
	watcher = harness_client(&server, 0);
	harness_mkdir(dom0, 0, "/local/domain/1");
	harness_set_perms(dom0, 0, "/local/domain/1", "n1", NULL);
	/* Directories whose pages are full, so that adding splits them. */
	for (i = 0; i < 64; i++) {
		sprintf(path, "/full/%02u", i);
		harness_write(dom0, 0, path, "");
	}
	harness_watch(watcher, "/", "t");
	harness_events(watcher);
}

static void tear_down(void)
{
	memory_refuse = NULL;
	harness_stop_server(&server);
}

/* All that is in a tree, as text. */
static char *dump(char *out, struct node *node, unsigned int depth)
{
	struct node *child;
	unsigned int i;

	out += sprintf(out, "%u %.*s=%.*s %u,%u;", depth, node->name_len, node_name(node),
		       node->value_len, node_value(node), node->perms->owner->domid,
		       node->perms->count);
	for (i = 0; (child = directory_at(node->children, i)); i++)
		out = dump(out, child, depth + 1);
	return out;
}

struct request_case {
	struct connection **client;
	uint32_t type;
	const char *payload;
	size_t len;
	bool changes; /* so that the watcher hears of it */
};

#define CASE(client, type, payload, changes) {&client, type, payload, sizeof(payload) - 1, changes}

static const struct request_case cases[] = {
	CASE(dom0, XS_WRITE, "/a/b/c\0value", true),
	CASE(dom0, XS_WRITE, "/full/00\0value", true),
	CASE(dom0, XS_WRITE, "/full/000\0value", true),
	CASE(dom0, XS_WRITE, "/full/99/x/y\0value", true),
	CASE(one, XS_WRITE, "data\0value", true),
	CASE(one, XS_MKDIR, "d/e/f\0", true),
	CASE(dom0, XS_RM, "/full/33\0", true),
	CASE(dom0, XS_RM, "/full\0", true),
	CASE(dom0, XS_SET_PERMS, "/full\0n5\0r6\0r7\0", true),
	CASE(dom0, XS_READ, "/full/00\0", false),
	CASE(dom0, XS_DIRECTORY, "/full\0", false),
	CASE(dom0, XS_DIRECTORY_PART, "/full\0000\0", false),
	CASE(dom0, XS_GET_PERMS, "/full\0", false),
	CASE(dom0, XS_CONTROL, "check\0", false),
	CASE(dom0, XS_INTRODUCE, "2\0001002\000102\0", false),
};

static char before[65536], after[65536];

/* Gives the request with one refusal at each point, until it goes through without reaching it. */
static void try_all(const struct request_case *request, uint32_t tx_id, struct node **root)
{
	const struct answer *answer;
	long point;
	int error;

	for (point = 0;; point++) {
		dump(before, *root, 0);
		countdown = point;
		memory_refuse = refuse_one;
		answer = harness_ask(*request->client, request->type, tx_id, request->payload,
				     request->len);
		memory_refuse = NULL;
		error = harness_error(answer);
		dump(after, *root, 0);
		if (error) {
			ck_assert_int_eq(error, ENOMEM);
			ck_assert_str_eq(before, after);
			continue;
		}
		ck_assert_int_eq(strcmp(before, after) != 0, request->changes);
		if (request->changes && !tx_id)
			ck_assert_str_ne(harness_events(watcher), "");
		break;
	}
}

START_TEST(test_requests)
{
	try_all(&cases[_i], 0, &server.store.root);
}
END_TEST

START_TEST(test_in_transaction)
{
	const struct request_case *request = &cases[_i];
	struct chain *pos;
	struct transaction *transaction;
	uint32_t t;
	long point;
	int error;

	if (request->type == XS_CONTROL || request->type == XS_INTRODUCE)
		return;
	t = harness_start(*request->client);
	pos = (*request->client)->transactions.next;
	transaction = container_of(pos, struct transaction, link);
	try_all(request, t, &transaction->root);
	/* Somebody else's change, so that the commit has to merge. */
	harness_write(dom0, 0, "/elsewhere", "x");
	harness_events(watcher);
	dump(before, server.store.root, 0);
	for (point = 0;; point++) {
		countdown = point;
		memory_refuse = refuse_one;
		error = harness_end(*request->client, t, true);
		memory_refuse = NULL;
		dump(after, server.store.root, 0);
		if (!error)
			break;
		ck_assert_int_eq(error, ENOMEM);
		ck_assert_str_eq(before, after);
		/* The transaction is over: do it again from the start. */
		t = harness_start(*request->client);
		ck_assert_int_eq(harness_error(harness_ask(*request->client, request->type, t,
							   request->payload, request->len)),
				 0);
		harness_write(dom0, 0, "/elsewhere", "y");
		harness_events(watcher);
		dump(before, server.store.root, 0);
	}
	ck_assert_int_eq(strcmp(before, after) != 0, request->changes);
	if (request->changes)
		ck_assert_str_ne(harness_events(watcher), "");
}
END_TEST

START_TEST(test_watch)
{
	static const struct request_case watch = CASE(dom0, XS_WATCH, "/x/y/z\0t\0", false);
	static const struct request_case start = CASE(dom0, XS_TRANSACTION_START, "\0", false);

	try_all(&watch, 0, &server.store.root);
	ck_assert_str_eq(harness_events(dom0), "/x/y/z=t");
	ck_assert_uint_eq(server.watches.count, 2);
	try_all(&start, 0, &server.store.root);
}
END_TEST

/* Nothing left at all: everybody still gets an answer. */
START_TEST(test_exhausted)
{
	memory_refuse = refuse_all;
	ck_assert_int_eq(harness_write(dom0, 0, "/new", "x"), ENOMEM);
	ck_assert_int_eq(harness_mkdir(one, 0, "new"), ENOMEM);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_TRANSACTION_START, 0, "", NULL)),
			 ENOMEM);
	ck_assert_str_eq(harness_read(dom0, 0, "/full/00"), "");
	/* The same length and not shared: needs nothing. */
	ck_assert_int_eq(harness_write(dom0, 0, "/full/00", ""), 0);
	memory_refuse = NULL;
	ck_assert_str_eq(harness_events(watcher), "/=t");
	ck_assert_int_eq(harness_write(dom0, 0, "/new", "x"), 0);
}
END_TEST

/* A ring's message that finds no buffer is taken up again when there is one. */
START_TEST(test_ring_waits)
{
	struct xsd_sockmsg header = {XS_WRITE, 7, 0, 100};
	char payload[100] = "/local/domain/2/x";
	char answer[64];

	harness_introduce(dom0, 2);
	harness_mkdir(dom0, 0, "/local/domain/2");
	harness_set_perms(dom0, 0, "/local/domain/2", "n2", NULL);
	harness_settle(&server);
	harness_guest_send(2, &header, sizeof(header));
	harness_guest_send(2, payload, sizeof(payload));
	memory_refuse = refuse_all;
	ck_assert_int_eq(server_step(&server), SERVER_STARVED);
	ck_assert_int_eq(server_step(&server), SERVER_STARVED);
	memory_refuse = NULL;
	harness_settle(&server);
	ck_assert_uint_eq(harness_guest_receive(2, answer, sizeof(answer)), sizeof(header) + 3);
	ck_assert_str_eq(answer + sizeof(header), "OK");
	ck_assert_uint_eq(strlen(harness_read(dom0, 0, "/local/domain/2/x")), 0);
}
END_TEST

/* Making a server or a connection fails cleanly too; the harness counts what is left. */
START_TEST(test_beginning)
{
	struct memory_use at_start = memory_use();
	struct server another;
	long point;

	for (point = 0;; point++) {
		int error;

		countdown = point;
		memory_refuse = refuse_one;
		error = server_init(&another, NULL);
		memory_refuse = NULL;
		if (!error)
			break;
		while (node_reap(1000))
			;
		ck_assert_uint_eq(memory_use().bytes, at_start.bytes);
	}
	ck_assert_int_gt(point, 5);
	server_destroy(&another);
	ck_assert_uint_eq(memory_use().bytes, at_start.bytes);
	for (point = 0; point < 3; point++) {
		countdown = point;
		memory_refuse = refuse_one;
		ck_assert_ptr_null(harness_client(&server, 9));
		memory_refuse = NULL;
		ck_assert_uint_eq(memory_use().bytes, at_start.bytes);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore memory");
	TCase *tc = tcase_create("memory");
	int count = sizeof(cases) / sizeof(cases[0]);

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, test_requests, 0, count);
	tcase_add_loop_test(tc, test_in_transaction, 0, count);
	tcase_add_test(tc, test_watch);
	tcase_add_test(tc, test_exhausted);
	tcase_add_test(tc, test_ring_waits);
	tcase_add_test(tc, test_beginning);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
