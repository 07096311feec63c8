/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client's link in the control domain: straight into the store.
 *
 * A request is handled before send() returns, on the caller's own stack; its answer waits in the
 * connection until receive() takes it. No thread is switched to and nothing is copied twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <minios/file.h>
#include <minios/wait.h>

#include "xenstore-lite/client.h"
#include "xenstore-lite/client_link.h"
#include "xenstore-lite/connection.h"
#include "xenstore-lite/minios.h"

struct local_link {
	struct client_link link;
	struct connection *connection;
	struct wait_queue changed;
	unsigned int wakes; /* counts wake() */
	int fd;		    /* -1 until somebody asks */
	bool queued;
};

static struct local_link *local(struct client_link *link)
{
	return (struct local_link *)link;
}

/* --- the store's side ------------------------------------------------------------------------- */

static int read_nothing(struct connection *connection, void *buffer, size_t len)
{
	(void)connection;
	(void)buffer;
	(void)len;
	return 0;
}

/* What is to be sent stays where it is until the client takes it. */
static int write_nothing(struct connection *connection, const struct span *span, unsigned int spans)
{
	(void)connection;
	(void)span;
	(void)spans;
	return 0;
}

static void settled(struct connection *connection, bool read, bool write)
{
	struct local_link *link = connection->peer;

	(void)read;
	if (!write)
		return;
	wake_all(&link->changed);
	if (link->fd >= 0)
		file_wake();
}

static const struct transport local_transport = {
	.read = read_nothing,
	.write = write_nothing,
	.settled = settled,
};

/* --- the client's side ------------------------------------------------------------------------ */

static int local_send(struct client_link *link, const struct client_piece *piece,
		      unsigned int count)
{
	/* Threads are cooperative and nothing between here and the return lets go. */
	static char payload[XENSTORE_PAYLOAD_MAX];
	struct xsd_sockmsg header;
	size_t len = 0;
	unsigned int i;
	int error;

	memcpy(&header, piece[0].data, sizeof(header));
	if (header.len > sizeof(payload))
		return -E2BIG;
	for (i = 1; i < count; i++) {
		memcpy(payload + len, piece[i].data, piece[i].len);
		len += piece[i].len;
	}
	error = connection_submit(local(link)->connection, &header, payload);
	xenstore_poke();
	return error;
}

static int local_receive(struct client_link *link, void *out, size_t len, bool wait)
{
	struct connection *connection = local(link)->connection;
	size_t got = connection_take(connection, out, len);

	while (!got && wait) {
		wait_event(&local(link)->changed, connection->out);
		got = connection_take(connection, out, len);
	}
	return got ? (int)got : -EAGAIN;
}

static bool is_ready(void *context)
{
	const struct local_link *link = context;

	return link->queued || link->connection->out;
}

static const struct file_ops file_ops = {.ready = is_ready};

static int local_fileno(struct client_link *common)
{
	struct local_link *link = local(common);

	if (link->fd < 0)
		link->fd = file_install(&file_ops, link);
	return link->fd < 0 ? -1 : link->fd;
}

static void local_queued(struct client_link *link, bool any)
{
	local(link)->queued = any;
	if (any)
		file_wake();
}

static void local_close(struct client_link *common)
{
	struct local_link *link = local(common);

	if (link->fd >= 0)
		close(link->fd);
	connection_free(link->connection);
	xenstore_poke();
	free(link);
}

/* No other thread runs until this one waits. */
static void no_lock(struct client_link *link)
{
	(void)link;
}

static void local_wait(struct client_link *link)
{
	unsigned int before = local(link)->wakes;

	wait_event(&local(link)->changed, local(link)->wakes != before);
}

static void local_wake(struct client_link *link)
{
	local(link)->wakes++;
	wake_all(&local(link)->changed);
}

static const struct client_link_ops local_ops = {
	.send = local_send,
	.receive = local_receive,
	.fileno = local_fileno,
	.queued = local_queued,
	.close = local_close,
	.lock = no_lock,
	.unlock = no_lock,
	.wait = local_wait,
	.wake = local_wake,
};

struct client_link *client_link_open(void)
{
	struct local_link *link = calloc(1, sizeof(*link));
	struct connection_kind kind = {
		.transport = &local_transport,
		.peer = link,
		.privileged = true,
		.base = "/local/domain/0",
	};

	if (!link)
		return NULL;
	link->link.ops = &local_ops;
	link->fd = -1;
	wait_queue_init(&link->changed);
	link->connection = xenstore_connect(&kind);
	if (link->connection)
		return &link->link;
	free(link);
	errno = ENOMEM;
	return NULL;
}
