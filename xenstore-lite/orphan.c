/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain that is gone leaves nodes behind wherever it could write. They must go as well: guests that
 * come back again and again, and let each other write, would fill the store. What a tool has removed
 * by then is not searched for: the account of the orphans knows how many are left.
 *
 * The search goes through the store as it was when the search began, which a reference keeps as it
 * was; what it finds it looks up in the store as it is.
 */
#include "xenstore-lite/orphan.h"

#include <errno.h>

#include "xenstore-lite/server.h"

bool orphan_needed(const struct server *server)
{
	return server->store.orphans->nodes || server->search.tree;
}

void orphan_stop(struct server *server)
{
	if (!server->search.tree)
		return;
	walk_end(&server->search.walk);
	node_put(server->search.tree);
	server->search.tree = NULL;
}

/* The root stays whoever owned it. */
static int adopt_root(struct server *server, struct view *view, struct node *root)
{
	struct perms *perms = perms_adopt(root->perms);
	int error = -ENOMEM;

	if (perms) {
		error = store_set_perms(view, "/", perms);
		perms_put(perms);
	}
	if (!error)
		server_changed(server, "/", NULL);
	return error;
}

/* @found is where the search has come to; the store may know nothing of it any more. */
static int remove_orphan(struct server *server, const struct node *found)
{
	struct store *store = &server->store;
	struct view view = {store, &store->root, NULL};
	struct node *node;
	int error;

	if (found == server->search.tree)
		return store->root->perms->owner == store->orphans ?
			       adopt_root(server, &view, store->root) :
			       0;
	walk_path(&server->search.walk, found, server->path);
	node = store_find(store->root, server->path);
	if (!node || node->perms->owner != store->orphans)
		return 0;
	node_ref(node);
	error = store_remove(&view, server->path);
	if (!error)
		server_removed(server, server->path, node);
	node_put(node);
	return error;
}

static void start(struct server *server)
{
	server->search.tree = node_ref(server->store.root);
	walk_start(&server->search.walk, server->search.tree);
}

bool orphan_step(struct server *server, unsigned int budget)
{
	const struct account *orphans = server->store.orphans;

	if (orphans->nodes && !server->search.tree)
		start(server);
	for (; orphans->nodes; budget--) {
		struct node *node = budget ? walk_next(&server->search.walk) : NULL;

		if (!budget)
			return true;
		/* Those that have come meanwhile are left for another search. */
		if (!node)
			break;
		if (node != WALK_NO_MEMORY && node->perms->owner != orphans)
			continue;
		if (node == WALK_NO_MEMORY || remove_orphan(server, node)) {
			server->starved = true;
			orphan_stop(server);
			return false;
		}
		if (node != server->search.tree)
			walk_skip(&server->search.walk, node);
	}
	orphan_stop(server);
	return orphans->nodes;
}
