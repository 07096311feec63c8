/* SPDX-License-Identifier: GPL-2.0-only */
/* Watches: who wants to know about changes where. */
#ifndef XENSTORE_LITE_WATCH_H
#define XENSTORE_LITE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/chain.h"
#include "xenstore-lite/perms.h"
#include "xenstore-lite/store.h"

struct connection;

/*
 * Watched paths form a tree of places of their own, one place per part, found through one hash
 * table. An event visits the places on the way to its path, so its cost does not depend on how many
 * watches there are elsewhere; the removal of a subtree visits the places below it.
 */
struct place {
	struct chain siblings;
	struct chain below;
	struct chain watches;
	struct place *parent;
	struct place *next; /* in the bucket */
	uint32_t hash;
	uint32_t name_len;
	char name[];
};

#define WATCH_NO_DEPTH 0xffffffffu

struct watch {
	struct chain at_place;
	struct chain at_connection;
	struct place *place;
	struct connection *connection;
	uint64_t number; /* in the order of registration */
	uint32_t depth;	 /* how many parts below the path still matter */
	uint32_t pending; /* events queued and not yet sent */
	bool missed;	 /* an event could not be queued: one for the whole watch is due */
	uint16_t base_len; /* what the connection left out of a relative path, with its slash */
	uint16_t path_len;
	uint16_t token_len;
	char text[]; /* the path, a nul, the token, a nul */
};

struct watches {
	struct place *root;
	struct place **bucket;
	uint32_t buckets, places;
	uint64_t numbers;
	uint32_t count;
};

int watches_init(struct watches *watches);
void watches_destroy(struct watches *watches);

static inline const char *watch_path(const struct watch *watch)
{
	return watch->text;
}

/* The path as it was registered, relative or not. */
static inline const char *watch_told_path(const struct watch *watch)
{
	return watch->text + watch->base_len;
}

static inline const char *watch_token(const struct watch *watch)
{
	return watch->text + watch->path_len + 1;
}

static inline size_t watch_size(const struct watch *watch)
{
	return sizeof(*watch) + watch->path_len + watch->token_len + 2;
}

struct watch *watch_new(struct watches *watches, struct connection *connection, const char *path,
			size_t base_len, const char *token, uint32_t depth);
/* The connection's watch with this path and token, if there is one. */
struct watch *watch_find(const struct watches *watches, const struct connection *connection,
			 const char *path, const char *token);
void watch_free(struct watches *watches, struct watch *watch);

/*
 * A change at @path. Who may hear of it depends on the node's permissions before and after, and on
 * its parent's. What is not known is NULL; the last two are looked up in @root when first needed.
 * Special events have none of these, but @special, the set that rules them.
 */
struct event {
	const char *path;
	const struct perms *before;
	const struct perms *special;
	const struct node *root;
	bool looked_up;
	const struct perms *after, *parent;
};

/* Called for each watch that an event reaches; @path is what the watcher is told. */
typedef void watch_tell(struct watch *watch, const char *path);

/* Tells all who watch @path or above. */
void watches_fire(struct watches *watches, struct event *event, watch_tell *tell);
/* The tree @removed, which was at @path, is gone: tells all who watch below @path. */
void watches_fire_below(struct watches *watches, const char *path, struct node *removed,
			watch_tell *tell);

#endif
