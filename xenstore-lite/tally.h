/* SPDX-License-Identifier: GPL-2.0-only */
/* How the store's changes count the nodes they make and remove. */
#ifndef XENSTORE_LITE_TALLY_H
#define XENSTORE_LITE_TALLY_H

#include <stdbool.h>

#include "xenstore-lite/store.h"

/* In all of these @tally may be NULL: what is true for everybody. */

/* Makes sure that tally_count() for @account cannot fail. */
bool tally_prepare(struct tally *tally, struct account *account);
void tally_count(struct tally *tally, struct account *account, int nodes, int bytes);
/* May @account have so many more nodes and bytes of nodes? */
bool tally_allows(const struct tally *tally, const struct accounts *accounts,
		  const struct account *account, uint32_t nodes, uint32_t bytes);

#endif
