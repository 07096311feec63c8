/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains over their rings: friendly ones, slow ones, hostile ones, dying ones. */
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
	harness_start_server(&server);
	dom0 = harness_client(&server, 0);
	harness_mkdir(dom0, 0, "/local/domain/1");
	harness_set_perms(dom0, 0, "/local/domain/1", "n1", NULL);
	ck_assert_int_eq(harness_introduce(dom0, 1), 0);
	harness_settle(&server);
}

static void tear_down(void)
{
	harness_stop_server(&server);
}

static struct xenstore_domain_interface *page(void)
{
	return harness_domain[1].page;
}

/* Takes one message out of domain 1's ring; its payload with a nul behind. */
static struct xsd_sockmsg receive(char *payload)
{
	struct xsd_sockmsg header = {.type = XS_INVALID};
	size_t done = 0;

	if (harness_guest_receive(1, &header, sizeof(header)) != sizeof(header))
		return header;
	while (done < header.len) {
		size_t now = harness_guest_receive(1, payload + done, header.len - done);

		ck_assert_uint_gt(now, 0);
		done += now;
		harness_settle(&server);
	}
	payload[done] = 0;
	return header;
}

static const char *ask(uint32_t type, const char *payload, size_t len)
{
	static char answer[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg header;

	harness_guest_request(&server, 1, type, 77, payload, len);
	do
		header = receive(answer);
	while (header.type == XS_WATCH_EVENT);
	ck_assert_uint_eq(header.req_id, 77);
	return header.type == type || header.type == XS_ERROR ? answer : "wrong type";
}

START_TEST(test_requests)
{
	unsigned int before = harness_domain[1].notified;

	ck_assert_str_eq(ask(XS_WRITE, "data/x\0hello", 12), "OK");
	ck_assert_uint_gt(harness_domain[1].notified, before);
	ck_assert_str_eq(harness_read(dom0, 0, "/local/domain/1/data/x"), "hello");
	ck_assert_str_eq(ask(XS_READ, "data/x", 7), "hello");
	ck_assert_str_eq(ask(XS_READ, "/tool", 6), "EACCES");
	ck_assert_str_eq(ask(XS_INTRODUCE, "2\0001002\000102", 11), "EACCES");
}
END_TEST

START_TEST(test_introduce)
{
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_INTRODUCE, 0, "2", "7", "102", NULL)),
			 EINVAL);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_INTRODUCE, 0, "2", "1002", "7", NULL)),
			 EINVAL);
	ck_assert(!harness_domain[2].mapped);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_INTRODUCE, 0, "0", "1002", "7", NULL)),
			 EINVAL);
	ck_assert_int_eq(
		harness_error(harness_say(dom0, XS_INTRODUCE, 0, "32752", "1", "7", NULL)), ENOENT);
	ck_assert_int_eq(
		harness_error(harness_say(dom0, XS_INTRODUCE, 0, "2", "-1", "7", NULL)), EINVAL);
	ck_assert_uint_eq(server.domain_count, 1);
	ck_assert_str_eq(harness_say(dom0, XS_IS_DOMAIN_INTRODUCED, 0, "1", NULL)->data, "T");
	ck_assert_str_eq(harness_say(dom0, XS_IS_DOMAIN_INTRODUCED, 0, "2", NULL)->data, "F");
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RELEASE, 0, "2", NULL)), ENOENT);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RELEASE, 0, "0", NULL)), EINVAL);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RELEASE, 0, "1", NULL)), 0);
	ck_assert(!harness_domain[1].mapped);
}
END_TEST

/* Once more: another event channel, and nothing is left of what was going on. */
START_TEST(test_introduce_again)
{
	static const struct xsd_sockmsg half = {XS_WRITE, 1, 0, 100};
	unsigned int before;

	ck_assert_str_eq(ask(XS_WATCH, "data\0t", 7), "OK");
	ck_assert_str_eq(ask(XS_TRANSACTION_START, "", 1), "1");
	harness_guest_send(1, &half, sizeof(half));
	harness_settle(&server);
	before = harness_domain[1].notified;
	ck_assert_int_eq(harness_introduce(dom0, 1), 0);
	harness_settle(&server);
	ck_assert_uint_gt(harness_domain[1].notified, before);
	ck_assert_uint_eq(harness_domain[1].bound, 1);
	ck_assert_uint_eq(server.domain_count, 1);
	ck_assert_uint_eq(page()->req_cons | page()->req_prod | page()->rsp_cons | page()->rsp_prod, 0);
	ck_assert_uint_eq(server.watches.count, 0);
	ck_assert_str_eq(ask(XS_WATCH, "data\0t", 7), "OK");
	ck_assert_uint_eq(harness_domain[1].connection->account->transactions, 0);
}
END_TEST

