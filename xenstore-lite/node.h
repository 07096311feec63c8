/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes of the store and the pages that list their children: shared, counted, copied on write. */
#ifndef XENSTORE_LITE_NODE_H
#define XENSTORE_LITE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/perms.h"

/*
 * The store is a tree of nodes that several roots may share: the live root, and one or two of each
 * open transaction. A node or page that is reachable in more than one way has a count above one and
 * is then never written; whoever wants to write first owns a private copy ("owns" it: node_own(),
 * page_own()), from the root down to the place. What only one root reaches is written in place.
 */
struct node {
	uint32_t ref;
	uint16_t name_len;
	uint16_t value_len;
	struct perms *perms;
	struct page *children; /* NULL if there are none */
	char data[];	       /* the name, without a nul, then the value */
};

/* Most entries of a page, and the fewest that are left without an attempt to merge. */
#define PAGE_MAX 32u
#define PAGE_MIN 8u

/*
 * One page of a B-tree that holds a node's children in the order of their names. Level 0 has nodes
 * in its slots, the others pages of the level below. The root page's generation changes with every
 * child added or removed.
 */
struct page {
	uint32_t ref;
	uint8_t level;
	uint8_t count; /* slots in use */
	uint8_t room;  /* slots there are */
	uint32_t names; /* children below this page */
	uint32_t bytes; /* their names, each with a nul */
	uint64_t generation;
	void *slot[];
};

static inline const char *node_name(const struct node *node)
{
	return node->data;
}

static inline char *node_value(struct node *node)
{
	return node->data + node->name_len;
}

/* What a node is counted as: itself and its place in a page. */
static inline uint32_t node_cost(size_t name_len, size_t value_len)
{
	return sizeof(struct node) + sizeof(void *) + name_len + value_len;
}

/* Takes its own reference on @perms. No children. NULL if memory is short. */
struct node *node_new(const char *name, size_t name_len, struct perms *perms, const void *value,
		      size_t value_len);
/* A node like @node but for its value; shares the children. */
struct node *node_with_value(const struct node *node, const void *value, size_t value_len);
struct node *node_ref(struct node *node);
void node_put(struct node *node);
/* Makes the node in @slot private to it. */
bool node_own(struct node **slot);

/* An empty page. */
struct page *page_new(unsigned int level, unsigned int room);
/* Makes the page in @slot private to it, with room for @room slots at least. */
bool page_own(struct page **slot, unsigned int room);
/* Frees a page that is owned and whose slots have been moved elsewhere. */
void page_discard(struct page *page);

/*
 * Nodes and pages without a reference are put on a list and freed later, so that removing a large
 * tree never holds up the store. Frees up to @budget of them; true if there are more.
 */
bool node_reap(unsigned int budget);
/* Are there any? */
bool node_reap_needed(void);

#endif
