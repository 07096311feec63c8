/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding nodes and changing them, entirely or not at all. */
#include "xenstore-lite/store.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "xenstore-lite/directory.h"
#include "xenstore-lite/memory.h"
#include "xenstore-lite/path.h"
#include "xenstore-lite/tally.h"

int store_init(struct store *store)
{
	static const struct perm dom0_only = {0, PERM_NONE};
	struct perms *perms;

	accounts_init(&store->accounts);
	perms_table_init(&store->perms, &store->accounts);
	store->dom0 = account_get(&store->accounts, 0);
	if (!store->dom0)
		return -ENOMEM;
	store->orphans = account_new(&store->accounts, 0);
	if (!store->orphans)
		goto no_orphans;
	perms = perms_get(&store->perms, &dom0_only, 1);
	if (!perms)
		goto no_root;
	store->root = node_new("", 0, perms, NULL, 0);
	perms_put(perms);
	if (!store->root)
		goto no_root;
	tally_count(NULL, store->dom0, 1, node_cost(0, 0));
	return 0;

no_root:
	account_put(&store->accounts, store->orphans);
no_orphans:
	account_put(&store->accounts, store->dom0);
	return -ENOMEM;
}

void store_destroy(struct store *store)
{
	node_put(store->root);
	store->root = NULL;
	while (node_reap(UINT_MAX))
		;
	account_put(&store->accounts, store->orphans);
	account_put(&store->accounts, store->dom0);
}

struct node *store_find_nearest(const struct node *root, const char *path, size_t *len)
{
	const struct node *node = root;
	const char *rest = path, *part;
	size_t part_len;

	*len = 1;
	while ((part_len = path_next(&rest, &part))) {
		const struct node *child = directory_find(node->children, part, part_len);

		if (!child)
			break;
		node = child;
		*len = rest - path;
	}
	return (struct node *)node;
}

struct node *store_find(const struct node *root, const char *path)
{
	const struct node *node = root;
	const char *part;
	size_t len;

	while (node && (len = path_next(&path, &part)))
		node = directory_find(node->children, part, len);
	return (struct node *)node;
}

struct node *store_find_parent(const struct node *root, const char *path)
{
	const struct node *node = root, *parent = NULL;
	const char *part;
	size_t len;

	while (node && (len = path_next(&path, &part))) {
		parent = node;
		node = directory_find(node->children, part, len);
	}
	return *path ? NULL : (struct node *)parent;
}

/*
 * Makes everything above @path private to this view, and returns where the node itself hangs. Only
 * copies what reads the same, so nothing has to be undone when it fails. @len limits the path.
 */
static struct node **own_above(struct view *view, const char *path, size_t len)
{
	struct node **slot = view->root;
	const char *end = path + (len > 1 ? len : 0);
	const char *part;
	size_t part_len;

	while (path < end && (part_len = path_next(&path, &part))) {
		if (!node_own(slot))
			return NULL;
		slot = directory_own(&(*slot)->children, part, part_len);
		if (!slot)
			return NULL;
	}
	return slot;
}

/* A list of children has changed. Its new generation is one that no list has ever had. */
static void stamp(struct node *parent)
{
	static uint64_t generations;

	if (parent->children)
		parent->children->generation = ++generations;
}

/* Hangs @child, which nobody else knows yet, below @parent, which nobody else knows either. */
static bool hang(struct node *parent, struct node *child)
{
	if (!directory_prepare_add(&parent->children, node_name(child), child->name_len))
		return false;
	directory_add(parent->children, child);
	stamp(parent);
	return true;
}

/*
 * Builds the nodes for the parts of @path from @from on, the last with the value, and returns the
 * topmost. Built from the last part up.
 */
static struct node *build_chain(const char *path, size_t from, struct perms *perms,
				const void *value, size_t value_len)
{
	size_t end = strlen(path);
	struct node *below = NULL;

	while (end > from) {
		size_t start = end;
		struct node *node;

		while (path[start - 1] != '/')
			start--;
		node = below ? node_new(path + start, end - start, perms, NULL, 0) :
			       node_new(path + start, end - start, perms, value, value_len);
		if (!node || (below && !hang(node, below))) {
			node_put(node);
			node_put(below);
			return NULL;
		}
		below = node;
		end = start - 1;
	}
	return below;
}

/* Hangs a finished chain below the existing node whose path is the first @len bytes of @path. */
static int attach(struct view *view, const char *path, size_t len, struct node *chain)
{
	struct node **slot = own_above(view, path, len);

	if (!slot || !node_own(slot) ||
	    !directory_prepare_add(&(*slot)->children, node_name(chain), chain->name_len))
		return -ENOMEM;
	directory_add((*slot)->children, chain);
	stamp(*slot);
	return 0;
}

/* How many nodes the parts of @path from @from on make, and what they are counted as. */
static unsigned int chain_cost(const char *path, size_t from, size_t value_len, uint32_t *bytes)
{
	unsigned int count = 0;
	const char *rest = path + (from > 1 ? from : 0), *part;
	size_t len;

	for (*bytes = value_len; (len = path_next(&rest, &part)); count++)
		*bytes += node_cost(len, 0);
	return count;
}