/* The id has come back with another page, before anybody said that its last bearer is gone. */
START_TEST(test_introduce_other_page)
{
	struct xenstore_domain_interface *old = page();

	harness_write(dom0, 0, "/shared", "s");
	harness_set_perms(dom0, 0, "/shared", "n0", "r1", NULL);
	harness_watch(dom0, "@releaseDomain/1", "r");
	harness_events(dom0);
	old->error = 0x1234;
	ck_assert_int_eq(
		harness_error(harness_say(dom0, XS_INTRODUCE, 0, "1", "2001", "101", NULL)), 0);
	ck_assert_str_eq(harness_events(dom0), "@releaseDomain/1=r");
	ck_assert_uint_eq(page()->error, 0);
	harness_settle(&server);
	ck_assert_str_eq(ask(XS_READ, "/shared", 8), "EACCES");
}
END_TEST

static const struct platform *none;

START_TEST(test_no_platform)
{
	server.platform = none;
	ck_assert_int_eq(harness_introduce(dom0, 2), ENOSYS);
	server.platform = &harness_platform;
}
END_TEST

/* Byte by byte, and messages longer than the ring. */
START_TEST(test_trickle)
{
	struct xsd_sockmsg header = {XS_READ, 5, 0, 5};
	char payload[4097], bytes[21], value[3001];
	unsigned int i;

	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), "data", 5);
	for (i = 0; i < sizeof(bytes); i++) {
		ck_assert_uint_eq(harness_guest_receive(1, payload, 1), 0);
		ck_assert_uint_eq(harness_guest_send(1, bytes + i, 1), 1);
		harness_settle(&server);
	}
	ck_assert_uint_eq(receive(payload).type, XS_ERROR);
	ck_assert_str_eq(payload, "ENOENT");
	memset(value, 'v', sizeof(value));
	value[3000] = 0;
	ck_assert_int_eq(harness_write(dom0, 0, "/local/domain/1/data", value), 0);
	ck_assert_str_eq(ask(XS_READ, "data", 5), value);
}
END_TEST

/* A guest that asks and never reads: it waits, and holds a bounded amount of the store. */
START_TEST(test_flood)
{
	struct xsd_sockmsg header = {XS_READ, 5, 0, 5};
	char bytes[21];
	unsigned int i;
	size_t held;

	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), "data", 5);
	for (i = 0; i < 10000; i++) {
		if (page()->req_prod - page()->req_cons + sizeof(bytes) <= XENSTORE_RING_SIZE)
			harness_guest_send(1, bytes, sizeof(bytes));
		harness_settle(&server);
	}
	held = harness_domain[1].connection->out_messages;
	ck_assert_uint_le(held, 20);
	ck_assert_uint_le(harness_domain[1].connection->account->memory, 4096);
	/* Others are served meanwhile, and it is, as soon as it reads. */
	ck_assert_str_eq(harness_read(dom0, 0, "/local/domain/1"), "");
	for (i = 0; i < 1000; i++) {
		harness_guest_receive(1, bytes, sizeof(bytes));
		harness_settle(&server);
	}
	ck_assert_uint_eq(harness_domain[1].connection->out_messages, 0);
	ck_assert_uint_eq(page()->req_prod, page()->req_cons);
}
END_TEST

static void expect_silence(void)
{
	char byte;

	harness_settle(&server);
	ck_assert_uint_ne(page()->error, XENSTORE_ERROR_NONE);
	ck_assert_uint_eq(harness_guest_receive(1, &byte, 1), 0);
	connection_wake(harness_domain[1].connection);
	harness_settle(&server);
	ck_assert_str_eq(harness_read(dom0, 0, "/local/domain/1"), "");
}

