/* SPDX-License-Identifier: GPL-2.0-only */
/* Transactions: a private copy of the store, and what must still be true when it becomes public. */
#ifndef XENSTORE_LITE_TRANSACTION_H
#define XENSTORE_LITE_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/chain.h"
#include "xenstore-lite/store.h"

/* What a request relied on at a path. Absence can be relied on as well. */
#define RELIES_ON_EXISTENCE 1u
#define RELIES_ON_VALUE	    2u
#define RELIES_ON_PERMS	    4u
#define RELIES_ON_CHILDREN  8u
#define RELIES_ON_TREE	    16u /* everything at and below the path */
#define RELIANCE_REPORTED   32u /* not a kind: see transaction_report_once() */

/* One path the transaction relied on. */
struct reliance {
	struct reliance *next; /* in the bucket */
	uint32_t hash;
	uint32_t kinds;
	size_t size; /* of this, with the path */
	char path[];
};

enum change_kind { CHANGE_WRITE, CHANGE_MKDIR, CHANGE_REMOVE, CHANGE_PERMS };

/* One change made, kept to be made again on the live tree, and to fire watches. */
struct change {
	struct change *next;
	enum change_kind kind;
	struct perms *perms; /* for CHANGE_PERMS */
	size_t size;	     /* of this, with path and value */
	size_t path_len, value_len;
	char path[]; /* with its nul; then the value */
};

/* Makes a change in a view. What does not belong to its kind is ignored. */
struct change_text {
	enum change_kind kind;
	const char *path;
	const void *value;
	size_t value_len;
	struct perms *perms;
};

/*
 * The transaction starts with its two roots both being the live one: that costs nothing, and each
 * change then copies the way to it. When it ends and the live root is still @base, its root simply
 * becomes the live one. Otherwise, if nothing it relied on differs between @base and the live tree,
 * its changes are made again on a copy of the live tree. A transaction that changed nothing saw one
 * consistent state, and never conflicts.
 */
struct transaction {
	struct chain link; /* in its connection's */
	uint32_t id;
	struct store *store;
	struct node *base;
	struct node *root;
	struct tally tally;
	struct reliance **bucket;
	uint32_t buckets, reliances;
	struct change *first, **last;
	uint32_t changes;
	size_t memory; /* held by reliances and changes */
};

struct transaction *transaction_new(struct store *store, uint32_t id);
void transaction_free(struct transaction *transaction);

struct view transaction_view(struct transaction *transaction);

/* What was looked at. -ENOMEM: the transaction is then as it was. */
int transaction_rely(struct transaction *transaction, const char *path, unsigned int kinds);

/*
 * A change in two steps: prepared before it is made, then kept or dropped depending on how the
 * change itself went. Neither of the latter fails.
 */
struct change *change_new(const struct change_text *text);
void change_free(struct change *change);
void transaction_keep(struct transaction *transaction, struct change *change);

int change_make(const struct change_text *text, struct view *view, const struct creator *creator);

/*
 * Makes the changes public. -EAGAIN on a conflict, -ENOSPC, -ENOMEM: nothing has changed then.
 * After success @base is what the live tree was just before.
 */
int transaction_commit(struct transaction *transaction, const struct creator *creator);

/* True the first time it is asked for a path that the transaction relied on. */
bool transaction_report_once(struct transaction *transaction, const char *path);

#endif
