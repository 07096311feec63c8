/* SPDX-License-Identifier: GPL-2.0-only */
/* Walking through trees, and surveying the whole store. */
#include "xenstore-lite/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "xenstore-lite/directory.h"
#include "xenstore-lite/memory.h"

static struct node no_memory;
struct node *const WALK_NO_MEMORY = &no_memory;

void walk_start(struct walk *walk, struct node *node)
{
	walk->level = walk->inline_level;
	walk->room = sizeof(walk->inline_level) / sizeof(walk->inline_level[0]);
	walk->level[0].node = node;
	walk->level[0].next = 0;
	walk->depth = 0; /* the first node has not been given out yet */
}

void walk_end(struct walk *walk)
{
	if (walk->level != walk->inline_level)
		memory_free(walk->level, walk->room * sizeof(*walk->level));
}

static bool deepen(struct walk *walk)
{
	struct walk_level *level;

	if (walk->depth < walk->room)
		return true;
	level = memory_alloc(2 * walk->room * sizeof(*level));
	if (!level)
		return false;
	memcpy(level, walk->level, walk->room * sizeof(*level));
	walk_end(walk);
	walk->level = level;
	walk->room *= 2;
	return true;
}

struct node *walk_next(struct walk *walk)
{
	if (!walk->depth) {
		if (walk->level[0].next)
			return NULL;
		walk->depth = 1;
		return walk->level[0].node;
	}
	while (walk->depth) {
		struct walk_level *top = &walk->level[walk->depth - 1];
		struct node *child = directory_at(top->node->children, top->next);

		if (!child) {
			walk->depth--;
			continue;
		}
		top->next++;
		if (child->children) {
			if (!deepen(walk))
				return WALK_NO_MEMORY;
			walk->level[walk->depth].node = child;
			walk->level[walk->depth++].next = 0;
		}
		return child;
	}
	walk->level[0].next = 1; /* so that asking once more is the end too */
	return NULL;
}

void walk_skip(struct walk *walk, const struct node *node)
{
	if (walk->depth && walk->level[walk->depth - 1].node == node)
		walk->depth--;
}

void walk_path(const struct walk *walk, const struct node *node, char *out)
{
	unsigned int i;

	/* The first is where the walk began; one without children is not among them. */
	for (i = 1; i < walk->depth; i++)
		out += sprintf(out, "/%.*s", walk->level[i].node->name_len,
			       node_name(walk->level[i].node));
	if (walk->level[walk->depth - 1].node != node)
		sprintf(out, "/%.*s", node->name_len, node_name(node));
}

int store_survey(struct store *store, struct store_survey *survey)
{
	struct node *node;
	struct walk walk;

	memset(survey, 0, sizeof(*survey));
	survey->sound = true;
	walk_start(&walk, store->root);
	while ((node = walk_next(&walk)) && node != WALK_NO_MEMORY) {
		survey->nodes++;
		survey->bytes += node->name_len + node->value_len;
		if (walk.depth > survey->deepest)
			survey->deepest = walk.depth;
		if (!node->ref || !directory_check(node->children))
			survey->sound = false;
	}
	walk_end(&walk);
	return node ? -ENOMEM : 0;
}