static void reconnect(void)
{
	page()->connection = XENSTORE_RECONNECT;
	connection_wake(harness_domain[1].connection);
	harness_settle(&server);
	ck_assert_uint_eq(page()->connection, XENSTORE_CONNECTED);
	ck_assert_uint_eq(page()->error, XENSTORE_ERROR_NONE);
	ck_assert_str_eq(ask(XS_READ, "/local/domain/1", 16), "");
}

START_TEST(test_bad_request_index)
{
	page()->req_prod = page()->req_cons + XENSTORE_RING_SIZE + 1;
	connection_wake(harness_domain[1].connection);
	expect_silence();
	reconnect();
}
END_TEST

START_TEST(test_bad_response_index)
{
	ask(XS_WATCH, "data\0t\0", 7);
	page()->rsp_cons = page()->rsp_prod + 1;
	harness_write(dom0, 0, "/local/domain/1/data", "");
	harness_settle(&server);
	ck_assert_uint_ne(page()->error, XENSTORE_ERROR_NONE);
	reconnect();
	ck_assert_uint_eq(server.watches.count, 0);
}
END_TEST

/* The store's own indices are not the guest's to move. */
START_TEST(test_moved_own_indices)
{
	static const struct xsd_sockmsg header = {XS_READ, 9, 0, 2};
	uint32_t at = page()->req_prod, answered = page()->rsp_prod;

	memcpy(page()->req + at, &header, sizeof(header));
	memcpy(page()->req + at + sizeof(header), "x", 2);
	page()->req_prod = at + sizeof(header) + 2;
	page()->req_cons += 500;
	page()->rsp_prod += 500;
	connection_wake(harness_domain[1].connection);
	harness_settle(&server);
	ck_assert_uint_eq(page()->req_cons, page()->req_prod);
	ck_assert_uint_eq(page()->rsp_prod, answered + sizeof(header) + sizeof("ENOENT"));
}
END_TEST

START_TEST(test_overlong_message)
{
	struct xsd_sockmsg header = {XS_WRITE, 1, 0, XENSTORE_PAYLOAD_MAX + 1};

	harness_guest_send(1, &header, sizeof(header));
	expect_silence();
	reconnect();
	header.len = 0xffffffff;
	harness_guest_send(1, &header, sizeof(header));
	expect_silence();
	reconnect();
}
END_TEST

START_TEST(test_noise)
{
	uint32_t noise = 1;
	unsigned int i, j;

	for (i = 0; i < 2000; i++) {
		for (j = 0; j < 40; j++) {
			noise = noise * 1664525u + 1013904223u;
			((char *)page())[(noise >> 8) % sizeof(*page())] = noise >> 24;
		}
		connection_wake(harness_domain[1].connection);
		harness_settle(&server);
	}
	page()->connection = XENSTORE_RECONNECT;
	reconnect();
}
END_TEST

static unsigned int lines;

static void count_line(const char *line)
{
	(void)line;
	lines++;
}

/* What a guest can cause to be logged, it can cause once. */
START_TEST(test_log_is_not_flooded)
{
	unsigned int i;

	server.log = count_line;
	for (i = 0; i < 10; i++) {
		page()->req_prod = page()->req_cons + XENSTORE_RING_SIZE + 1;
		connection_wake(harness_domain[1].connection);
		expect_silence();
		reconnect();
	}
	ck_assert_uint_eq(lines, 1);
}
END_TEST

