/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of a connection, and requests coming in. */
#include "xenstore-lite/connection.h"

#include <errno.h>
#include <string.h>

#include "xenstore-lite/memory.h"
#include "xenstore-lite/outbox.h"
#include "xenstore-lite/request.h"
#include "xenstore-lite/server.h"
#include "xenstore-lite/session.h"
#include "xenstore-lite/watch.h"

/* Input buffer of a bulk connection: one message of full length, and then some. */
#define BULK_ROOM 8192u

struct connection *connection_new(struct server *server, const struct connection_kind *kind)
{
	struct connection *connection = memory_zalloc(sizeof(*connection));

	if (!connection)
		return NULL;
	connection->server = server;
	connection->transport = kind->transport;
	connection->peer = kind->peer;
	connection->domid = kind->domid;
	connection->target = PERM_NOBODY;
	connection->privileged = kind->privileged;
	connection->is_domain = kind->is_domain;
	strncpy(connection->base, kind->base, sizeof(connection->base) - 1);
	chain_init(&connection->ready);
	chain_init(&connection->dirty);
	chain_init(&connection->watches);
	chain_init(&connection->transactions);
	connection->out_last = &connection->out;
	connection->bulk = kind->bulk;
	connection->in = connection->header;
	connection->in_room = sizeof(connection->header);
	if (kind->bulk) {
		connection->in = memory_alloc(BULK_ROOM);
		connection->in_room = BULK_ROOM;
	}
	connection->account = account_get(&server->store.accounts, kind->domid);
	connection->reserve = message_new(MESSAGE_SMALL);
	if (!connection->in || !connection->account || !connection->reserve)
		goto fail;
	connection->number = ++server->last_connection;
	chain_add_tail(&connection->link, &server->connections);
	server->connection_count++;
	return connection;

fail:
	message_free(connection->reserve);
	if (connection->account)
		account_put(&server->store.accounts, connection->account);
	if (kind->bulk)
		memory_free(connection->in, BULK_ROOM);
	memory_free(connection, sizeof(*connection));
	return NULL;
}

unsigned int connection_access(const struct connection *connection, const struct perms *perms)
{
	if (connection->privileged)
		return PERM_ALL;
	return perms_access(perms, connection->domid, connection->target);
}

void connection_charge(struct connection *connection, long bytes)
{
	connection->account->memory += bytes;
}

bool connection_affords(const struct connection *connection, size_t bytes)
{
	if (connection->privileged)
		return true;
	return account_allows(&connection->server->store.accounts, connection->account,
			      QUOTA_MEMORY,
			      connection->account->memory + connection->account->node_bytes, bytes);
}

void connection_wake(struct connection *connection)
{
	if (chain_empty(&connection->ready) && (!connection->dead || connection->is_domain))
		chain_add_tail(&connection->ready, &connection->server->ready);
}

void connection_kill(struct connection *connection)
{
	connection->dead = true;
	chain_remove(&connection->link);
	chain_add_tail(&connection->link, &connection->server->dying);
}

/* --- in --------------------------------------------------------------------------------------- */

/*
 * Bytes that are still missing of a message of which @have are at @in; the header first, which is
 * copied out once it is complete.
 */
static size_t missing(const char *in, size_t have, struct xsd_sockmsg *header)
{
	if (have < sizeof(*header))
		return sizeof(*header) - have;
	memcpy(header, in, sizeof(*header));
	if (have >= sizeof(*header) + header->len)
		return 0;
	return sizeof(*header) + header->len - have;
}

static void release_input(struct connection *connection)
{
	if (connection->in == connection->header)
		return;
	memory_free(connection->in, connection->in_room);
	connection->in = connection->header;
	connection->in_room = sizeof(connection->header);
}

