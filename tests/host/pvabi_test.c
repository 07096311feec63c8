/* SPDX-License-Identifier: GPL-2.0-only */
/* The code in the public headers: request rings, byte rings, the flow hash, handles. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define xen_mb()	__sync_synchronize()
#define xen_rmb()	__sync_synchronize()
#define xen_wmb()	__sync_synchronize()

#define XEN_NETIF_DEFINE_TOEPLITZ
#include "pvabi/grant_table.h"
#include "pvabi/io/netif.h"
#include "pvabi/io/ring.h"
#include "pvabi/io/xs_wire.h"
#include "tests/host/check_main.h"

struct ping {
	uint32_t id;
	uint8_t body[96];
};
struct pong {
	uint32_t id;
};
DEFINE_RING_TYPES(echo, struct ping, struct pong);
DEFINE_XEN_FLEX_RING(bytes);

#define PAGE	4096

/* Both ends of one ring, as if in two domains. */
struct pair {
	echo_sring_t *shared;
	echo_front_ring_t front;
	echo_back_ring_t back;
};

static struct pair pair_new(RING_IDX start)
{
	struct pair p;

	p.shared = aligned_alloc(PAGE, PAGE);
	ck_assert_ptr_nonnull(p.shared);
	memset(p.shared, 0xa5, PAGE);
	SHARED_RING_INIT(p.shared);
	p.shared->req_prod = p.shared->rsp_prod = start;
	p.shared->req_event = p.shared->rsp_event = start + 1;
	FRONT_RING_ATTACH(&p.front, p.shared, start, PAGE);
	BACK_RING_ATTACH(&p.back, p.shared, start, PAGE);
	return p;
}

static bool put_request(struct pair *p, uint32_t id)
{
	struct ping *req;
	bool notify;

	ck_assert(!RING_FULL(&p->front));
	req = RING_GET_REQUEST(&p->front, p->front.req_prod_pvt);
	req->id = id;
	p->front.req_prod_pvt++;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&p->front, notify);
	return notify;
}

static struct ping take_request(struct pair *p)
{
	struct ping req;

	ck_assert_uint_gt(XEN_RING_NR_UNCONSUMED_REQUESTS(&p->back), 0);
	RING_COPY_REQUEST(&p->back, p->back.req_cons, &req);
	p->back.req_cons++;
	return req;
}

static bool put_response(struct pair *p, uint32_t id)
{
	bool notify;

	RING_GET_RESPONSE(&p->back, p->back.rsp_prod_pvt)->id = id;
	p->back.rsp_prod_pvt++;
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&p->back, notify);
	return notify;
}

START_TEST(ring_has_the_slots_that_fit)
{
	struct pair p = pair_new(0);

	/* 64 bytes of head, 100 of each slot: 40 fit, of which a power of two is used. */
	ck_assert_uint_eq(RING_SIZE(&p.front), 32);
	ck_assert_uint_eq(RING_SIZE(&p.back), 32);
	ck_assert_uint_eq(__CONST_RING_SIZE(echo, PAGE), 32);
	ck_assert_uint_eq(RING_FREE_REQUESTS(&p.front), 32);
	free(p.shared);
}
END_TEST

START_TEST(ring_carries_messages_across_the_wrap_of_its_indices)
{
	struct pair p = pair_new(0xfffffff0);
	struct pong rsp;
	uint32_t i;

	for (i = 0; i < 100; i++) {
		put_request(&p, i);
		ck_assert_uint_eq(take_request(&p).id, i);
		put_response(&p, i + 1000);
		ck_assert_uint_eq(XEN_RING_NR_UNCONSUMED_RESPONSES(&p.front), 1);
		RING_COPY_RESPONSE(&p.front, p.front.rsp_cons, &rsp);
		p.front.rsp_cons++;
		ck_assert_uint_eq(rsp.id, i + 1000);
	}
	free(p.shared);
}
END_TEST