static int create(struct view *view, const char *path, struct node *nearest, size_t len,
		  const void *value, size_t value_len, const struct creator *creator)
{
	uint32_t bytes;
	unsigned int count = chain_cost(path, len, value_len, &bytes);
	struct perms *perms;
	struct node *chain;
	int error = -ENOMEM;

	if (!creator->privileged && !tally_allows(view->tally, &view->store->accounts,
						  creator->account, count, bytes))
		return -ENOSPC;
	perms = creator->privileged ? perms_ref(nearest->perms) :
				      perms_with_owner(nearest->perms, creator->domid);
	if (!perms)
		return -ENOMEM;
	if (!tally_prepare(view->tally, perms->owner))
		goto out;
	chain = build_chain(path, len > 1 ? len : 0, perms, value, value_len);
	if (!chain)
		goto out;
	error = attach(view, path, len, chain);
	if (error)
		node_put(chain);
	else
		tally_count(view->tally, perms->owner, count, bytes);
out:
	perms_put(perms);
	return error;
}

/* Gives the node at the place @slot another value; in place, if nobody shares it and it fits. */
static int replace_value(struct node **slot, const void *value, size_t value_len)
{
	struct node *node;

	if ((*slot)->ref == 1 && (*slot)->value_len == value_len) {
		memcpy(node_value(*slot), value, value_len);
		return 0;
	}
	node = node_with_value(*slot, value, value_len);
	if (!node)
		return -ENOMEM;
	node_put(*slot);
	*slot = node;
	return 0;
}

int store_write(struct view *view, const char *path, const void *value, size_t value_len,
		const struct creator *creator)
{
	size_t len, path_len = strlen(path);
	struct node *node = store_find_nearest(*view->root, path, &len);
	struct account *owner = node->perms->owner;
	int growth = (int)value_len - node->value_len;
	struct node **slot;
	int error;

	if (len != path_len)
		return create(view, path, node, len, value, value_len, creator);
	/* The owner pays, whoever writes. */
	if (!creator->privileged && growth > 0 && owner->domid &&
	    !tally_allows(view->tally, &view->store->accounts, owner, 0, growth))
		return -ENOSPC;
	slot = own_above(view, path, path_len);
	if (!slot || !tally_prepare(view->tally, owner))
		return -ENOMEM;
	error = replace_value(slot, value, value_len);
	if (!error)
		tally_count(view->tally, owner, 0, growth);
	return error;
}

int store_mkdir(struct view *view, const char *path, const struct creator *creator)
{
	size_t len;
	struct node *nearest = store_find_nearest(*view->root, path, &len);

	if (len == strlen(path))
		return 0;
	return create(view, path, nearest, len, NULL, 0, creator);
}

/* What a run of nodes with one owner comes to. */
struct run {
	struct account *owner;
	int nodes, bytes;
};

static void end_run(struct view *view, struct run *run, struct account *next, int sign)
{
	if (run->owner)
		tally_count(view->tally, run->owner, run->nodes * sign, run->bytes * sign);
	*run = (struct run){next, 0, 0};
}

/*
 * Counts up to @limit nodes of the tree for their owners, and returns how many there were.
 * Neighbours mostly share their owner, so a run of one owner is counted at once. Stops early, with
 * *@error set, if memory is short.
 */
static size_t count_nodes(struct view *view, struct node *node, int sign, size_t limit, int *error)
{
	struct run run = {NULL, 0, 0};
	size_t total = 0;
	struct walk walk;

	*error = 0;
	walk_start(&walk, node);
	while (total < limit && (node = walk_next(&walk))) {
		if (node == WALK_NO_MEMORY || !tally_prepare(view->tally, node->perms->owner)) {
			*error = -ENOMEM;
			break;
		}
		if (node->perms->owner != run.owner)
			end_run(view, &run, node->perms->owner, sign);
		run.nodes++;
		run.bytes += node_cost(node->name_len, node->value_len);
		total++;
	}
	end_run(view, &run, NULL, sign);
	walk_end(&walk);
	return total;
}

/* The whole tree is about to go. */
static int uncount_tree(struct view *view, struct node *node)
{
	int error, none;
	size_t done = count_nodes(view, node, -1, SIZE_MAX, &error);

	/* The same walk again takes back what was counted, and needs no memory for that. */
	if (error)
		count_nodes(view, node, 1, done, &none);
	return error;
}

int store_remove(struct view *view, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t name_len = strlen(name);
	struct node **slot = own_above(view, path, path_parent_len(path));
	struct node **child;
	int error;

	if (!slot || !node_own(slot))
		return -ENOMEM;
	child = directory_own(&(*slot)->children, name, name_len);
	if (!child)
		return -ENOMEM;
	error = uncount_tree(view, *child);
	if (error)
		return error;
	directory_remove(&(*slot)->children, name, name_len);
	stamp(*slot);
	return 0;
}

int store_set_perms(struct view *view, const char *path, struct perms *perms)
{
	struct node **slot = own_above(view, path, strlen(path));
	struct perms *old;
	int cost;

	if (!slot || !node_own(slot))
		return -ENOMEM;
	old = (*slot)->perms;
	if (!tally_prepare(view->tally, old->owner) || !tally_prepare(view->tally, perms->owner))
		return -ENOMEM;
	cost = node_cost((*slot)->name_len, (*slot)->value_len);
	tally_count(view->tally, old->owner, -1, -cost);
	tally_count(view->tally, perms->owner, 1, cost);
	(*slot)->perms = perms_ref(perms);
	perms_put(old);
	return 0;
}
