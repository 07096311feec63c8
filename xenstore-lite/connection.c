/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages in and out of one connection. */
#include "xenstore-lite/connection.h"

#include <errno.h>
#include <string.h>

#include "xenstore-lite/memory.h"
#include "xenstore-lite/request.h"
#include "xenstore-lite/server.h"
#include "xenstore-lite/session.h"
#include "xenstore-lite/watch.h"

/* Input buffer of a bulk connection: one message of full length, and then some. */
#define BULK_ROOM 8192u

/* What may wait to be read by a privileged client, whom no quota binds, before events collapse. */
#define PRIVILEGED_BACKLOG (1u << 20)

/* A waiting event is only looked for among so many messages before it is queued again. */
#define DUPLICATES_SOUGHT 256

/* Most pieces handed to the transport at once. */
#define SPANS 16

static struct message *message_new(size_t room)
{
	struct message *message = memory_alloc(sizeof(*message) + room);

	if (!message)
		return NULL;
	message->next = NULL;
	message->watch = NULL;
	message->room = room;
	message->sent = 0;
	return message;
}

static void message_free(struct message *message)
{
	if (message)
		memory_free(message, sizeof(*message) + message->room);
}

static size_t message_size(const struct message *message)
{
	return sizeof(message->header) + message->header.len;
}

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
			      QUOTA_MEMORY, connection->account->memory, bytes);
}

void connection_wake(struct connection *connection)
{
	if (chain_empty(&connection->ready) && (!connection->dead || connection->is_domain))
		chain_add_tail(&connection->ready, &connection->server->ready);
}

static void mark_dirty(struct connection *connection)
{
	if (chain_empty(&connection->dirty))
		chain_add_tail(&connection->dirty, &connection->server->dirty);
}

void connection_kill(struct connection *connection)
{
	connection->dead = true;
	connection->server->dying = true;
}

/* --- out ---------------------------------------------------------------------------------------- */

struct message *connection_message(struct connection *connection)
{
	struct message *message = message_new(MESSAGE_SMALL);

	if (!message) {
		message = connection->reserve;
		connection->reserve = NULL;
	}
	return message;
}

void connection_return(struct connection *connection, struct message *message)
{
	if (!connection->reserve && message->room == MESSAGE_SMALL) {
		message->watch = NULL;
		message->next = NULL;
		message->sent = 0;
		connection->reserve = message;
	} else {
		message_free(message);
	}
}

static void enqueue(struct connection *connection, struct message *message)
{
	size_t size = sizeof(*message) + message->room;

	*connection->out_last = message;
	connection->out_last = &message->next;
	connection->out_messages++;
	connection->out_bytes += size;
	if (!message->watch)
		connection->answers++;
	connection_charge(connection, size);
	mark_dirty(connection);
}

/* The first message of the queue has been sent or is given up. */
static void dequeue(struct connection *connection)
{
	struct message *message = connection->out;
	size_t size = sizeof(*message) + message->room;

	connection->out = message->next;
	if (!connection->out)
		connection->out_last = &connection->out;
	connection->out_messages--;
	connection->out_bytes -= size;
	if (message->header.type != XS_WATCH_EVENT)
		connection->answers--;
	else if (message->watch)
		message->watch->pending--;
	connection_charge(connection, -(long)size);
	connection_return(connection, message);
}

int connection_answer(struct connection *connection, struct message *message,
		      const struct xsd_sockmsg *header, const void *payload, size_t len)
{
	if (len > message->room) {
		struct message *larger = message_new(len);

		if (!larger)
			return -ENOMEM;
		connection_return(connection, message);
		message = larger;
	}
	message->header = *header;
	message->header.len = len;
	if (len)
		memcpy(message->payload, payload, len);
	enqueue(connection, message);
	return 0;
}

static bool already_waits(const struct connection *connection, const struct watch *watch,
			  const char *path)
{
	const struct message *message = connection->out;
	unsigned int left = DUPLICATES_SOUGHT;

	if (!watch->pending)
		return false;
	for (; message && left; message = message->next, left--)
		if (message->watch == watch && !message->sent && !strcmp(message->payload, path))
			return true;
	return false;
}

/* One is always allowed to wait, or there would be nothing to make room. */
static bool has_room_for_event(const struct connection *connection, size_t size)
{
	if (!connection->out)
		return true;
	if (connection->privileged)
		return connection->out_bytes + size <= PRIVILEGED_BACKLOG;
	return connection_affords(connection, size);
}

static bool queue_event(struct watch *watch, const char *path)
{
	struct connection *connection = watch->connection;
	size_t path_size = strlen(path) + 1, token_size = watch->token_len + 1u;
	struct message *message;

	if (path_size + token_size > XENSTORE_PAYLOAD_MAX)
		return true; /* cannot be said in this protocol */
	if (!has_room_for_event(connection, sizeof(*message) + path_size + token_size))
		return false;
	message = message_new(path_size + token_size);
	if (!message)
		return false;
	message->header = (struct xsd_sockmsg){XS_WATCH_EVENT, 0, 0, path_size + token_size};
	memcpy(message->payload, path, path_size);
	memcpy(message->payload + path_size, watch_token(watch), token_size);
	message->watch = watch;
	watch->pending++;
	enqueue(connection, message);
	return true;
}

