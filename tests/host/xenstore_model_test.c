/* SPDX-License-Identifier: GPL-2.0-only */
/* Random operations of several clients: the store must answer as the simple reference does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tests/host/xenstore_harness.h"
#include "tests/host/xenstore_model.h"
#include "xenstore-lite/memory.h"

static struct server server;
static struct connection *client[MODEL_CLIENTS];
static uint32_t id[MODEL_CLIENTS];
static struct model model;
static uint32_t seed;

static void set_up(void)
{
	unsigned int i;

	harness_start_server(&server);
	for (i = 0; i < MODEL_CLIENTS; i++)
		client[i] = harness_client(&server, i < 2 ? 0 : i);
	harness_rm(client[0], 0, "/tool");
	memset(id, 0, sizeof(id));
	model_init(&model);
}

static void tear_down(void)
{
	harness_stop_server(&server);
}

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 10) % below;
}

static struct model_perms draw_perms(unsigned int who)
{
	struct model_perms perms = {
		.owner = draw(4) ? (who < 2 ? 0 : who) : draw(2) ? 2 : 3,
		.others = draw(4),
		.friend = draw(2) ? 2 + draw(2) : 0,
		.rights = draw(4),
	};

	return perms;
}

static size_t perms_payload(char *payload, const struct model_op *op)
{
	size_t len = sprintf(payload, "%s", model_path(op->path)) + 1;

	len += sprintf(payload + len, "%c%u", "nrwb"[op->perms.others], op->perms.owner) + 1;
	if (op->perms.friend)
		len += sprintf(payload + len, "%c%u", "nrwb"[op->perms.rights], op->perms.friend) +
		       1;
	return len;
}

static const struct answer *ask(unsigned int who, uint32_t tx_id, const struct model_op *op)
{
	static const uint32_t types[MODEL_KINDS] = {XS_READ,  XS_DIRECTORY, XS_GET_PERMS, XS_WRITE,
						    XS_MKDIR, XS_RM,	    XS_SET_PERMS};
	char payload[128];
	size_t len = sprintf(payload, "%s", model_path(op->path)) + 1;

	if (op->kind == MODEL_WRITE)
		len += sprintf(payload + len, "%u", op->value);
	if (op->kind == MODEL_SET_PERMS)
		len = perms_payload(payload, op);
	return harness_ask(client[who], types[op->kind], tx_id, payload, len);
}

/* What a successful look at a node must show. */
static void check_answer(unsigned int who, bool in_transaction, const struct model_op *op,
			 const struct answer *answer)
{
	const struct model_node *node = model_see(&model, who, in_transaction, op->path);
	char expected[64] = "";
	size_t len = 0;
	unsigned int i;
	struct model_op perms = *op;

	switch (op->kind) {
	case MODEL_READ:
		if (node->value)
			len = sprintf(expected, "%u", node->value);
		break;
	case MODEL_LIST:
		for (i = 0; i < 3; i++)
			if (3 * op->path + 1 + i < MODEL_PATHS &&
			    model_see(&model, who, in_transaction, 3 * op->path + 1 + i))
				len += sprintf(expected + len, "%c", 'a' + i) + 1;
		break;
	case MODEL_GET_PERMS:
		perms.perms = node->perms;
		len = perms_payload(expected, &perms);
		i = strlen(expected) + 1;
		len -= i;
		memmove(expected, expected + i, len);
		break;
	default:
		return;
	}
	ck_assert_uint_eq(answer->len, len);
	ck_assert_mem_eq(answer->data, expected, len);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts the words of a text. */
static void sort_words(char *text, char *out)
{
	char *word[512];
	unsigned int words = 0, i;

	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		word[words++] = w;
	qsort(word, words, sizeof(word[0]), by_text);
	*out = 0;
	for (i = 0; i < words; i++)
		out += sprintf(out, "%s ", word[i]);
}

static void check_events(void)
{
	static char expected[8192], seen[65536], a[8192], b[65536];
	unsigned int c, w, p;

	for (c = 0; c < MODEL_CLIENTS; c++) {
		size_t len = 0;

		expected[0] = 0;
		for (w = 0; w < MODEL_WATCHES; w++)
			for (p = 0; p < MODEL_PATHS; p++)
				if (model.told[c][w][p])
					len += sprintf(expected + len, "%s=%u ", model_path(p), w);
		strcpy(seen, harness_events(client[c]));
		sort_words(expected, a);
		sort_words(seen, b);
		ck_assert_str_eq(a, b);
	}
}

static void toggle_watch(unsigned int who)
{
	unsigned int w = draw(MODEL_WATCHES), path = draw(MODEL_PATHS);
	struct model_watch *watch = &model.watch[who][w];
	char token[8];

	sprintf(token, "%u", w);
	memset(model.told, 0, sizeof(model.told));
	if (watch->used) {
		ck_assert_int_eq(harness_error(harness_say(client[who], XS_UNWATCH, 0,
							   model_path(watch->path), token, NULL)),
				 0);
		watch->used = false;
		return;
	}
	ck_assert_int_eq(harness_watch(client[who], model_path(path), token), 0);
	watch->used = true;
	watch->path = path;
	model.told[who][w][path] = true;
}

static void toggle_transaction(unsigned int who)
{
	bool keep = draw(8);

	if (!id[who]) {
		model_start(&model, who);
		id[who] = harness_start(client[who]);
		return;
	}
	/* What the reference cannot remember is not asked of the store. */
	keep &= !model.transaction[who].too_long;
	ck_assert_int_eq(harness_end(client[who], id[who], keep), model_end(&model, who, keep));
	id[who] = 0;
}

static void operate(unsigned int who)
{
	struct model_op op = {
		.kind = draw(MODEL_KINDS),
		/* Short paths come up more often. */
		.path = draw(draw(2) ? 13 : MODEL_PATHS),
		.value = 1 + draw(3),
		.perms = draw_perms(who),
	};
	bool in_transaction = id[who] && draw(4);
	const struct answer *answer;
	int error;

	/* Removing near the root all the time would leave nothing to work with. */
	if (op.kind == MODEL_RM && op.path < 4 && draw(4))
		return;
	error = model_do(&model, who, in_transaction, &op);
	answer = ask(who, in_transaction ? id[who] : 0, &op);
	ck_assert_msg(harness_error(answer) == error, "client %u kind %d path %s: %s, not %d", who,
		      op.kind, model_path(op.path), answer->data, error);
	if (!error)
		check_answer(who, in_transaction, &op, answer);
	check_events();
}

static void turn(void)
{
	unsigned int who = draw(MODEL_CLIENTS);

	switch (draw(16)) {
	case 0:
		toggle_watch(who);
		check_events();
		break;
	case 1:
		toggle_transaction(who);
		check_events();
		break;
	default:
		operate(who);
	}
}

START_TEST(test_random)
{
	unsigned int i;

	seed = 1000 + _i;
	for (i = 0; i < 20000; i++)
		turn();
	node_reap(1000000);
}
END_TEST

/*
 * 100,000 operations, then everything is taken back: the heap must hold what it held before, to the
 * byte. Tables that only ever grow are brought to their size by a first round.
 */
START_TEST(test_memory_returns)
{
	struct memory_use before, after;
	unsigned int i, c, round;

	seed = 77;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < (round ? 100000 : 5000); i++)
			turn();
		for (c = 0; c < MODEL_CLIENTS; c++) {
			harness_ask(client[c], XS_RESET_WATCHES, 0, "", 1);
			memset(model.watch[c], 0, sizeof(model.watch[c]));
			id[c] = 0;
			harness_events(client[c]);
		}
		for (i = 1; i < 4; i++)
			harness_rm(client[0], 0, model_path(i));
		harness_ask(client[0], XS_SET_PERMS, 0, "/\0n0\0", 5);
		harness_ask(client[0], XS_WRITE, 0, "/\0", 2);
		model_init(&model);
		while (node_reap(1000))
			;
		after = memory_use();
		if (!round)
			before = after;
	}
	ck_assert_uint_eq(after.bytes, before.bytes);
	ck_assert_uint_eq(after.blocks, before.blocks);
	ck_assert_uint_eq(server.watches.places, 1);
	ck_assert_uint_eq(client[2]->account->nodes, 0);
	ck_assert_uint_eq(client[2]->account->memory, 0);
	ck_assert_uint_eq(account_find(&server.store.accounts, 0)->nodes, 1);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore model");
	TCase *tc = tcase_create("model");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, test_random, 0, 5);
	tcase_add_test(tc, test_memory_returns);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
