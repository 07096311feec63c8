/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fuzzes requests: the input is a program of requests by three clients, in and out of transactions,
 * with paths put together from a few words so that they meet. Each run has a store of its own; when
 * it is over, the tree must be sound and every byte of memory back.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xenstore-lite/memory.h"
#include "xenstore-lite/server.h"
#include "xenstore-lite/wire.h"

#define CLIENTS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct server server;
static struct connection *client[CLIENTS];

/* What is left of the input. */
static const uint8_t *input;
static size_t left;

static unsigned int next(void)
{
	if (!left)
		return 0;
	left--;
	return *input++;
}

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static int read_nothing(struct connection *connection, void *buffer, size_t len)
{
	(void)connection;
	(void)buffer;
	(void)len;
	return 0;
}

static int write_nothing(struct connection *connection, const struct span *span, unsigned int spans)
{
	(void)connection;
	(void)span;
	(void)spans;
	return 0;
}

static const struct transport transport = {.read = read_nothing, .write = write_nothing};

/* A string of the payload: a path of known words, a known word, or bytes as they come. */
static size_t put_string(char *out, size_t room)
{
	static const char *const words[] = {
		"a", "b", "c", "local/domain/1", "x-y_z", "n1", "r2", "b0", "w65534", "T", "F", "0",
		"1", "quota", "check", "log", "nodes", "@releaseDomain", "@introduceDomain/1", "-1",
		"4294967296", "set", "memreport", "", "/", "//",
	};
	unsigned int kind = next(), parts = kind & 7;
	size_t len = 0;

	if (kind >= 0xf0) {
		len = next() % 64;
		if (len > room - 1)
			len = room - 1;
		for (size_t i = 0; i < len; i++)
			out[i] = next();
		return len;
	}
	if (kind & 8) {
		len = snprintf(out, room, "%s", words[next() % (sizeof(words) / sizeof(*words))]);
		return len + 1 < room ? len + 1 : room;
	}
	for (; parts && len + 24 < room; parts--)
		len += sprintf(out + len, "/%s", words[next() % 5]);
	if (!len)
		len = sprintf(out, "/");
	out[len++] = 0;
	return len;
}

/* Takes all answers and events; returns the number of a transaction that was started. */
static uint32_t drain(struct connection *connection)
{
	char payload[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg header;
	uint32_t id = 0;

	while (connection_take(connection, &header, sizeof(header))) {
		require(header.len <= XENSTORE_PAYLOAD_MAX, "an answer fits");
		require(connection_take(connection, payload, header.len) == header.len,
			"an answer is whole");
		payload[header.len] = 0;
		if (header.type == XS_TRANSACTION_START)
			id = strtoul(payload, NULL, 10);
	}
	return id;
}

static void one_request(uint32_t *transaction)
{
	static char payload[XENSTORE_PAYLOAD_MAX];
	unsigned int how = next(), who = how % CLIENTS, strings = how / CLIENTS % 4;
	struct xsd_sockmsg header = {.type = next() % (WIRE_TYPE_COUNT + 1), .req_id = how};
	uint32_t started;

	header.tx_id = how & 0x80 ? transaction[who] : how & 0x40 ? next() : 0;
	while (strings--)
		header.len += put_string(payload + header.len, sizeof(payload) - header.len);
	connection_submit(client[who], &header, payload);
	started = drain(client[who]);
	if (started)
		transaction[who] = started;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t domids[CLIENTS] = {0, 1, 2};
	struct memory_use before = memory_use();
	uint32_t transaction[CLIENTS] = {0};
	struct store_survey survey;
	unsigned int i;

	input = data;
	left = size;
	require(!server_init(&server, NULL), "a server can be made");
	for (i = 0; i < CLIENTS; i++) {
		char base[24];
		struct connection_kind kind = {
			.transport = &transport,
			.domid = domids[i],
			.privileged = !domids[i],
			.base = base,
		};

		snprintf(base, sizeof(base), "/local/domain/%u", domids[i]);
		client[i] = connection_new(&server, &kind);
	}
	while (left)
		one_request(transaction);
	require(!store_survey(&server.store, &survey) && survey.sound, "the tree is sound");
	server_destroy(&server);
	require(memory_use().bytes == before.bytes, "all memory came back");
	return 0;
}
