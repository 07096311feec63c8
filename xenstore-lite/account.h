/* SPDX-License-Identifier: GPL-2.0-only */
/* What each domain holds in the store, and how much it may. */
#ifndef XENSTORE_LITE_ACCOUNT_H
#define XENSTORE_LITE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "xenstore-lite/chain.h"

/* The limits, in the order of their names in account.c. */
enum quota {
	QUOTA_NODES,		 /* nodes owned */
	QUOTA_WATCHES,		 /* watches registered */
	QUOTA_TRANSACTIONS,	 /* transactions open at a time */
	QUOTA_OUTSTANDING,	 /* requests whose answers wait to be read */
	QUOTA_TRANSACTION_NODES, /* nodes read or changed by one transaction */
	QUOTA_MEMORY,		 /* bytes held by nodes, watches, transactions, messages */
	QUOTA_NODE_SIZE,	 /* bytes of one node's value */
	QUOTA_PATH_MAX,		 /* bytes of one path */
	QUOTA_PERMISSIONS,	 /* entries in one node's permissions */
	QUOTA_REQUEST_SIZE,	 /* bytes of one request, behind its header */
	QUOTA_COUNT
};

const char *quota_name(enum quota which);
/* Knows the names of older Xens too; returns QUOTA_COUNT for a name that is none. */
enum quota quota_by_name(const char *name);

/*
 * One per domain id that is connected or owns a node. Lives as long as something refers to it:
 * a connection, or a permission set that names it as owner.
 */
struct account {
	struct chain link; /* in its bucket */
	uint32_t ref;
	uint16_t domid;
	struct domain *domain; /* if it is introduced; see domain.h */
	struct account *heir;  /* the domain is gone: who has what it owned */
	uint32_t nodes;
	uint32_t watches;
	uint32_t transactions;
	uint32_t memory;     /* bytes of all but nodes */
	uint32_t node_bytes; /* bytes of nodes owned */
	int32_t limit[QUOTA_COUNT]; /* -1: the default */
};

#define ACCOUNT_BUCKETS 256

struct accounts {
	struct chain bucket[ACCOUNT_BUCKETS];
	uint32_t count;
	uint32_t limit[QUOTA_COUNT]; /* for whom nothing else is said; 0: no limit */
};

void accounts_init(struct accounts *accounts);

/* An account of its own, which those below never find; NULL if memory is short. */
struct account *account_new(struct accounts *accounts, uint16_t domid);
/* The account of @domid, made if there is none; NULL if memory is short. */
struct account *account_get(struct accounts *accounts, uint16_t domid);
/* The same, without making one. */
struct account *account_find(struct accounts *accounts, uint16_t domid);
struct account *account_ref(struct account *account);
void account_put(struct accounts *accounts, struct account *account);
/*
 * @from's domain is gone: its nodes are @to's, now and when whoever still counts for @from comes to
 * its end. The id is free for an account of its own.
 */
void account_bequeath(struct account *from, struct account *to);

/* Whom nodes of @account are counted for now. */
static inline struct account *account_living(struct account *account)
{
	return account->heir ? account->heir : account;
}

uint32_t account_limit(const struct accounts *accounts, const struct account *account,
		       enum quota which);
/* May @account, holding @used of the thing now, take @more of it? */
bool account_allows(const struct accounts *accounts, const struct account *account,
		    enum quota which, uint32_t used, uint32_t more);

#endif