void connection_event(struct watch *watch, const char *path)
{
	struct connection *connection = watch->connection;

	if (connection->dead || watch->missed || already_waits(connection, watch, path))
		return;
	if (queue_event(watch, path))
		return;
	watch->missed = true;
	connection->missed++;
	mark_dirty(connection);
}

/*
 * Events that found no room become one event at the watched path itself, which says that anything
 * below may have changed.
 */
static void queue_missed(struct connection *connection)
{
	struct chain *pos;

	if (!connection->missed)
		return;
	chain_for_each(pos, &connection->watches) {
		struct watch *watch = container_of(pos, struct watch, at_connection);

		if (!watch->missed)
			continue;
		if (!queue_event(watch, watch_path(watch) + watch->base_len)) {
			connection->server->starved |= !connection->out;
			mark_dirty(connection);
			return;
		}
		watch->missed = false;
		connection->missed--;
	}
}

void connection_forget_watch(struct connection *connection, struct watch *watch)
{
	struct message *message = watch->pending ? connection->out : NULL;

	for (; message; message = message->next)
		if (message->watch == watch)
			message->watch = NULL;
	if (watch->missed)
		connection->missed--;
}

/* Takes @len sent bytes off the queue. */
static void account_sent(struct connection *connection, size_t len)
{
	while (len) {
		struct message *message = connection->out;
		size_t left = message_size(message) - message->sent;

		if (len < left) {
			message->sent += len;
			return;
		}
		len -= left;
		dequeue(connection);
	}
}

/* Hands the first messages of the queue to the transport; true if it took all of those. */
static bool write_some(struct connection *connection)
{
	struct span span[SPANS];
	struct message *message;
	unsigned int spans = 0;
	size_t total = 0;
	int sent;

	for (message = connection->out; message && spans < SPANS; message = message->next) {
		span[spans].data = (char *)&message->header + message->sent;
		span[spans].len = message_size(message) - message->sent;
		total += span[spans++].len;
	}
	sent = connection->transport->write(connection, span, spans);
	if (sent < 0) {
		connection_kill(connection);
		return false;
	}
	account_sent(connection, sent);
	return (size_t)sent == total;
}

/* A client that does not read its answers gets no further questions answered. */
static bool is_stalled(const struct connection *connection)
{
	const struct accounts *accounts = &connection->server->store.accounts;

	if (connection->dead || (!connection->reserve && connection->out))
		return true;
	if (connection->privileged)
		return connection->out_bytes > PRIVILEGED_BACKLOG / 2;
	return !account_allows(accounts, connection->account, QUOTA_OUTSTANDING,
			       connection->answers, 1);
}

void connection_flush(struct connection *connection)
{
	if (connection->dead)
		return;
	do {
		while (connection->out && write_some(connection))
			;
		if (connection->dead || connection->out)
			break;
		queue_missed(connection);
	} while (connection->out);
	if (connection->stalled && !is_stalled(connection)) {
		connection->stalled = false;
		connection_wake(connection);
	}
}

/* --- in ----------------------------------------------------------------------------------------- */

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
 * if there is nothing now.
 */
static bool read_some(struct connection *connection, size_t need)
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
	connection->stalled = false;
	while (budget && !is_stalled(connection)) {
		size_t at = 0, need = 0;

		while (budget && !is_stalled(connection) && serve_one(connection, &at, &need))
			budget--;
		if (at)
			consume(connection, at);
		if (!budget || is_stalled(connection))
			break;
		if (!read_some(connection, need))
			return false;
	}
	connection->stalled = is_stalled(connection);
	return !connection->stalled;
}

/* --- clients in the same program ---------------------------------------------------------------- */

int connection_submit(struct connection *connection, const struct xsd_sockmsg *header,
		      const char *payload)
{
	if (header->len > XENSTORE_PAYLOAD_MAX)
		return -E2BIG;
	if (is_stalled(connection) || !request_handle(connection, header, payload))
		return -ENOMEM;
	server_settle(connection->server);
	return 0;
}

size_t connection_take(struct connection *connection, void *out, size_t len)
{
	size_t done = 0;

	/* Events that were missed for lack of room may find some now, before and after. */
	if (!connection->out)
		connection_flush(connection);
	while (done < len && connection->out) {
		struct message *message = connection->out;
		size_t now = message_size(message) - message->sent;

		if (now > len - done)
			now = len - done;
		memcpy((char *)out + done, (char *)&message->header + message->sent, now);
		done += now;
		account_sent(connection, now);
	}
	if (!connection->out)
		connection_flush(connection);
	return done;
}

/* --- the end ------------------------------------------------------------------------------------ */

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
	while (connection->out)
		dequeue(connection);
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
