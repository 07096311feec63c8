/* SPDX-License-Identifier: GPL-2.0-only */
/* Quotas: at each limit it works, one beyond it does not, and what is given back can be had again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tests/host/xenstore_harness.h"

static struct server server;
static struct connection *dom0, *one, *two;

/* Nodes made for everybody to look at. */
#define LOOKS 7u

static void set_up(void)
{
	unsigned int i;
	char path[16];

	harness_start_server(&server);
	dom0 = harness_client(&server, 0);
	one = harness_client(&server, 1);
	two = harness_client(&server, 2);
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/local/domain/1"), 0);
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/local/domain/2"), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/local/domain/1", "n1", NULL), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/local/domain/2", "n2", NULL), 0);
	for (i = 0; i < LOOKS; i++) {
		sprintf(path, "/looks/%u", i);
		harness_write(dom0, 0, path, "");
		harness_set_perms(dom0, 0, path, "r0", NULL);
	}
}

static void tear_down(void)
{
	harness_stop_server(&server);
}

static int set_quota(const char *domid, const char *name, unsigned int limit)
{
	char text[16];

	sprintf(text, "%u", limit);
	return harness_error(harness_say(dom0, WIRE_SET_QUOTA, 0, domid, name, text, NULL));
}

/* --- what is counted -------------------------------------------------------------------------- */

static const char *numbered(const char *prefix, unsigned int number)
{
	static char name[32];

	sprintf(name, "%s%u", prefix, number);
	return name;
}

static int take_node(struct connection *client, unsigned int number)
{
	return harness_mkdir(client, 0, numbered("n", number));
}

static int give_node(struct connection *client, unsigned int number)
{
	return harness_rm(client, 0, numbered("n", number));
}

static int take_watch(struct connection *client, unsigned int number)
{
	return harness_watch(client, numbered("w", number), "t");
}

static int give_watch(struct connection *client, unsigned int number)
{
	return harness_error(
		harness_say(client, XS_UNWATCH, 0, numbered("w", number), "t", NULL));
}

/* A new connection numbers its transactions from 1. */
static int take_transaction(struct connection *client, unsigned int number)
{
	(void)number;
	return harness_error(harness_say(client, XS_TRANSACTION_START, 0, "", NULL));
}

static int give_transaction(struct connection *client, unsigned int number)
{
	return harness_end(client, number + 1, false);
}

static uint32_t open_transaction[3]; /* by domain */

/* One transaction that looks at one node after the other. */
static int take_look(struct connection *client, unsigned int number)
{
	uint32_t *id = &open_transaction[client->domid];
	char path[16];

	sprintf(path, "/looks/%u", number);
	if (!number)
		*id = harness_start(client);
	return harness_error(harness_say(client, XS_READ, *id, path, NULL));
}

static int give_look(struct connection *client, unsigned int number)
{
	uint32_t *id = &open_transaction[client->domid];
	int error = harness_end(client, *id, false);

	(void)number;
	*id = harness_start(client);
	return error;
}

static const struct counted {
	const char *quota;
	unsigned int held; /* at the start */
	int error;
	int (*take)(struct connection *client, unsigned int number);
	int (*give)(struct connection *client, unsigned int number);
} counted[] = {
	/* The domain's own directory is one. */
	{"nodes", 1, ENOSPC, take_node, give_node},
	{"watches", 0, E2BIG, take_watch, give_watch},
	{"transactions", 0, ENOSPC, take_transaction, give_transaction},
	{"transaction-nodes", 0, ENOSPC, take_look, give_look},
};

#define LIMIT 5u

