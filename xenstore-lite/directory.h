/* SPDX-License-Identifier: GPL-2.0-only */
/* The children of one node, as a B-tree of pages that copies on write. */
#ifndef XENSTORE_LITE_DIRECTORY_H
#define XENSTORE_LITE_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "xenstore-lite/node.h"

/* In all of these @root may be NULL: an empty directory. */
struct node *directory_find(const struct page *root, const char *name, size_t len);
/* The child at place @index in the order of names. */
struct node *directory_at(const struct page *root, unsigned int index);
/*
 * The place of the first child whose name starts at or behind byte @offset of the list of all
 * names, each with its nul; the number of children if there is none.
 */
unsigned int directory_index_of_byte(const struct page *root, size_t offset);

/*
 * Copies names from the child at @index on, each with a nul, as far as they fit into @room. *@index is
 * then the first that did not. Returns the bytes copied.
 */
size_t directory_copy_names(const struct page *root, unsigned int *index, char *out, size_t room);

static inline unsigned int directory_count(const struct page *root)
{
	return root ? root->names : 0;
}

static inline size_t directory_bytes(const struct page *root)
{
	return root ? root->bytes : 0;
}

/*
 * Changing is done in two steps. The first copies what is shared and makes room; it may fail, and
 * whether it does or not the directory reads as before. The second cannot fail.
 */
struct node **directory_own(struct page **root, const char *name, size_t len);
bool directory_prepare_add(struct page **root, const char *name, size_t len);
/* Takes over the caller's reference. The name is not there, and is the one prepared for. */
void directory_add(struct page *root, struct node *child);
/* The name must be there, and owned by directory_own(). */
void directory_remove(struct page **root, const char *name, size_t len);

/* Is the tree sound: order, levels, counts, sharing? For the control command and for tests. */
bool directory_check(const struct page *root);

#endif