/* Makes room for @more bytes behind those that are there. */
static bool make_room(struct connection *connection, size_t more)
{
	size_t room = connection->in_have + more;
	char *in;

	if (room <= connection->in_room)
		return true;
	in = memory_alloc(room);
	if (!in)
		return false;
	memcpy(in, connection->in, connection->in_have);
	release_input(connection);
	connection->in = in;
	connection->in_room = room;
	return true;
}

/* The first @len bytes of the input have been dealt with. */
static void consume(struct connection *connection, size_t len)
{
	connection->in_have -= len;
	memmove(connection->in, connection->in + len, connection->in_have);
	if (!connection->bulk)
		release_input(connection);
}

/*
 * Reads up to the end of the current message, or, on a bulk connection, as much as there is. False
 * if there is nothing now; *@more says whether asking again may give more.
 */
static bool read_some(struct connection *connection, size_t need, bool *more)
{
	int got;

	if (!make_room(connection, need)) {
		connection->server->starved = true;
		connection_wake(connection);
		return false;
	}
	if (connection->bulk)
		need = connection->in_room - connection->in_have;
	got = connection->transport->read(connection, connection->in + connection->in_have, need);
	if (got < 0)
		connection_kill(connection);
	if (got <= 0)
		return false;
	connection->in_have += got;
	*more = (size_t)got == need;
	return true;
}

/*
 * Answers the request at *@at of the input, if it is all there, and moves *@at behind it. *@need is
 * what is missing of it.
 */
static bool serve_one(struct connection *connection, size_t *at, size_t *need)
{
	const char *in = connection->in + *at;
	size_t have = connection->in_have - *at;
	struct xsd_sockmsg header = {.len = 0};

	*need = missing(in, have, &header);
	if (header.len > XENSTORE_PAYLOAD_MAX) {
		connection_kill(connection);
		return false;
	}
	if (*need || !request_handle(connection, &header, in + sizeof(header)))
		return false;
	*at += sizeof(header) + header.len;
	return true;
}

bool connection_serve(struct connection *connection, unsigned int budget)
{
	bool more = true;

	connection->stalled = false;
	while (budget && !outbox_is_stalled(connection)) {
		size_t at = 0, need = 0;

		while (budget && !outbox_is_stalled(connection) &&
		       serve_one(connection, &at, &need))
			budget--;
		if (at)
			consume(connection, at);
		if (!budget || outbox_is_stalled(connection))
			break;
		if (!more || !read_some(connection, need, &more))
			return false;
	}
	connection->stalled = outbox_is_stalled(connection);
	return !connection->stalled;
}

/* --- clients in the same program -------------------------------------------------------------- */

int connection_submit(struct connection *connection, const struct xsd_sockmsg *header,
		      const char *payload)
{
	if (header->len > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	if (outbox_is_stalled(connection) || !request_handle(connection, header, payload))
		return -ENOMEM;
	server_settle(connection->server);
	return 0;
}

/* --- the end ---------------------------------------------------------------------------------- */

void connection_drop_sessions(struct connection *connection)
{
	struct chain *pos, *following;

	chain_for_each_safe(pos, following, &connection->watches)
		session_drop_watch(container_of(pos, struct watch, at_connection));
	chain_for_each_safe(pos, following, &connection->transactions)
		session_drop_transaction(connection,
					 container_of(pos, struct transaction, link));
}

void connection_reset(struct connection *connection)
{
	connection_drop_sessions(connection);
	outbox_clear(connection);
	connection->in_have = 0;
	connection->stalled = false;
	if (!connection->bulk)
		release_input(connection);
}

void connection_free(struct connection *connection)
{
	struct server *server = connection->server;

	connection_reset(connection);
	if (connection->transport->close)
		connection->transport->close(connection);
	release_input(connection);
	message_free(connection->reserve);
	chain_remove(&connection->link);
	chain_remove(&connection->ready);
	chain_remove(&connection->dirty);
	server->connection_count--;
	account_put(&server->store.accounts, connection->account);
	memory_free(connection, sizeof(*connection));
}
