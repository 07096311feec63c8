/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes whose owner is gone: found and removed, a little at a time. */
#ifndef XENSTORE_LITE_ORPHAN_H
#define XENSTORE_LITE_ORPHAN_H

#include <stdbool.h>

#include "xenstore-lite/store.h"

struct server;

/* The search that is going on. */
struct orphan_search {
	struct node *tree; /* the store as it was at its beginning; NULL: there is none */
	struct walk walk;
};

/* Are there any? */
bool orphan_needed(const struct server *server);
/* Looks at up to @budget nodes; true if that was not all. */
bool orphan_step(struct server *server, unsigned int budget);
/* Ends the search. */
void orphan_stop(struct server *server);

#endif
