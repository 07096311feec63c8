/* SPDX-License-Identifier: GPL-2.0-only */
/* Accounts of domains, and quotas. */
#include "xenstore-lite/account.h"

#include <string.h>

#include "xenstore-lite/memory.h"
#include "xenstore-lite/wire.h"

static const struct {
	const char *name;
	uint32_t limit;
} quotas[QUOTA_COUNT] = {
	[QUOTA_NODES] = {"nodes", 1000},
	[QUOTA_WATCHES] = {"watches", 128},
	[QUOTA_TRANSACTIONS] = {"transactions", 10},
	[QUOTA_OUTSTANDING] = {"outstanding", 20},
	[QUOTA_TRANSACTION_NODES] = {"transaction-nodes", 1024},
	[QUOTA_MEMORY] = {"memory", 2 * 1024 * 1024 + 512 * 1024},
	[QUOTA_NODE_SIZE] = {"node-size", 2048},
	[QUOTA_PATH_MAX] = {"path-max", 3072},
	[QUOTA_PERMISSIONS] = {"node-permissions", 5},
	[QUOTA_REQUEST_SIZE] = {"request-size", XENSTORE_PAYLOAD_MAX},
};

const char *quota_name(enum quota which)
{
	return quotas[which].name;
}

enum quota quota_by_name(const char *name)
{
	enum quota which;

	if (!strcmp(name, "permissions"))
		return QUOTA_PERMISSIONS;
	for (which = 0; which < QUOTA_COUNT; which++)
		if (!strcmp(name, quotas[which].name))
			break;
	return which;
}

void accounts_init(struct accounts *accounts)
{
	unsigned int i;

	for (i = 0; i < ACCOUNT_BUCKETS; i++)
		chain_init(&accounts->bucket[i]);
	accounts->count = 0;
	for (i = 0; i < QUOTA_COUNT; i++)
		accounts->limit[i] = quotas[i].limit;
}

struct account *account_find(struct accounts *accounts, uint16_t domid)
{
	struct chain *head = &accounts->bucket[domid % ACCOUNT_BUCKETS];
	struct chain *pos;

	chain_for_each(pos, head) {
		struct account *account = container_of(pos, struct account, link);

		if (account->domid == domid)
			return account;
	}
	return NULL;
}

struct account *account_new(struct accounts *accounts, uint16_t domid)
{
	struct account *account = memory_zalloc(sizeof(*account));
	unsigned int i;

	if (!account)
		return NULL;
	chain_init(&account->link);
	account->ref = 1;
	account->domid = domid;
	for (i = 0; i < QUOTA_COUNT; i++)
		account->limit[i] = -1;
	accounts->count++;
	return account;
}

struct account *account_get(struct accounts *accounts, uint16_t domid)
{
	struct account *account = account_find(accounts, domid);

	if (account)
		return account_ref(account);
	account = account_new(accounts, domid);
	if (account)
		chain_add_tail(&account->link, &accounts->bucket[domid % ACCOUNT_BUCKETS]);
	return account;
}

struct account *account_ref(struct account *account)
{
	account->ref++;
	return account;
}

void account_put(struct accounts *accounts, struct account *account)
{
	if (--account->ref)
		return;
	chain_remove(&account->link);
	accounts->count--;
	if (account->heir)
		account_put(accounts, account->heir);
	memory_free(account, sizeof(*account));
}

void account_bequeath(struct account *from, struct account *to)
{
	chain_remove(&from->link);
	from->heir = account_ref(to);
	to->nodes += from->nodes;
	to->node_bytes += from->node_bytes;
	from->nodes = 0;
	from->node_bytes = 0;
}

uint32_t account_limit(const struct accounts *accounts, const struct account *account,
		       enum quota which)
{
	return account->limit[which] < 0 ? accounts->limit[which] :
					   (uint32_t)account->limit[which];
}

bool account_allows(const struct accounts *accounts, const struct account *account,
		    enum quota which, uint32_t used, uint32_t more)
{
	uint32_t limit = account_limit(accounts, account, which);

	return !limit || (used <= limit && more <= limit - used);
}
