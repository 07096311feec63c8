/* SPDX-License-Identifier: GPL-2.0-only */
/* Node counts that wait for a transaction to be committed. */
#include "xenstore-lite/store.h"

#include <errno.h>
#include <string.h>

#include "xenstore-lite/memory.h"
#include "xenstore-lite/tally.h"

void tally_init(struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
}

static struct tally_entry *find(const struct tally *tally, const struct account *account)
{
	unsigned int i;

	for (i = 0; i < tally->count; i++)
		if (tally->entry[i].account == account)
			return &tally->entry[i];
	return NULL;
}

static bool grow(struct tally *tally)
{
	unsigned int room = tally->room ? tally->room * 2 : 4;
	struct tally_entry *entry = memory_alloc(room * sizeof(*entry));

	if (!entry)
		return false;
	if (tally->entry)
		memcpy(entry, tally->entry, tally->count * sizeof(*entry));
	memory_free(tally->entry, tally->room * sizeof(*entry));
	tally->entry = entry;
	tally->room = room;
	return true;
}

bool tally_prepare(struct tally *tally, struct account *account)
{
	if (!tally || find(tally, account))
		return true;
	if (tally->count == tally->room && !grow(tally))
		return false;
	tally->entry[tally->count].account = account_ref(account);
	tally->entry[tally->count++].nodes = 0;
	return true;
}

void tally_count(struct tally *tally, struct account *account, int nodes)
{
	if (tally)
		find(tally, account)->nodes += nodes;
	else
		account->nodes += nodes;
}

uint32_t tally_nodes(const struct tally *tally, const struct account *account)
{
	const struct tally_entry *entry = tally ? find(tally, account) : NULL;
	int64_t nodes = (int64_t)account->nodes + (entry ? entry->nodes : 0);

	/* Others may have removed the same nodes meanwhile: then there will be a conflict. */
	return nodes > 0 ? nodes : 0;
}

int tally_inherit(struct tally *tally, struct account *from, struct account *to)
{
	struct tally_entry *entry = find(tally, from);

	if (!entry)
		return 0;
	if (!tally_prepare(tally, to))
		return -ENOMEM;
	entry = find(tally, from);
	tally_count(tally, to, entry->nodes);
	entry->nodes = 0;
	return 0;
}

void tally_apply(struct tally *tally, struct store *store)
{
	unsigned int i;

	for (i = 0; i < tally->count; i++) {
		tally->entry[i].account->nodes += tally->entry[i].nodes;
		tally->entry[i].nodes = 0;
	}
	tally_release(tally, store);
}

void tally_release(struct tally *tally, struct store *store)
{
	unsigned int i;

	for (i = 0; i < tally->count; i++)
		account_put(&store->accounts, tally->entry[i].account);
	memory_free(tally->entry, tally->room * sizeof(*tally->entry));
	tally_init(tally);
}
