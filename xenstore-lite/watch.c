/* SPDX-License-Identifier: GPL-2.0-only */
/* Registration of watches, and finding those that an event reaches. */
#include "xenstore-lite/watch.h"

#include <string.h>

#include "xenstore-lite/connection.h"
#include "xenstore-lite/directory.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/path.h"

#define BUCKETS_LEAST 64u

static uint32_t hash_part(const struct place *parent, const char *name, size_t len)
{
	uint32_t hash = parent ? parent->hash : 2166136261u;

	hash = (hash ^ '/') * 16777619u;
	while (len--)
		hash = (hash ^ (unsigned char)*name++) * 16777619u;
	return hash;
}

static struct place *find_below(const struct watches *watches, const struct place *parent,
				const char *name, size_t len)
{
	uint32_t hash = hash_part(parent, name, len);
	struct place *place = watches->bucket[hash % watches->buckets];

	for (; place; place = place->next)
		if (place->hash == hash && place->parent == parent && place->name_len == len &&
		    !memcmp(place->name, name, len))
			return place;
	return NULL;
}

static void set_buckets(struct watches *watches, uint32_t buckets)
{
	struct place **bucket = memory_zalloc(buckets * sizeof(*bucket));
	uint32_t i;

	/* Longer chains, or empty ones, are the worst that comes of it. */
	if (!bucket)
		return;
	for (i = 0; i < watches->buckets; i++) {
		while (watches->bucket[i]) {
			struct place *moved = watches->bucket[i];

			watches->bucket[i] = moved->next;
			moved->next = bucket[moved->hash % buckets];
			bucket[moved->hash % buckets] = moved;
		}
	}
	memory_free(watches->bucket, watches->buckets * sizeof(*bucket));
	watches->bucket = bucket;
	watches->buckets = buckets;
}

static struct place *place_new(struct watches *watches, struct place *parent, const char *name,
			       size_t len)
{
	struct place *place = memory_alloc(sizeof(*place) + len);
	struct place **head;

	if (!place)
		return NULL;
	if (watches->places >= watches->buckets)
		set_buckets(watches, watches->buckets * 2);
	chain_init(&place->siblings);
	chain_init(&place->below);
	chain_init(&place->watches);
	place->parent = parent;
	place->hash = hash_part(parent, name, len);
	place->name_len = len;
	memcpy(place->name, name, len);
	if (parent)
		chain_add_tail(&place->siblings, &parent->below);
	head = &watches->bucket[place->hash % watches->buckets];
	place->next = *head;
	*head = place;
	watches->places++;
	return place;
}

/* Frees @place, and those above it, as far as nothing needs them. */
static void place_release(struct watches *watches, struct place *place)
{
	while (place->parent && chain_empty(&place->below) && chain_empty(&place->watches)) {
		struct place *parent = place->parent;
		struct place **at = &watches->bucket[place->hash % watches->buckets];

		while (*at != place)
			at = &(*at)->next;
		*at = place->next;
		chain_remove(&place->siblings);
		watches->places--;
		memory_free(place, sizeof(*place) + place->name_len);
		place = parent;
	}
	if (watches->buckets > BUCKETS_LEAST && watches->places < watches->buckets / 4)
		set_buckets(watches, watches->buckets / 2);
}

int watches_init(struct watches *watches)
{
	memset(watches, 0, sizeof(*watches));
	watches->buckets = BUCKETS_LEAST;
	watches->bucket = memory_zalloc(watches->buckets * sizeof(*watches->bucket));
	if (!watches->bucket)
		return -1;
	watches->root = place_new(watches, NULL, "", 0);
	if (!watches->root) {
		memory_free(watches->bucket, watches->buckets * sizeof(*watches->bucket));
		return -1;
	}
	return 0;
}

void watches_destroy(struct watches *watches)
{
	memory_free(watches->root, sizeof(*watches->root));
	memory_free(watches->bucket, watches->buckets * sizeof(*watches->bucket));
}

static struct place *place_for(struct watches *watches, const char *path)
{
	struct place *place = watches->root;
	const char *part;
	size_t len;

	while ((len = path_next(&path, &part))) {
		struct place *below = find_below(watches, place, part, len);

		if (!below)
			below = place_new(watches, place, part, len);
		if (!below) {
			place_release(watches, place);
			return NULL;
		}
		place = below;
	}
	return place;
}

struct watch *watch_new(struct watches *watches, struct connection *connection, const char *path,
			size_t base_len, const char *token, uint32_t depth)
{
	size_t path_len = strlen(path), token_len = strlen(token);
	struct watch *watch = memory_zalloc(sizeof(*watch) + path_len + token_len + 2);

	if (!watch)
		return NULL;
	watch->place = place_for(watches, path);
	if (!watch->place) {
		memory_free(watch, sizeof(*watch) + path_len + token_len + 2);
		return NULL;
	}
	watch->connection = connection;
	watch->number = watches->numbers++;
	watch->depth = depth;
	watch->base_len = base_len;
	watch->path_len = path_len;
	watch->token_len = token_len;
	memcpy(watch->text, path, path_len + 1);
	memcpy(watch->text + path_len + 1, token, token_len + 1);
	chain_add_tail(&watch->at_place, &watch->place->watches);
	chain_init(&watch->at_connection);
	watches->count++;
	return watch;
}

static struct place *find_place(const struct watches *watches, const char *path)
{
	struct place *place = watches->root;
	const char *part;
	size_t len;

