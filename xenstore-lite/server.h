/* SPDX-License-Identifier: GPL-2.0-only */
/* The server: the store, its watches, its connections, and the platform they come by. */
#ifndef XENSTORE_LITE_SERVER_H
#define XENSTORE_LITE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/connection.h"
#include "xenstore-lite/chain.h"
#include "xenstore-lite/orphan.h"
#include "xenstore-lite/path.h"
#include "xenstore-lite/store.h"
#include "xenstore-lite/watch.h"

/* How a domain is doing, as far as the store cares. */
enum domain_state { DOMAIN_RUNS, DOMAIN_SHUT_DOWN, DOMAIN_GONE };

struct server;

/*
 * What the store needs to talk to domains. A host without a hypervisor has none (NULL in the
 * server), and XS_INTRODUCE is refused there. Failures are negative errno values.
 */
struct platform {
	/* Maps the domain's store page for writing. */
	int (*map)(uint16_t domid, uint64_t frame, void **page);
	void (*unmap)(uint16_t domid, void *page);
	/* Joins its event channel; events on it must lead to connection_wake() of @connection. */
	int (*bind)(uint16_t domid, uint32_t remote_port, struct connection *connection,
		    void **channel);
	void (*unbind)(void *channel);
	void (*notify)(void *channel);
	/* Is there such a domain, not dying, introduced or not? */
	bool (*exists)(uint16_t domid);
	/* Calls domain_report() for every domain there is. */
	int (*survey)(struct server *server);
};

struct server {
	struct store store;
	struct watches watches;
	struct chain connections;
	struct chain dying; /* connections that were killed */
	struct chain ready;
	struct chain dirty;
	struct chain domains; /* introduced, see domain.h */
	unsigned int connection_count, domain_count;
	uint32_t last_connection;
	bool starved; /* an event, or the search for orphans, waits for memory */
	struct orphan_search search;
	const struct platform *platform;
	/* What log lines go to; NULL: nowhere. */
	void (*log)(const char *line);
	bool trace;
	/* Rules of the two special watches. */
	struct perms *introduce_perms, *release_perms;
	/* Where one request's path is resolved; requests are handled one at a time. */
	char path[PATH_MAX_ABSOLUTE + 1];
};

int server_init(struct server *server, const struct platform *platform);
/* Closes all connections and gives everything back. */
void server_destroy(struct server *server);

enum server_need {
	SERVER_IDLE,	/* until somebody wakes a connection */
	SERVER_MORE,	/* there is more to do: call again */
	SERVER_STARVED, /* something waits for memory: call again in a while */
};

/*
 * Looks after each connection that was woken, sends what is to be sent, buries the dead. Never
 * waits, and does a bounded amount of work.
 */
enum server_need server_step(struct server *server);

/* Would a step find something to do? */
bool server_needs_step(const struct server *server);

/* The second half of a step: for those who hand in a request directly. */
void server_settle(struct server *server);

/* Fires what a change must fire. @before: the permissions there were, if they have changed. */
void server_changed(struct server *server, const char *path, const struct perms *before);
/* The same for a tree that is gone. */
void server_removed(struct server *server, const char *path, struct node *tree);
/* Only for those who watch below @path. */
void server_removed_below(struct server *server, const char *path, struct node *tree);
/* A special event about one domain. */
void server_special(struct server *server, const char *name, uint16_t domid,
		    const struct perms *perms);
void server_log(struct server *server, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
