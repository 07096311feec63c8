/* SPDX-License-Identifier: GPL-2.0-only */
/* The server's beginning, its step, and its end. */
#include "xenstore-lite/server.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "xenstore-lite/domain.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/node.h"

/* Requests of one connection handled in one step, before others have their turn. */
#define REQUESTS_PER_TURN 32

/* Dead nodes freed in one step. */
#define REAPED_PER_STEP 512

static void reap_all(void)
{
	while (node_reap(UINT_MAX))
		;
}

/* Nodes looked at in one step, in search of those whose owner is gone. */
#define SEARCHED_PER_STEP 512

/* What every new store has, by the tools' expectation. */
static int make_first_nodes(struct server *server)
{
	struct view view = {&server->store, &server->store.root, NULL};
	struct creator creator = {.domid = 0, .privileged = true};

	return store_mkdir(&view, "/tool/xenstored", &creator);
}

int server_init(struct server *server, const struct platform *platform)
{
	static const struct perm dom0_only = {0, PERM_NONE};

	memset(server, 0, sizeof(*server));
	chain_init(&server->connections);
	chain_init(&server->dying);
	chain_init(&server->ready);
	chain_init(&server->dirty);
	chain_init(&server->domains);
	server->platform = platform;
	memory_reclaim = reap_all;
	if (store_init(&server->store))
		return -ENOMEM;
	if (watches_init(&server->watches))
		goto no_watches;
	server->introduce_perms = perms_get(&server->store.perms, &dom0_only, 1);
	server->release_perms = perms_get(&server->store.perms, &dom0_only, 1);
	if (!server->introduce_perms || !server->release_perms || make_first_nodes(server))
		goto no_nodes;
	return 0;

no_nodes:
	if (server->introduce_perms)
		perms_put(server->introduce_perms);
	if (server->release_perms)
		perms_put(server->release_perms);
	watches_destroy(&server->watches);
no_watches:
	store_destroy(&server->store);
	return -ENOMEM;
}

static void close_all(struct chain *connections)
{
	while (!chain_empty(connections))
		connection_free(container_of(connections->next, struct connection, link));
}

void server_destroy(struct server *server)
{
	domain_release_all(server);
	orphan_stop(server);
	close_all(&server->connections);
	close_all(&server->dying);
	watches_destroy(&server->watches);
	perms_put(server->introduce_perms);
	perms_put(server->release_perms);
	store_destroy(&server->store);
}

void server_log(struct server *server, const char *format, ...)
{
	char line[256];
	va_list args;

	if (!server->log)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	server->log(line);
}

void server_changed(struct server *server, const char *path, const struct perms *before)
{
	struct event event = {.path = path, .before = before, .root = server->store.root};

	watches_fire(&server->watches, &event, connection_event);
}

void server_removed_below(struct server *server, const char *path, struct node *tree)
{
	watches_fire_below(&server->watches, path, tree, connection_event);
}

void server_removed(struct server *server, const char *path, struct node *tree)
{
	server_changed(server, path, tree->perms);
	server_removed_below(server, path, tree);
}

void server_special(struct server *server, const char *name, uint16_t domid,
		    const struct perms *perms)
{
	char path[32];
	struct event event = {.path = path, .special = perms};

	snprintf(path, sizeof(path), "%s/%u", name, domid);
	watches_fire(&server->watches, &event, connection_event);
}

static struct connection *take_first(struct chain *head, size_t offset)
{
	struct chain *first = head->next;

	chain_remove(first);
	return (struct connection *)((char *)first - offset);
}

static void settle(struct connection *connection)
{
	connection_flush(connection);
	if (connection->transport->settled)
		connection->transport->settled(connection, !connection->stalled,
					       connection->out != NULL);
}

/* Connections that were killed: guests stay, in silence; others go. */
static void bury(struct server *server)
{
	while (!chain_empty(&server->dying)) {
		struct connection *connection =
			container_of(server->dying.next, struct connection, link);

		if (!connection->is_domain) {
			connection_free(connection);
			continue;
		}
		chain_remove(&connection->link);
		chain_add_tail(&connection->link, &server->connections);
		domain_ignore(connection);
	}
}

void server_settle(struct server *server)
{
	struct chain dirty;

	/* A list of its own, so that whoever stays dirty waits for the next time. */
	chain_init(&dirty);
	while (!chain_empty(&server->dirty)) {
		struct chain *first = server->dirty.next;

		chain_remove(first);
		chain_add_tail(first, &dirty);
	}
	while (!chain_empty(&dirty))
		settle(take_first(&dirty, offsetof(struct connection, dirty)));
	bury(server);
}

static bool is_only(const struct chain *item, const struct chain *head)
{
	return head->next == item && head->prev == item;
}

/*
 * What came of it is sent at once, so that a client and the store work at the same time. But where
 * others have something to hear as well, as of a change that they watch, all wait for the end of
 * the step: more may come for each, and goes in one piece.
 */
static void serve(struct connection *connection)
{
	struct server *server = connection->server;

	if (connection->transport->attend)
		connection->transport->attend(connection);
	if (connection_serve(connection, REQUESTS_PER_TURN))
		connection_wake(connection);
	if (!chain_empty(&connection->dirty) && !is_only(&connection->dirty, &server->dirty))
		return;
	chain_remove(&connection->dirty);
	settle(connection);
}

enum server_need server_step(struct server *server)
{
	unsigned int turns = 0;
	struct chain *pos;
	bool more;

	server->starved = false;
	chain_for_each(pos, &server->ready)
		turns++;
	while (turns-- && !chain_empty(&server->ready))
		serve(take_first(&server->ready, offsetof(struct connection, ready)));
	more = orphan_step(server, SEARCHED_PER_STEP);
	server_settle(server);
	if (node_reap(REAPED_PER_STEP) || more)
		return SERVER_MORE;
	if (server->starved)
		return SERVER_STARVED;
	return chain_empty(&server->ready) ? SERVER_IDLE : SERVER_MORE;
}

bool server_needs_step(const struct server *server)
{
	return !chain_empty(&server->ready) || !chain_empty(&server->dirty) || node_reap_needed() ||
	       orphan_needed(server);
}