START_TEST(ring_full_is_noticed_and_room_comes_back)
{
	struct pair p = pair_new(7);
	uint32_t i;

	for (i = 0; i < 32; i++)
		put_request(&p, i);
	ck_assert(RING_FULL(&p.front));
	take_request(&p);
	ck_assert(RING_FULL(&p.front));
	put_response(&p, 0);
	p.front.rsp_cons++;
	ck_assert_uint_eq(RING_FREE_REQUESTS(&p.front), 1);
	free(p.shared);
}
END_TEST

START_TEST(ring_notifies_once_for_a_batch)
{
	struct pair p = pair_new(0);
	bool work;

	ck_assert(put_request(&p, 1));
	ck_assert(!put_request(&p, 2));
	take_request(&p);
	take_request(&p);
	RING_FINAL_CHECK_FOR_REQUESTS(&p.back, work);
	ck_assert(!work);
	ck_assert(put_request(&p, 3));
	ck_assert(!put_request(&p, 4));
	/* What came before the event index was set is found by the final check. */
	RING_FINAL_CHECK_FOR_REQUESTS(&p.back, work);
	ck_assert(work);
	free(p.shared);
}
END_TEST

START_TEST(ring_bounds_what_a_hostile_end_says)
{
	struct pair p = pair_new(0);

	p.shared->req_prod = 1000;
	ck_assert_uint_eq(XEN_RING_NR_UNCONSUMED_REQUESTS(&p.back), 32);
	ck_assert(RING_REQUEST_PROD_OVERFLOW(&p.back, p.shared->req_prod));
	ck_assert(!RING_REQUEST_PROD_OVERFLOW(&p.back, 32));
	ck_assert(!RING_REQUEST_CONS_OVERFLOW(&p.back, 31));
	ck_assert(RING_REQUEST_CONS_OVERFLOW(&p.back, 32));
	ck_assert(RING_RESPONSE_PROD_OVERFLOW(&p.front, 33));
	ck_assert(!RING_RESPONSE_PROD_OVERFLOW(&p.front, 32));
	free(p.shared);
}
END_TEST

START_TEST(byte_ring_splits_packets_at_its_end)
{
	unsigned char ring[64], out[40], in[40];
	RING_IDX prod = 40, cons = 40;
	unsigned int i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i + 1;
	bytes_write_packet(ring, out, sizeof(out), &prod, cons, sizeof(ring));
	ck_assert_uint_eq(prod, 16);
	ck_assert_uint_eq(ring[63], 24);
	ck_assert_uint_eq(ring[0], 25);
	bytes_read_packet(in, ring, sizeof(in), prod, &cons, sizeof(ring));
	ck_assert_uint_eq(cons, 16);
	ck_assert_mem_eq(in, out, sizeof(out));

	/* And whole packets, with the indices the other way round. */
	bytes_write_packet(ring, out, 8, &prod, cons, sizeof(ring));
	ck_assert_uint_eq(prod, 24);
	memset(in, 0, sizeof(in));
	bytes_read_packet(in, ring, 8, prod, &cons, sizeof(ring));
	ck_assert_mem_eq(in, out, 8);
}
END_TEST

START_TEST(byte_ring_tells_full_from_empty)
{
	ck_assert_uint_eq(bytes_queued(5, 5, 64), 0);
	ck_assert_uint_eq(bytes_queued(69, 5, 64), 64);
	ck_assert_uint_eq(bytes_queued(70, 5, 64), 1);
	ck_assert_uint_eq(bytes_queued(3, 0xffffffff, 64), 4);
	ck_assert_uint_eq(XEN_FLEX_RING_SIZE(1), PAGE);
}
END_TEST

/* The key and two of the flows of the published verification suite for receive-side scaling. */
static const uint8_t rss_key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

