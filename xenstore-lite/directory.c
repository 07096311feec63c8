/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Directories as B-trees.
 *
 * Pages carry no keys: an entry's key is the name of the first node below it. Insertion goes from
 * the top down and splits every full page it is about to enter, so it never has to come back up;
 * removal merges a page that has become small with a neighbour where one is near and memory allows.
 */
#include "xenstore-lite/directory.h"

#include <string.h>

#include "xenstore-lite/memory.h"

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	if (order)
		return order;
	return a_len < b_len ? -1 : a_len > b_len;
}

static const struct node *first_node(const struct page *page, unsigned int i)
{
	while (page->level) {
		page = page->slot[i];
		i = 0;
	}
	return page->slot[i];
}

/*
 * The number of entries whose first name is at or before @name; *@exact if the last of them has
 * that very name.
 */
static unsigned int count_upto(const struct page *page, const char *name, size_t len, bool *exact)
{
	unsigned int low = 0, high = page->count;

	*exact = false;
	while (low < high) {
		unsigned int middle = (low + high) / 2;
		const struct node *node = first_node(page, middle);
		int order = compare(node_name(node), node->name_len, name, len);

		if (!order) {
			*exact = true;
			return middle + 1;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The entry of an inner page that @name is, or would be, below. */
static unsigned int branch(const struct page *page, const char *name, size_t len)
{
	bool exact;
	unsigned int upto = count_upto(page, name, len, &exact);

	return upto ? upto - 1 : 0;
}

struct node *directory_find(const struct page *root, const char *name, size_t len)
{
	unsigned int upto;
	bool exact;

	if (!root)
		return NULL;
	while (root->level)
		root = root->slot[branch(root, name, len)];
	upto = count_upto(root, name, len, &exact);
	return exact ? root->slot[upto - 1] : NULL;
}

/* The page of level 0 that holds the child at @index, which is made to count from its first. */
static const struct page *leaf_at(const struct page *root, unsigned int *index)
{
	while (root->level) {
		unsigned int i = 0;
		const struct page *below = root->slot[0];

		while (*index >= below->names) {
			*index -= below->names;
			below = root->slot[++i];
		}
		root = below;
	}
	return root;
}

struct node *directory_at(const struct page *root, unsigned int index)
{
	if (!root || index >= root->names)
		return NULL;
	root = leaf_at(root, &index);
	return root->slot[index];
}

size_t directory_copy_names(const struct page *root, unsigned int *index, char *out, size_t room)
{
	size_t len = 0;

	while (root && *index < root->names) {
		unsigned int i = *index;
		const struct page *leaf = leaf_at(root, &i);

		for (; i < leaf->count; i++) {
			const struct node *node = leaf->slot[i];

			if (len + node->name_len + 1 > room)
				return len;
			memcpy(out + len, node_name(node), node->name_len);
			len += node->name_len;
			out[len++] = 0;
			++*index;
		}
	}
	return len;
}

unsigned int directory_index_of_byte(const struct page *root, size_t offset)
{
	unsigned int index = 0, i = 0;

	if (!root || offset >= root->bytes)
		return directory_count(root);
	while (root->level) {
		const struct page *below = root->slot[0];

		for (i = 0; offset >= below->bytes; below = root->slot[++i]) {
			offset -= below->bytes;
			index += below->names;
		}
		root = below;
	}
	for (i = 0; offset > 0 && i < root->count; i++) {
		size_t size = ((struct node *)root->slot[i])->name_len + 1;

		offset = offset > size ? offset - size : 0;
		index++;
	}
	return index;
}

struct node **directory_own(struct page **root, const char *name, size_t len)
{
	struct page *page;
	unsigned int upto;
	bool exact;

	for (;;) {
		if (!page_own(root, 0))
			return NULL;
		page = *root;
		if (!page->level)
			break;
		root = (struct page **)&page->slot[branch(page, name, len)];
	}
	upto = count_upto(page, name, len, &exact);
	return exact ? (struct node **)&page->slot[upto - 1] : NULL;
}

static void insert_slot(struct page *page, unsigned int at, void *slot)
{
	memmove(&page->slot[at + 1], &page->slot[at], (page->count - at) * sizeof(slot));
	page->slot[at] = slot;
	page->count++;
}

static void remove_slot(struct page *page, unsigned int at)
{
	page->count--;
	memmove(&page->slot[at], &page->slot[at + 1], (page->count - at) * sizeof(page->slot[0]));
}

/* Counts a slot into its page, or out of it. */
static void count_slot(struct page *page, const void *slot, int sign)
{
	const struct page *below = slot;
	const struct node *node = slot;

	page->names += sign * (page->level ? below->names : 1);
	page->bytes += sign * (page->level ? below->bytes : node->name_len + 1u);
}

/*
 * Splits the full entry @at of @parent, which is owned and has room. A name that goes behind
 * everything leaves the left page full: names often come in order, and pages then fill up.
 */
static bool split(struct page *parent, unsigned int at, const char *name, size_t len)
{
	struct page *left = parent->slot[at];
	bool exact;
	bool is_last = count_upto(left, name, len, &exact) == left->count;
	unsigned int keep = is_last ? left->count - 1u : left->count / 2u;
	struct page *right = page_new(left->level, PAGE_MAX);
	unsigned int i;

	if (!right)
		return false;
	for (i = keep; i < left->count; i++) {
		right->slot[i - keep] = left->slot[i];
		count_slot(right, left->slot[i], 1);
		count_slot(left, left->slot[i], -1);
	}
	right->count = left->count - keep;
	left->count = keep;
	insert_slot(parent, at + 1, right);
	return true;
}

/* A full root gets a new root above it. */
static bool raise(struct page **root)
{
	struct page *above = page_new((*root)->level + 1, 4);

	if (!above)
		return false;
	above->names = (*root)->names;
	above->bytes = (*root)->bytes;
	above->generation = (*root)->generation;
	above->slot[0] = *root;
	above->count = 1;
	*root = above;
	return true;
}

bool directory_prepare_add(struct page **root, const char *name, size_t len)
{
	unsigned int i;

	if (!*root) {
		*root = page_new(0, 2);
		return *root;
	}
	if (!page_own(root, 0) || ((*root)->count == PAGE_MAX && !raise(root)))
		return false;
	while ((*root)->level) {
		/* Room for the page that a split adds; @root itself is not full. */
		if (!page_own(root, (*root)->count + 1))
			return false;
		i = branch(*root, name, len);
		if (!page_own((struct page **)&(*root)->slot[i], 0))
			return false;
		if (((struct page *)(*root)->slot[i])->count == PAGE_MAX) {
			if (!split(*root, i, name, len))
				return false;
			i = branch(*root, name, len);
		}
		root = (struct page **)&(*root)->slot[i];
	}
	return page_own(root, (*root)->count + 1);
}

void directory_add(struct page *root, struct node *child)
{
	const char *name = node_name(child);
	size_t len = child->name_len;
	bool exact;

	for (; root->level; root = root->slot[branch(root, name, len)]) {
		root->names++;
		root->bytes += len + 1;
	}
	root->names++;
	root->bytes += len + 1;
	insert_slot(root, count_upto(root, name, len, &exact), child);
}

/*
 * Moves all of entry @at + 1 of @parent into entry @at, if they fit well. Both were reached from an
 * owned page, but the second may be shared; it is then left to its other users. Skipped without
 * harm when memory is short.
 */
static void merge(struct page *parent, unsigned int at)
{
	struct page *left = parent->slot[at], *right = parent->slot[at + 1];
	unsigned int i;

	if (left->count + right->count > PAGE_MAX * 3 / 4)
		return;
	if (!page_own((struct page **)&parent->slot[at + 1], 0) ||
	    !page_own((struct page **)&parent->slot[at], left->count + right->count))
		return;
	left = parent->slot[at];
	right = parent->slot[at + 1];
	for (i = 0; i < right->count; i++) {
		count_slot(left, right->slot[i], 1);
		left->slot[left->count++] = right->slot[i];
	}
	page_discard(right);
	remove_slot(parent, at + 1);
}

/* After a removal below entry @at of @page: drops an empty entry, merges a small one. */
static void tidy(struct page *page, unsigned int at)
{
	struct page *below = page->slot[at];

	if (!below->count) {
		page_discard(below);
		remove_slot(page, at);
	} else if (below->count < PAGE_MIN && at + 1u < page->count) {
		merge(page, at);
	} else if (below->count < PAGE_MIN && at) {
		merge(page, at - 1);
	}
}

static void remove_below(struct page *page, const char *name, size_t len)
{
	struct node *node;
	unsigned int at;
	bool exact;

	page->names--;
	page->bytes -= len + 1;
	if (page->level) {
		at = branch(page, name, len);
		remove_below(page->slot[at], name, len);
		tidy(page, at);
		return;
	}
	at = count_upto(page, name, len, &exact) - 1;
	node = page->slot[at];
	remove_slot(page, at);
	node_put(node);
}

void directory_remove(struct page **root, const char *name, size_t len)
{
	uint64_t generation = (*root)->generation;

	remove_below(*root, name, len);
	while (*root && ((*root)->count == 0 || ((*root)->level && (*root)->count == 1))) {
		struct page *only = (*root)->count ? (*root)->slot[0] : NULL;

		if (only && only->ref > 1)
			break;
		page_discard(*root);
		*root = only;
		if (only)
			only->generation = generation;
	}
}

static bool check_page(const struct page *page, const struct node **previous)
{
	unsigned int i, names = 0;
	size_t bytes = 0;

	if (!page->ref || !page->count || page->count > page->room || page->room > PAGE_MAX)
		return false;
	for (i = 0; i < page->count; i++) {
		const struct page *below = page->slot[i];
		const struct node *node = page->slot[i];

		if (page->level) {
			if (below->level + 1 != page->level || !check_page(below, previous))
				return false;
			names += below->names;
			bytes += below->bytes;
			continue;
		}
		if (!node->ref || (*previous && compare(node_name(*previous), (*previous)->name_len,
							node_name(node), node->name_len) >= 0))
			return false;
		*previous = node;
		names++;
		bytes += node->name_len + 1;
	}
	return names == page->names && bytes == page->bytes;
}

bool directory_check(const struct page *root)
{
	const struct node *previous = NULL;

	return !root || check_page(root, &previous);
}
