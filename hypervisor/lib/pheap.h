/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pairing heaps: priority queues that live inside their entries, so that inserting cannot fail.
 *
 * Insert and a look at the least are O(1); removing any entry is O(log n) amortised. Entries with
 * equal keys leave in no particular order.
 */
#ifndef HV_LIB_PHEAP_H
#define HV_LIB_PHEAP_H

#include "hypervisor/lib/types.h"

struct pheap_node {
	u64 key;			/* not to be changed while in a heap */
	struct pheap_node *child;	/* first of those below, none with a lesser key */
	struct pheap_node *next;	/* sibling */
	struct pheap_node *prev;	/* sibling, or parent for a first child, or itself for the
					 * root; NULL: in no heap */
};

struct pheap {
	struct pheap_node *root;	/* the least, or NULL */
};

static inline bool pheap_contains_node(const struct pheap_node *node)
{
	return node->prev != NULL;
}

void pheap_insert(struct pheap *heap, struct pheap_node *node, u64 key);
/* The node is in this heap. */
void pheap_remove(struct pheap *heap, struct pheap_node *node);

#endif