START_TEST(flow_hash_gives_the_published_values)
{
	static const uint8_t first[] = { 66, 9, 149, 187, 161, 142, 100, 80,
					 2794 >> 8, 2794 & 255, 1766 >> 8, 1766 & 255 };
	static const uint8_t second[] = { 199, 92, 111, 2, 65, 69, 140, 83,
					  14230 >> 8, 14230 & 255, 4739 >> 8, 4739 & 255 };

	ck_assert_uint_eq(xen_netif_toeplitz_hash(rss_key, 40, first, 8), 0x323e8fc2);
	ck_assert_uint_eq(xen_netif_toeplitz_hash(rss_key, 40, first, 12), 0x51ccc178);
	ck_assert_uint_eq(xen_netif_toeplitz_hash(rss_key, 40, second, 8), 0xd718262a);
	ck_assert_uint_eq(xen_netif_toeplitz_hash(rss_key, 40, second, 12), 0xc626b0ea);
}
END_TEST

/* The definition, bit by bit: bit i of the input mixes in bits i to i + 31 of the padded key. */
static uint32_t hash_by_definition(const uint8_t *key, unsigned int keylen, const uint8_t *buf,
				   unsigned int buflen)
{
	uint32_t hash = 0;
	unsigned int i, j;

	for (i = 0; i < buflen * 8; i++) {
		if (!(buf[i / 8] & 0x80 >> i % 8))
			continue;
		for (j = i; j < i + 32; j++)
			if (j / 8 < keylen && key[j / 8] & 0x80 >> j % 8)
				hash ^= UINT32_C(1) << (31 - (j - i));
	}
	return hash;
}

START_TEST(flow_hash_takes_a_short_key_as_followed_by_zeros)
{
	uint8_t buf[36];
	unsigned int keylen, buflen, i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = i * 37 + 11;
	for (keylen = 0; keylen <= sizeof(rss_key); keylen++)
		for (buflen = 0; buflen <= sizeof(buf); buflen++)
			ck_assert_uint_eq(xen_netif_toeplitz_hash(rss_key, keylen, buf, buflen),
					  hash_by_definition(rss_key, keylen, buf, buflen));
}
END_TEST

START_TEST(handles_carry_the_pointer)
{
	XEN_GUEST_HANDLE_64(uint8) h;
	uint8_t byte;

	memset(&h, 0xff, sizeof(h));
	set_xen_guest_handle(h, &byte);
	ck_assert_ptr_eq(h.p, &byte);
	ck_assert_uint_eq(sizeof(h), 8);
}
END_TEST

START_TEST(grant_messages_have_one_text_for_each_status)
{
	static const char *const text[] = GNTTABOP_error_msgs;

	ck_assert_uint_eq(sizeof(text) / sizeof(text[0]), 1 - GNTST_no_space);
	ck_assert_str_eq(text[-GNTST_bad_page], "bad page");
}
END_TEST

START_TEST(store_rings_mask_their_indices)
{
	ck_assert_uint_eq(MASK_XENSTORE_IDX(0xffffffffu), XENSTORE_RING_SIZE - 1);
	ck_assert_uint_eq(MASK_XENSTORE_IDX(1024u), 0);
}
END_TEST

static Suite *pvabi_suite(void)
{
	Suite *suite = suite_create("pvabi");
	TCase *rings = tcase_create("rings"), *rest = tcase_create("rest");

	tcase_add_test(rings, ring_has_the_slots_that_fit);
	tcase_add_test(rings, ring_carries_messages_across_the_wrap_of_its_indices);
	tcase_add_test(rings, ring_full_is_noticed_and_room_comes_back);
	tcase_add_test(rings, ring_notifies_once_for_a_batch);
	tcase_add_test(rings, ring_bounds_what_a_hostile_end_says);
	tcase_add_test(rings, byte_ring_splits_packets_at_its_end);
	tcase_add_test(rings, byte_ring_tells_full_from_empty);
	suite_add_tcase(suite, rings);
	tcase_add_test(rest, flow_hash_gives_the_published_values);
	tcase_add_test(rest, flow_hash_takes_a_short_key_as_followed_by_zeros);
	tcase_add_test(rest, handles_carry_the_pointer);
	tcase_add_test(rest, grant_messages_have_one_text_for_each_status);
	tcase_add_test(rest, store_rings_mask_their_indices);
	suite_add_tcase(suite, rest);
	return suite;
}

CHECK_MAIN(pvabi_suite)
