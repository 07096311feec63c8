/* SPDX-License-Identifier: GPL-2.0-only */
/* Pairing heaps: merge, and the two-pass merge of orphaned children. */
#include "hypervisor/lib/pheap.h"

/* The greater root becomes the first child of the lesser one. Equal: @a stays on top. */
static struct pheap_node *merge(struct pheap_node *a, struct pheap_node *b)
{
	if (b->key < a->key) {
		struct pheap_node *tmp = a;

		a = b;
		b = tmp;
	}
	b->prev = a;
	b->next = a->child;
	if (b->next)
		b->next->prev = b;
	a->child = b;
	return a;
}

/*
 * One tree of a list of siblings: pairs from left to right, then the pairs from right to left. The
 * second pass is what makes removal logarithmic in the long run.
 */
static struct pheap_node *merge_siblings(struct pheap_node *first)
{
	struct pheap_node *pairs = NULL, *root = NULL;

	while (first) {
		struct pheap_node *a = first, *b = a->next;

		first = b ? b->next : NULL;
		if (b)
			a = merge(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct pheap_node *a = pairs;

		pairs = a->next;
		root = root ? merge(root, a) : a;
	}
	return root;
}

static void set_root(struct pheap *heap, struct pheap_node *root)
{
	heap->root = root;
	if (root) {
		root->prev = root;
		root->next = NULL;
	}
}

void pheap_insert(struct pheap *heap, struct pheap_node *node, u64 key)
{
	node->key = key;
	node->child = NULL;
	set_root(heap, heap->root ? merge(heap->root, node) : node);
}

void pheap_remove(struct pheap *heap, struct pheap_node *node)
{
	struct pheap_node *below = merge_siblings(node->child);

	if (heap->root == node) {
		set_root(heap, below);
	} else {
		if (node->prev->child == node)
			node->prev->child = node->next;
		else
			node->prev->next = node->next;
		if (node->next)
			node->next->prev = node->prev;
		if (below)
			set_root(heap, merge(heap->root, below));
	}
	node->prev = node->next = node->child = NULL;
}