START_TEST(test_counted)
{
	const struct counted *row = &counted[_i];
	unsigned int i;

	ck_assert_int_eq(set_quota("1", row->quota, LIMIT), 0);
	for (i = 0; i < LIMIT - row->held; i++)
		ck_assert_int_eq(row->take(one, i), 0);
	ck_assert_int_eq(row->take(one, i), row->error);
	ck_assert_int_eq(row->take(one, i), row->error);
	ck_assert_int_eq(row->give(one, 2), 0);
	ck_assert_int_eq(row->take(one, i), 0);
	/* It is that domain's alone, and 0 is none. */
	for (i = 0; i <= LIMIT; i++)
		ck_assert_int_eq(row->take(two, i), 0);
	ck_assert_int_eq(set_quota("1", row->quota, 0), 0);
	ck_assert_int_eq(row->take(one, LIMIT + 1), 0);
}
END_TEST

/* --- what has a size -------------------------------------------------------------------------- */

static int write_value(struct connection *client, unsigned int size)
{
	char value[XENSTORE_PAYLOAD_MAX] = "";

	memset(value, 'v', size);
	return harness_write(client, 0, "value", value);
}

/* A request of just that size: "x", a nul, and a value. */
static int write_request(struct connection *client, unsigned int size)
{
	char payload[XENSTORE_PAYLOAD_MAX] = "x";

	return harness_error(harness_ask(client, XS_WRITE, 0, payload, size));
}

static int make_path(struct connection *client, unsigned int size)
{
	char path[XENSTORE_PAYLOAD_MAX];

	memset(path, 'p', sizeof(path));
	sprintf(path, "/local/domain/%u", client->domid);
	path[strlen(path)] = '/';
	path[size] = 0;
	return harness_mkdir(client, 0, path);
}

static int set_entries(struct connection *client, unsigned int count)
{
	char payload[256];
	size_t len = sprintf(payload, "/local/domain/%u", client->domid) + 1;
	unsigned int i;

	len += sprintf(payload + len, "n%u", client->domid) + 1;
	for (i = 1; i < count; i++)
		len += sprintf(payload + len, "r%u", 100 + i) + 1;
	return harness_error(harness_ask(client, XS_SET_PERMS, 0, payload, len));
}

static const struct sized {
	const char *quota;
	unsigned int standard; /* what holds where nothing is said */
	unsigned int most;     /* of any domain, by the protocol */
	unsigned int limit;
	int error;
	int (*take)(struct connection *client, unsigned int size);
} sized[] = {
	{"node-size", 2048, 4000, 100, ENOSPC, write_value},
	{"path-max", 3072, 3072, 100, EINVAL, make_path},
	{"node-permissions", 5, 20, 3, ENOSPC, set_entries},
	{"permissions", 5, 20, 3, ENOSPC, set_entries},
	{"request-size", XENSTORE_PAYLOAD_MAX, XENSTORE_PAYLOAD_MAX, 100, E2BIG, write_request},
};

START_TEST(test_sized)
{
	const struct sized *row = &sized[_i];

	/* Values are bounded before requests are. */
	set_quota("1", "node-size", row->take == write_value ? row->standard : 0);
	ck_assert_int_eq(row->take(one, row->standard), 0);
	if (row->most > row->standard)
		ck_assert_int_eq(row->take(one, row->standard + 1), row->error);
	ck_assert_int_eq(set_quota("1", row->quota, row->limit), 0);
	ck_assert_int_eq(row->take(one, row->limit), 0);
	ck_assert_int_eq(row->take(one, row->limit + 1), row->error);
	ck_assert_int_eq(row->take(one, row->limit), 0);
	ck_assert_int_eq(row->take(two, row->limit + 1), 0);
	ck_assert_int_eq(set_quota("1", row->quota, 0), 0);
	ck_assert_int_eq(row->take(one, row->most), 0);
}
END_TEST

START_TEST(test_control_domain_is_not_bound)
{
	enum quota which;
	unsigned int i;

	for (which = 0; which < QUOTA_COUNT; which++)
		ck_assert_int_eq(harness_error(harness_say(dom0, WIRE_SET_QUOTA, 0,
							   quota_name(which), "1", NULL)), 0);
	for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		ck_assert_int_eq(counted[i].take(dom0, 0) | counted[i].take(dom0, 1), 0);
	for (i = 0; i < sizeof(sized) / sizeof(sized[0]); i++)
		ck_assert_int_eq(sized[i].take(dom0, sized[i].most), 0);
}
END_TEST

