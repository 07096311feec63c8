/* SPDX-License-Identifier: GPL-2.0-only */
/* How the store's changes count the nodes they make and remove. */
#ifndef XENSTORE_LITE_TALLY_H
#define XENSTORE_LITE_TALLY_H

#include <stdbool.h>

#include "xenstore-lite/store.h"

/* Makes sure that tally_count() for @account cannot fail. @tally may be NULL in both. */
bool tally_prepare(struct tally *tally, struct account *account);
void tally_count(struct tally *tally, struct account *account, int nodes);

#endif
