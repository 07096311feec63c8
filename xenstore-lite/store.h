/* SPDX-License-Identifier: GPL-2.0-only */
/* The store: one tree, and the changes that can be made to it or to a copy of it. */
#ifndef XENSTORE_LITE_STORE_H
#define XENSTORE_LITE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/account.h"
#include "xenstore-lite/node.h"
#include "xenstore-lite/perms.h"

struct store {
	struct node *root;
	struct account *dom0;
	struct account *orphans; /* who inherits from domains that are gone, until orphan.c has come by */
	struct accounts accounts;
	struct perms_table perms;
};

int store_init(struct store *store);
/* Gives back everything; nothing may refer to the store any more. */
void store_destroy(struct store *store);

/*
 * Changes in what owners hold that are not yet true for everybody, because they belong to a
 * transaction.
 */
struct tally {
	struct tally_entry {
		struct account *account;
		int32_t nodes;
		int32_t bytes;
	} *entry;
	unsigned int count, room;
};

void tally_init(struct tally *tally);
/* Adds all of it to the accounts. Cannot fail. */
void tally_apply(struct tally *tally, struct store *store);
void tally_release(struct tally *tally, struct store *store);

/* What a change is made to: the live tree, or a transaction's. */
struct view {
	struct store *store;
	struct node **root;
	struct tally *tally; /* NULL: straight to the accounts */
};

/* On whose behalf nodes are created. */
struct creator {
	uint16_t domid;
	bool privileged;
	const struct account *account; /* whose quota counts; NULL if privileged */
};

struct node *store_find(const struct node *root, const char *path);
/* The node one part above @path, whether that exists or not; NULL for "/". */
struct node *store_find_parent(const struct node *root, const char *path);
/* The deepest node on the way to @path that exists, @path itself included; *@len is its path's. */
struct node *store_find_nearest(const struct node *root, const char *path, size_t *len);

/*
 * The changes. Each happens entirely or, if it returns a negative errno, not at all. Paths are
 * valid and absolute; permission to act has been checked by the caller.
 *
 * The node exists afterwards, with missing parents. A new node has its parent's permissions, but an
 * unprivileged creator owns what it creates.
 */
int store_write(struct view *view, const char *path, const void *value, size_t len,
		const struct creator *creator);
int store_mkdir(struct view *view, const char *path, const struct creator *creator);
/* The node exists, and is not the root. */
int store_remove(struct view *view, const char *path);
int store_set_perms(struct view *view, const char *path, struct perms *perms);

/*
 * Goes through a tree, a node before its children, without recursion: a path can have more parts
 * than a stack has room for.
 */
struct walk {
	struct walk_level {
		struct node *node;
		unsigned int next;
	} *level, inline_level[16];
	unsigned int depth, room;
};

void walk_start(struct walk *walk, struct node *node);
/* The next node, NULL at the end, or WALK_NO_MEMORY. */
struct node *walk_next(struct walk *walk);
/* @node is what came last: the walk goes on behind all that is below it. */
void walk_skip(struct walk *walk, const struct node *node);
/* Its path, below the node that the walk began with, into @out of PATH_MAX_ABSOLUTE + 1 bytes. */
void walk_path(const struct walk *walk, const struct node *node, char *out);
void walk_end(struct walk *walk);
extern struct node *const WALK_NO_MEMORY;

/* Counts and soundness of the whole tree. */
struct store_survey {
	size_t nodes;
	size_t bytes; /* names and values */
	size_t deepest;
	bool sound;
};

int store_survey(struct store *store, struct store_survey *survey);

#endif
