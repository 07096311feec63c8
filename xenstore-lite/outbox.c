/* SPDX-License-Identifier: GPL-2.0-only */
/* What a connection has to send: answers, events, and how long they may wait. */
#include "xenstore-lite/outbox.h"

#include <errno.h>
#include <string.h>

#include "xenstore-lite/connection.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/server.h"
#include "xenstore-lite/watch.h"

/* What may wait to be read by a privileged client, whom no quota binds, before events collapse. */
#define PRIVILEGED_BACKLOG (1u << 20)

/* A waiting event is only looked for among so many messages before it is queued again. */
#define DUPLICATES_SOUGHT 256

/* Most pieces handed to the transport at once. */
#define SPANS 16

struct message *message_new(size_t room)
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

void message_free(struct message *message)
{
	if (message)
		memory_free(message, sizeof(*message) + message->room);
}

static size_t message_size(const struct message *message)
{
	return sizeof(message->header) + message->header.len;
}

static void mark_dirty(struct connection *connection)
{
	if (chain_empty(&connection->dirty))
		chain_add_tail(&connection->dirty, &connection->server->dirty);
}

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

	/* Cannot be said with such a token; that something below the watch has changed can. */
	if (strlen(path) + watch->token_len + 2 > XENSTORE_PAYLOAD_MAX)
		path = watch_told_path(watch);
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
		if (!queue_event(watch, watch_told_path(watch))) {
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
bool outbox_is_stalled(const struct connection *connection)
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
	if (connection->stalled && !outbox_is_stalled(connection)) {
		connection->stalled = false;
		connection_wake(connection);
	}
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

void outbox_clear(struct connection *connection)
{
	while (connection->out)
		dequeue(connection);
}