/* Gone in the middle of a message, with answers, watches and a transaction open. */
START_TEST(test_death)
{
	struct xsd_sockmsg header = {XS_WRITE, 1, 0, 4000};

	ask(XS_WATCH, "data\0t\0", 7);
	ask(XS_TRANSACTION_START, "", 1);
	ask(XS_WRITE, "data\0v", 6);
	harness_guest_send(1, &header, sizeof(header));
	harness_guest_send(1, "half", 4);
	harness_settle(&server);
	harness_watch(dom0, "@releaseDomain", "r");
	harness_events(dom0);
	domain_check_all(&server);
	ck_assert_str_eq(harness_events(dom0), "");
	harness_domain[1].state = DOMAIN_SHUT_DOWN;
	domain_check_all(&server);
	domain_check_all(&server);
	ck_assert_str_eq(harness_events(dom0), "@releaseDomain=r");
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RESUME, 0, "1", NULL)), 0);
	domain_check_all(&server);
	ck_assert_str_eq(harness_events(dom0), "@releaseDomain=r");
	harness_domain[1].state = DOMAIN_GONE;
	domain_check_all(&server);
	ck_assert_str_eq(harness_events(dom0), "@releaseDomain=r");
	ck_assert(!harness_domain[1].mapped);
	ck_assert_uint_eq(server.watches.count, 1);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RESUME, 0, "1", NULL)), ENOENT);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_RESUME, 0, "0", NULL)), EINVAL);
}
END_TEST

/* The next domain of that id must not have the rights of the last. */
START_TEST(test_rights_die)
{
	ck_assert_str_eq(ask(XS_WRITE, "data\0v", 6), "OK");
	harness_write(dom0, 0, "/shared", "s");
	harness_set_perms(dom0, 0, "/shared", "n0", "b1", NULL);
	harness_say(dom0, XS_RELEASE, 0, "1", NULL);
	ck_assert_int_eq(harness_introduce(dom0, 1), 0);
	harness_settle(&server);
	ck_assert_str_eq(ask(XS_READ, "data", 5), "EACCES");
	ck_assert_str_eq(ask(XS_READ, "/shared", 8), "EACCES");
	ck_assert_str_eq(harness_read(dom0, 0, "/local/domain/1/data"), "ENOENT");
	ck_assert_str_eq(ask(XS_WRITE, "data\0v", 6), "EACCES");
}
END_TEST

START_TEST(test_target)
{
	ck_assert_int_eq(harness_introduce(dom0, 2), 0);
	harness_write(dom0, 0, "/local/domain/2/x", "2");
	harness_set_perms(dom0, 0, "/local/domain/2/x", "n2", NULL);
	ck_assert_str_eq(ask(XS_READ, "/local/domain/2/x", 18), "EACCES");
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_SET_TARGET, 0, "1", "2", NULL)), 0);
	ck_assert_int_eq(harness_error(harness_say(dom0, XS_SET_TARGET, 0, "1", "3", NULL)),
			 ENOENT);
	ck_assert_str_eq(ask(XS_READ, "/local/domain/2/x", 18), "2");
	harness_say(dom0, XS_RELEASE, 0, "2", NULL);
	ck_assert_str_eq(ask(XS_READ, "/local/domain/2/x", 18), "EACCES");
}
END_TEST

START_TEST(test_features)
{
	ck_assert_uint_eq(page()->server_features, DOMAIN_FEATURES);
	ck_assert_str_eq(harness_ask(dom0, WIRE_GET_FEATURE, 0, "", 0)->data, "3");
	ck_assert_int_eq(harness_error(harness_say(dom0, WIRE_SET_FEATURE, 0, "1", "2", NULL)), 0);
	ck_assert_uint_eq(page()->server_features, 2);
	ck_assert_str_eq(harness_say(dom0, WIRE_GET_FEATURE, 0, "1", NULL)->data, "2");
	ck_assert_int_eq(harness_error(harness_say(dom0, WIRE_SET_FEATURE, 0, "1", "64", NULL)),
			 EINVAL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore rings");
	TCase *tc = tcase_create("ring");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_requests);
	tcase_add_test(tc, test_introduce);
	tcase_add_test(tc, test_introduce_again);
	tcase_add_test(tc, test_introduce_other_page);
	tcase_add_test(tc, test_no_platform);
	tcase_add_test(tc, test_trickle);
	tcase_add_test(tc, test_flood);
	tcase_add_test(tc, test_bad_request_index);
	tcase_add_test(tc, test_bad_response_index);
	tcase_add_test(tc, test_moved_own_indices);
	tcase_add_test(tc, test_overlong_message);
	tcase_add_test(tc, test_noise);
	tcase_add_test(tc, test_log_is_not_flooded);
	tcase_add_test(tc, test_death);
	tcase_add_test(tc, test_rights_die);
	tcase_add_test(tc, test_target);
	tcase_add_test(tc, test_features);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
