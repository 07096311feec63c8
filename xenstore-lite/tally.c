/* SPDX-License-Identifier: GPL-2.0-only */
/* Counts of nodes that wait for a transaction to be committed. */
#include "xenstore-lite/store.h"

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
	tally->entry[tally->count++] = (struct tally_entry){account_ref(account), 0, 0};
	return true;
}

void tally_count(struct tally *tally, struct account *account, int nodes, int bytes)
{
	struct tally_entry *entry;

	if (!tally) {
		account->nodes += nodes;
		account->node_bytes += bytes;
		return;
	}
	entry = find(tally, account);
	entry->nodes += nodes;
	entry->bytes += bytes;
}

/* Others may have removed the same nodes meanwhile: then there will be a conflict. */
static uint32_t not_negative(int64_t sum)
{
	return sum > 0 ? sum : 0;
}

bool tally_allows(const struct tally *tally, const struct accounts *accounts,
		  const struct account *account, uint32_t nodes, uint32_t bytes)
{
	static const struct tally_entry none;
	const struct tally_entry *entry = tally ? find(tally, account) : NULL;
	int64_t held = (int64_t)account->memory + account->node_bytes;

	if (!entry)
		entry = &none;
	if (nodes && !account_allows(accounts, account, QUOTA_NODES,
				     not_negative((int64_t)account->nodes + entry->nodes), nodes))
		return false;
	return !bytes || account_allows(accounts, account, QUOTA_MEMORY,
					not_negative(held + entry->bytes), bytes);
}

void tally_apply(struct tally *tally, struct store *store)
{
	unsigned int i;

	for (i = 0; i < tally->count; i++) {
		tally_count(NULL, account_living(tally->entry[i].account), tally->entry[i].nodes,
			    tally->entry[i].bytes);
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