/* --- what waits to be read -------------------------------------------------------------------- */

/* Takes all that the ring gives; the number of bytes. */
static size_t drain(uint16_t domid)
{
	char bytes[XENSTORE_RING_SIZE];
	size_t all = 0, now;

	do {
		now = harness_guest_receive(domid, bytes, sizeof(bytes));
		all += now;
		harness_settle(&server);
	} while (now);
	return all;
}

START_TEST(test_outstanding)
{
	const struct connection *guest;
	char value[2001] = "";
	unsigned int i;

	memset(value, 'v', sizeof(value) - 1);
	ck_assert_int_eq(harness_write(dom0, 0, "/large", value), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/large", "r0", NULL), 0);
	ck_assert_int_eq(harness_introduce(dom0, 3), 0);
	ck_assert_int_eq(set_quota("3", "outstanding", 2), 0);
	guest = harness_domain[3].connection;
	/* None of the answers fits the ring, so the first is one that waits. */
	for (i = 1; i <= 4; i++) {
		harness_guest_request(&server, 3, XS_READ, i, "/large", 7);
		ck_assert_uint_eq(guest->answers, i < 2 ? i : 2);
	}
	/* Those beyond wait in the ring, unread; all are answered when there is room. */
	ck_assert_uint_gt(harness_domain[3].page->req_prod - harness_domain[3].page->req_cons, 0);
	ck_assert_uint_eq(drain(3), 4 * (sizeof(struct xsd_sockmsg) + 2000));
	ck_assert_uint_eq(guest->answers, 0);
	ck_assert_uint_eq(guest->account->memory, 0);
}
END_TEST

/* --- nodes and memory, as they grow and shrink ------------------------------------------------ */

START_TEST(test_node_quota)
{
	unsigned int i, made;
	char path[32];

	for (i = 0, made = 0; i < 1100; i++) {
		sprintf(path, "n%u", i);
		made += !harness_write(one, 0, path, "");
	}
	/* The domain's own directory counts too. */
	ck_assert_uint_eq(made, 999);
	ck_assert_int_eq(harness_mkdir(one, 0, "more"), ENOSPC);
	ck_assert_int_eq(harness_write(one, 0, "n5", "still"), 0);
	ck_assert_int_eq(harness_rm(one, 0, "n6"), 0);
	ck_assert_int_eq(harness_write(one, 0, "a/b", ""), ENOSPC);
	ck_assert_int_eq(harness_write(one, 0, "a", ""), 0);
	/* Nobody else is concerned, and the control domain is not bound. */
	ck_assert_int_eq(harness_write(two, 0, "x", ""), 0);
	ck_assert_int_eq(harness_write(dom0, 0, "/local/domain/1/more", ""), 0);
	ck_assert_int_eq(harness_rm(dom0, 0, "/local/domain/1"), 0);
	ck_assert_uint_eq(one->account->nodes, 0);
}
END_TEST

/* What nodes hold counts as memory of their owner, whoever writes them. */
START_TEST(test_memory_quota)
{
	char value[1001], path[16];
	unsigned int i, made = 0;
	uint32_t t;

	memset(value, 'v', 1000);
	value[1000] = 0;
	harness_say(dom0, WIRE_SET_QUOTA, 0, "1", "memory", "12000", NULL);
	for (i = 0; i < 20; i++) {
		sprintf(path, "n%u", i);
		made += !harness_write(one, 0, path, value);
	}
	ck_assert_uint_eq(made, 11);
	ck_assert_int_eq(harness_write(one, 0, "n0", "short"), 0);
	ck_assert_int_eq(harness_write(one, 0, "n11", ""), 0);
	ck_assert_int_eq(harness_set_perms(one, 0, "n11", "b1", NULL), 0);
	ck_assert_int_eq(harness_write(two, 0, "/local/domain/1/n11", value), 0);
	ck_assert_int_eq(harness_set_perms(one, 0, "n10", "b1", NULL), 0);
	ck_assert_int_eq(harness_rm(one, 0, "n9"), 0);
	t = harness_start(one);
	ck_assert_int_eq(harness_write(one, t, "n12", value), ENOSPC);
	ck_assert_int_eq(harness_end(one, t, false), 0);
	ck_assert_int_eq(harness_write(one, 0, "n0", value), 0);
	ck_assert_int_eq(harness_write(one, 0, "n1", ""), 0);
	ck_assert_int_eq(harness_write(two, 0, "/local/domain/1/n10", ""), 0);
	ck_assert_int_eq(harness_write(one, 0, "n13", value), 0);
	ck_assert_int_eq(harness_write(one, 0, "n1", value), 0);
	ck_assert_int_eq(harness_write(two, 0, "/local/domain/1/n10", value), ENOSPC);
}
END_TEST

START_TEST(test_quota_requests)
{
	ck_assert_str_eq(harness_say(dom0, WIRE_GET_QUOTA, 0, "nodes", NULL)->data, "1000");
	ck_assert_int_eq(harness_error(harness_say(dom0, WIRE_SET_QUOTA, 0, "1", "nodes", "3",
						   NULL)), 0);
	ck_assert_str_eq(harness_say(dom0, WIRE_GET_QUOTA, 0, "1", "nodes", NULL)->data, "3");
	ck_assert_str_eq(harness_say(dom0, WIRE_GET_QUOTA, 0, "2", "nodes", NULL)->data, "1000");
	ck_assert_int_eq(harness_write(one, 0, "a/b", ""), 0);
	ck_assert_int_eq(harness_write(one, 0, "c", ""), ENOSPC);
	ck_assert_int_eq(harness_error(harness_say(dom0, WIRE_GET_QUOTA, 0, "none", NULL)), EINVAL);
	ck_assert_int_eq(harness_error(harness_say(dom0, WIRE_GET_QUOTA, 0, "9", "nodes", NULL)),
			 ENOENT);
	ck_assert_int_eq(harness_error(harness_say(dom0, WIRE_SET_QUOTA, 0, "nodes", "-1", NULL)),
			 EINVAL);
	ck_assert_int_eq(harness_error(harness_say(dom0, WIRE_SET_QUOTA, 0, "watches", "0", NULL)),
			 0);
	ck_assert_ptr_nonnull(
		strstr(harness_ask(dom0, WIRE_GET_QUOTA, 0, "", 0)->data, "node-size"));
}
END_TEST

/* A limit is the domain's, not its id's. */
START_TEST(test_limits_end_with_the_domain)
{
	ck_assert_int_eq(harness_introduce(dom0, 3), 0);
	ck_assert_int_eq(set_quota("3", "nodes", 7), 0);
	ck_assert_int_eq(harness_mkdir(dom0, 0, "/three"), 0);
	ck_assert_int_eq(harness_set_perms(dom0, 0, "/three", "n3", NULL), 0);
	ck_assert_str_eq(harness_say(dom0, WIRE_GET_QUOTA, 0, "3", "nodes", NULL)->data, "7");
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RELEASE, 0, "3", NULL)), 0);
	ck_assert_int_eq(set_quota("3", "nodes", 7), ENOENT);
	ck_assert_int_eq(harness_introduce(dom0, 3), 0);
	ck_assert_str_eq(harness_say(dom0, WIRE_GET_QUOTA, 0, "3", "nodes", NULL)->data, "1000");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore quotas");
	TCase *tc = tcase_create("quota");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, test_counted, 0, sizeof(counted) / sizeof(counted[0]));
	tcase_add_loop_test(tc, test_sized, 0, sizeof(sized) / sizeof(sized[0]));
	tcase_add_test(tc, test_control_domain_is_not_bound);
	tcase_add_test(tc, test_outstanding);
	tcase_add_test(tc, test_node_quota);
	tcase_add_test(tc, test_memory_quota);
	tcase_add_test(tc, test_quota_requests);
	tcase_add_test(tc, test_limits_end_with_the_domain);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
