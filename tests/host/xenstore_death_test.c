/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many guests that do whatever comes to their mind and die in the middle of it: afterwards the store
 * is what it was before they came.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tests/host/xenstore_harness.h"
#include "xenstore-lite/domain.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/store.h"

#define FIRST	1u
#define GUESTS	200u
#define ACTIONS 100000u

static struct server server;
static struct connection *dom0;
static uint32_t seed;

static void set_up(void)
{
	char value[1501] = "";

	harness_start_server(&server);
	dom0 = harness_client(&server, 0);
	memset(value, 'v', sizeof(value) - 1);
	harness_write(dom0, 0, "/large", value);
	harness_set_perms(dom0, 0, "/large", "r0", NULL);
	harness_mkdir(dom0, 0, "/local/domain");
	harness_watch(dom0, "/local/domain", "all");
	harness_watch(dom0, "@releaseDomain", "gone");
	harness_events(dom0);
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

static uint16_t draw_guest(void)
{
	return FIRST + draw(GUESTS);
}

/* All that must be as it was. */
struct state {
	struct memory_use memory;
	size_t nodes;
	uint32_t watches, places, accounts, perms, connections, domains;
};

static struct state take_state(void)
{
	struct store_survey survey;

	harness_settle(&server);
	ck_assert_int_eq(store_survey(&server.store, &survey), 0);
	ck_assert(survey.sound);
	return (struct state){
		.memory = memory_use(),
		.nodes = survey.nodes,
		.watches = server.watches.count,
		.places = server.watches.places,
		.accounts = server.store.accounts.count,
		.perms = server.store.perms.count,
		.connections = server.connection_count,
		.domains = server.domain_count,
	};
}

static void check_same(const struct state *a, const struct state *b)
{
	ck_assert_uint_eq(a->nodes, b->nodes);
	ck_assert_uint_eq(a->watches, b->watches);
	ck_assert_uint_eq(a->places, b->places);
	ck_assert_uint_eq(a->accounts, b->accounts);
	ck_assert_uint_eq(a->perms, b->perms);
	ck_assert_uint_eq(a->connections, b->connections);
	ck_assert_uint_eq(a->domains, b->domains);
	ck_assert_uint_eq(a->memory.blocks, b->memory.blocks);
	ck_assert_uint_eq(a->memory.bytes, b->memory.bytes);
}

/* --- coming and going ------------------------------------------------------------------------- */

static const char *home(uint16_t domid)
{
	static char path[32];

	sprintf(path, "/local/domain/%u", domid);
	return path;
}

static void be_born(uint16_t domid)
{
	char owner[8];

	sprintf(owner, "n%u", domid);
	harness_domain[domid].state = DOMAIN_RUNS;
	ck_assert_int_eq(harness_mkdir(dom0, 0, home(domid)), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, home(domid), owner, NULL), 0);
	ck_assert_int_eq(harness_introduce(dom0, domid), 0);
}

/* Whoever hears of it first: the store itself, or a tool that says so. */
static void die(uint16_t domid)
{
	char text[8];

	harness_domain[domid].state = DOMAIN_GONE;
	if (draw(2)) {
		domain_check_all(&server);
	} else {
		sprintf(text, "%u", domid);
		ck_assert_int_eq(harness_error(harness_say(dom0, XS_RELEASE, 0, text, NULL)), 0);
	}
	ck_assert(!harness_domain[domid].mapped);
	/* What it has left in the store may stay there for a while, or be wiped by then. */
	if (draw(2))
		harness_rm(dom0, 0, home(domid));
}

/* --- what a guest does ------------------------------------------------------------------------ */

/* One of few places: its own, a neighbour's, nobody's, and one whose value fills the ring. */
static size_t draw_path(char *out)
{
	static const char *const below[] = {"", "/a", "/a/b", "/device/vif/0", "/a/b/c/d/e/f"};

	switch (draw(8)) {
	case 0:
		return sprintf(out, "%s%s", home(draw_guest()), below[draw(5)]) + 1;
	case 1:
		return sprintf(out, "/elsewhere%s", below[draw(5)]) + 1;
	case 2:
		return sprintf(out, draw(4) ? "/large" : "not//valid") + 1;
	default:
		return sprintf(out, "d%u%s", draw(4), below[draw(5)]) + 1;
	}
}

static size_t add_perms(char *out)
{
	size_t len = 0;
	unsigned int i, count = draw(4);

	for (i = 0; i < count; i++)
		len += sprintf(out + len, "%c%u", "nrwbx"[draw(5)], draw_guest()) + 1;
	return len;
}

static size_t draw_payload(char *out, uint32_t type)
{
	size_t len = draw_path(out);

	switch (type) {
	case XS_WRITE:
		memset(out + len, 'v', 1000);
		return len + draw(draw(4) ? 20 : 1000);
	case XS_WATCH:
	case XS_UNWATCH:
		return len + sprintf(out + len, "token%u", draw(3)) + 1;
	case XS_SET_PERMS:
		return len + add_perms(out + len);
	case XS_TRANSACTION_START:
	case XS_RESET_WATCHES:
		return sprintf(out, "%s", "") + 1;
	case XS_TRANSACTION_END:
		return sprintf(out, "%s", draw(2) ? "T" : "F") + 1;
	default:
		return len;
	}
}