	while (place && (len = path_next(&path, &part)))
		place = find_below(watches, place, part, len);
	return place;
}

struct watch *watch_find(const struct watches *watches, const struct connection *connection,
			 const char *path, const char *token)
{
	struct place *place = find_place(watches, path);
	struct chain *pos;

	if (!place)
		return NULL;
	chain_for_each(pos, &place->watches) {
		struct watch *watch = container_of(pos, struct watch, at_place);

		if (watch->connection == connection && !strcmp(watch_token(watch), token))
			return watch;
	}
	return NULL;
}

void watch_free(struct watches *watches, struct watch *watch)
{
	chain_remove(&watch->at_place);
	chain_remove(&watch->at_connection);
	place_release(watches, watch->place);
	watches->count--;
	memory_free(watch, watch_size(watch));
}

static bool readable(const struct connection *connection, const struct perms *perms)
{
	return perms && (connection_access(connection, perms) & PERM_READ);
}

static void look_up(struct event *event)
{
	const struct node *node;

	event->looked_up = true;
	if (!event->root)
		return;
	node = store_find(event->root, event->path);
	event->after = node ? node->perms : NULL;
	node = store_find_parent(event->root, event->path);
	event->parent = node ? node->perms : NULL;
}

/* One may hear of a node that one can read, could read, or could find in its parent's list. */
static bool permitted(struct event *event, const struct connection *connection)
{
	if (connection->privileged || readable(connection, event->before) ||
	    readable(connection, event->special))
		return true;
	if (!event->looked_up)
		look_up(event);
	return readable(connection, event->after) || readable(connection, event->parent);
}

/* @depth is how many parts of the event's path are below the watch's. */
static void tell_watch(struct watch *watch, struct event *event, unsigned int depth,
		       watch_tell *tell)
{
	if (!permitted(event, watch->connection))
		return;
	if (!event->special) {
		if (depth <= watch->depth)
			tell(watch, event->path + watch->base_len);
		return;
	}
	/* Which domain it was about is told only to those who asked for that depth. */
	if (watch->depth == WATCH_NO_DEPTH || depth > watch->depth)
		tell(watch, watch_path(watch));
	else
		tell(watch, event->path);
}

/* The watch that is next in the order of registration, among @places places. */
static struct chain *earliest(struct chain **at, struct place **place, unsigned int places,
			     unsigned int *which)
{
	struct chain *best = NULL;
	unsigned int i;

	for (i = 0; i < places; i++) {
		if (at[i] == &place[i]->watches)
			continue;
		if (!best || container_of(at[i], struct watch, at_place)->number <
				     container_of(best, struct watch, at_place)->number) {
			best = at[i];
			*which = i;
		}
	}
	return best;
}

/* Paths with more watched places on their way than this lose order among watches, nothing else. */
#define ORDERED_PLACES 16

static void fire_places(struct place **place, const unsigned int *depth, unsigned int places,
			struct event *event, watch_tell *tell)
{
	struct chain *at[ORDERED_PLACES];
	struct chain *next;
	unsigned int i;

	for (i = 0; i < places; i++)
		at[i] = place[i]->watches.next;
	while ((next = earliest(at, place, places, &i))) {
		at[i] = next->next;
		tell_watch(container_of(next, struct watch, at_place), event, depth[i], tell);
	}
}

static unsigned int count_parts(const char *path)
{
	unsigned int parts = 0;
	const char *part;

	while (path_next(&path, &part))
		parts++;
	return parts;
}

void watches_fire(struct watches *watches, struct event *event, watch_tell *tell)
{
	unsigned int depth[ORDERED_PLACES], left = count_parts(event->path), places = 0;
	struct place *place[ORDERED_PLACES], *current = watches->root;
	const char *rest = event->path, *part;
	size_t len;

	/* Special events are not below "/". */
	while (current) {
		bool skip = event->special && current == watches->root;

		if (!skip && !chain_empty(&current->watches)) {
			place[places] = current;
			depth[places++] = left;
		}
		if (places == ORDERED_PLACES) {
			fire_places(place, depth, places, event, tell);
			places = 0;
		}
		left--;
		len = path_next(&rest, &part);
		current = len ? find_below(watches, current, part, len) : NULL;
	}
	fire_places(place, depth, places, event, tell);
}

/* The next place of the tree below @top, a place before those below it. */
static struct place *next_place(struct place *place, const struct place *top)
{
	if (!chain_empty(&place->below))
		return container_of(place->below.next, struct place, siblings);
	while (place != top) {
		if (place->siblings.next != &place->parent->below)
			return container_of(place->siblings.next, struct place, siblings);
		place = place->parent;
	}
	return NULL;
}

static void fire_removed(struct place *place, size_t prefix, struct node *removed,
			 watch_tell *tell)
{
	struct watch *watch = container_of(place->watches.next, struct watch, at_place);
	const char *path = watch_path(watch);
	struct event event = {.path = path};
	struct node *node;
	struct chain *pos;

	node = store_find(removed, path + prefix);
	if (!node)
		return;
	event.before = node->perms;
	chain_for_each(pos, &place->watches)
		tell_watch(container_of(pos, struct watch, at_place), &event, 0, tell);
}

void watches_fire_below(struct watches *watches, const char *path, struct node *removed,
			watch_tell *tell)
{
	struct place *top = find_place(watches, path);
	struct place *place;

	if (!top)
		return;
	for (place = next_place(top, top); place; place = next_place(place, top))
		if (!chain_empty(&place->watches))
			fire_removed(place, strlen(path), removed, tell);
}
