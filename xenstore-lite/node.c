/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of nodes and pages. */
#include "xenstore-lite/node.h"

#include <limits.h>
#include <string.h>

#include "xenstore-lite/memory.h"

/*
 * The dead that wait to be freed, linked through a field they no longer need. Freeing one may kill
 * what it refers to, which then joins the list: no recursion, however deep the tree was.
 */
static struct node *dead_nodes;
static struct page *dead_pages;

static size_t node_size(size_t name_len, size_t value_len)
{
	return sizeof(struct node) + name_len + value_len;
}

static size_t page_size(unsigned int room)
{
	return sizeof(struct page) + room * sizeof(void *);
}

struct node *node_new(const char *name, size_t name_len, struct perms *perms, const void *value,
		      size_t value_len)
{
	struct node *node = memory_alloc(node_size(name_len, value_len));

	if (!node)
		return NULL;
	node->ref = 1;
	node->name_len = name_len;
	node->value_len = value_len;
	node->perms = perms_ref(perms);
	node->children = NULL;
	memcpy(node->data, name, name_len);
	if (value_len)
		memcpy(node->data + name_len, value, value_len);
	return node;
}

struct node *node_with_value(const struct node *node, const void *value, size_t value_len)
{
	struct node *copy =
		node_new(node_name(node), node->name_len, node->perms, value, value_len);

	if (copy && node->children) {
		copy->children = node->children;
		copy->children->ref++;
	}
	return copy;
}

struct node *node_ref(struct node *node)
{
	node->ref++;
	return node;
}

void node_put(struct node *node)
{
	struct perms *perms;

	if (!node || --node->ref)
		return;
	perms = node->perms;
	node->perms = (void *)dead_nodes;
	dead_nodes = node;
	perms_put(perms);
}

bool node_own(struct node **slot)
{
	struct node *copy;

	if ((*slot)->ref == 1)
		return true;
	copy = node_with_value(*slot, node_value(*slot), (*slot)->value_len);
	if (!copy)
		return false;
	node_put(*slot);
	*slot = copy;
	return true;
}

struct page *page_new(unsigned int level, unsigned int room)
{
	struct page *page = memory_zalloc(page_size(room));

	if (!page)
		return NULL;
	page->ref = 1;
	page->level = level;
	page->room = room;
	return page;
}

static void page_put(struct page *page)
{
	if (--page->ref)
		return;
	page->generation = (uintptr_t)dead_pages;
	dead_pages = page;
}

static void ref_slot(const struct page *page, void *slot)
{
	if (page->level)
		((struct page *)slot)->ref++;
	else
		((struct node *)slot)->ref++;
}

static void put_slot(const struct page *page, void *slot)
{
	if (page->level)
		page_put(slot);
	else
		node_put(slot);
}

/* Room grows by doubling, so that small directories stay small. */
static unsigned int room_for(unsigned int wanted)
{
	unsigned int room = 2;

	while (room < wanted)
		room *= 2;
	return room;
}

bool page_own(struct page **slot, unsigned int room)
{
	struct page *page = *slot;
	struct page *copy;
	unsigned int i;

	if (room < page->count)
		room = page->count;
	if (page->ref == 1 && page->room >= room)
		return true;
	copy = page_new(page->level, room_for(room));
	if (!copy)
		return false;
	copy->count = page->count;
	copy->names = page->names;
	copy->bytes = page->bytes;
	copy->generation = page->generation;
	memcpy(copy->slot, page->slot, page->count * sizeof(page->slot[0]));
	if (page->ref == 1) {
		page_discard(page);
	} else {
		for (i = 0; i < copy->count; i++)
			ref_slot(copy, copy->slot[i]);
		page_put(page);
	}
	*slot = copy;
	return true;
}

void page_discard(struct page *page)
{
	memory_free(page, page_size(page->room));
}

static void free_page(struct page *page)
{
	unsigned int i;

	for (i = 0; i < page->count; i++)
		put_slot(page, page->slot[i]);
	page_discard(page);
}

static void free_node(struct node *node)
{
	if (node->children)
		page_put(node->children);
	memory_free(node, node_size(node->name_len, node->value_len));
}

bool node_reap(unsigned int budget)
{
	while ((dead_nodes || dead_pages) && budget--) {
		struct node *node = dead_nodes;
		struct page *page = dead_pages;

		if (node) {
			dead_nodes = (void *)node->perms;
			free_node(node);
		} else {
			dead_pages = (void *)(uintptr_t)page->generation;
			free_page(page);
		}
	}
	return node_reap_needed();
}

bool node_reap_needed(void)
{
	return dead_nodes || dead_pages;
}