/* A request, as far as there is room: what does not fit is never sent. */
static void ask(uint16_t domid)
{
	static const uint8_t types[] = {XS_READ,  XS_DIRECTORY, XS_WRITE,     XS_WRITE,
					XS_WRITE, XS_MKDIR,	XS_RM,	      XS_SET_PERMS,
					XS_WATCH, XS_WATCH,	XS_UNWATCH,   XS_GET_PERMS,
					XS_TRANSACTION_START,	XS_TRANSACTION_END,
					XS_RESET_WATCHES,	XS_INTRODUCE, 77};
	struct {
		struct xsd_sockmsg header;
		char payload[2048];
	} message;
	uint32_t type = types[draw(sizeof(types))];
	/* In one of its transactions, if it has as many. */
	uint32_t tx_id = type == XS_TRANSACTION_START || draw(2) ? 0 : 1 + draw(6);
	size_t size;

	message.header = (struct xsd_sockmsg){type, 1, tx_id, draw_payload(message.payload, type)};
	size = sizeof(message.header) + message.header.len;
	/* Some stop in the middle. */
	harness_guest_send(domid, &message, draw(20) ? size : draw(size));
}

static void read_answers(uint16_t domid)
{
	char bytes[XENSTORE_RING_SIZE];

	harness_guest_receive(domid, bytes, draw(3) ? sizeof(bytes) : draw(sizeof(bytes)));
}

static void scribble(uint16_t domid)
{
	struct xenstore_domain_interface *page = harness_domain[domid].page;

	switch (draw(4)) {
	case 0:
		page->req_prod += draw(2 * XENSTORE_RING_SIZE);
		break;
	case 1:
		page->rsp_cons -= draw(2 * XENSTORE_RING_SIZE);
		break;
	default:
		page->connection = XENSTORE_RECONNECT;
	}
	connection_wake(harness_domain[domid].connection);
}

static void act(uint16_t domid)
{
	unsigned int what = draw(100);

	if (!harness_domain[domid].mapped)
		be_born(domid);
	else if (what < 70)
		ask(domid);
	else if (what < 85 && domid % 4)
		read_answers(domid); /* a quarter never does */
	else if (what == 98)
		scribble(domid);
	else if (what == 99)
		die(domid);
	/* The others let the store come to its turn, or not yet. */
	if (what >= 50)
		server_step(&server);
}

START_TEST(test_random_deaths)
{
	struct state before = take_state(), after;
	unsigned int i, births = 0, transactions = 0, answers = 0;
	uint16_t domid;

	seed = _i + 1;
	for (i = 0; i < ACTIONS; i++) {
		domid = draw_guest();
		births += !harness_domain[domid].mapped;
		act(domid);
		if (i % 16 == 0)
			harness_events(dom0);
	}
	ck_assert_uint_gt(births, 2 * GUESTS);
	ck_assert_uint_gt(server.watches.count, before.watches);
	for (domid = FIRST; domid < FIRST + GUESTS; domid++) {
		if (!harness_domain[domid].mapped)
			continue;
		transactions += harness_domain[domid].connection->account->transactions;
		answers += harness_domain[domid].connection->answers;
		die(domid);
	}
	/* They did not die with empty hands. */
	ck_assert(transactions && answers);
	harness_rm(dom0, 0, "/local/domain");
	harness_mkdir(dom0, 0, "/local/domain");
	harness_events(dom0);
	after = take_state();
	check_same(&before, &after);
}
END_TEST

/* --- many that live --------------------------------------------------------------------------- */

/* Every guest watches its own place and is told of one change; the others hear nothing. */
START_TEST(test_many_rings)
{
	struct state before = take_state(), after;
	struct xsd_sockmsg header;
	char payload[64], path[64];
	uint16_t domid;

	for (domid = FIRST; domid < FIRST + GUESTS; domid++) {
		be_born(domid);
		harness_guest_request(&server, domid, XS_WATCH, 7, "control\0w", 10);
		while (harness_guest_receive(domid, payload, sizeof(payload)))
			;
		harness_settle(&server);
	}
	harness_events(dom0);
	for (domid = FIRST; domid < FIRST + GUESTS; domid++) {
		unsigned int notified = harness_domain[FIRST].notified;

		sprintf(path, "%s/control/shutdown", home(domid));
		ck_assert_int_eq(harness_write(dom0, 0, path, "poweroff"), 0);
		harness_settle(&server);
		ck_assert_uint_eq(harness_guest_receive(domid, &header, sizeof(header)),
				  sizeof(header));
		ck_assert_uint_eq(header.type, XS_WATCH_EVENT);
		ck_assert_uint_eq(harness_guest_receive(domid, payload, header.len), header.len);
		ck_assert_str_eq(payload, "control/shutdown");
		ck_assert(domid == FIRST || harness_domain[FIRST].notified == notified);
		harness_events(dom0);
	}
	for (domid = FIRST; domid < FIRST + GUESTS; domid++)
		die(domid);
	harness_rm(dom0, 0, "/local/domain");
	harness_mkdir(dom0, 0, "/local/domain");
	harness_events(dom0);
	after = take_state();
	check_same(&before, &after);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore deaths");
	TCase *tc = tcase_create("death");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, test_random_deaths, 0, 4);
	tcase_add_test(tc, test_many_rings);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
