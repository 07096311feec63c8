/* SPDX-License-Identifier: GPL-2.0-only */
/* Permission sets: who may do what to a node. */
#ifndef XENSTORE_LITE_PERMS_H
#define XENSTORE_LITE_PERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xenstore-lite/account.h"
#include "xenstore-lite/chain.h"

#define PERM_NONE  0u
#define PERM_READ  1u
#define PERM_WRITE 2u
#define PERM_OWNER 4u
#define PERM_ALL   (PERM_READ | PERM_WRITE | PERM_OWNER)
/* The domain is gone, or was not there when this was said: shown, but good for nobody. */
#define PERM_VOID  8u

/* No domain: never the id of one that asks. */
#define PERM_NOBODY 0xffffu

/* Bound on entries of one set, for anybody: what a request of full length can name. */
#define PERMS_MAX 2048u

struct perm {
	uint16_t domid;
	uint8_t access;
};

/*
 * The first entry names the owner, and what everybody else may do who has no entry of his own.
 * Sets are interned: equal sets are one object, shared by all nodes that carry it, so comparing two
 * is comparing pointers, and a node pays one pointer for its permissions.
 *
 * Sets never change, with one exception: when a domain dies, each set that names it is edited in
 * place, which takes the dead domain's rights away from every node at once. Domain ids come back;
 * rights must not come back with them.
 */
struct perm_entry {
	struct chain same_domain; /* in the table's list of entries that name a mortal domain */
	uint16_t index;
	struct perm perm;
};

struct perms {
	struct chain link; /* in the bucket of the hash */
	uint32_t ref;
	uint32_t hash;
	struct perms_table *table;
	struct account *owner;
	uint16_t count;
	struct perm_entry entry[];
};

#define PERMS_BUCKETS 1024

struct perms_table {
	struct accounts *accounts;
	struct chain set[PERMS_BUCKETS];
	struct chain domain[PERMS_BUCKETS];
	uint32_t count;
};

void perms_table_init(struct perms_table *table, struct accounts *accounts);

/* The set with these entries, with a reference for the caller; NULL if memory is short. */
struct perms *perms_get(struct perms_table *table, const struct perm *perm, unsigned int count);
/* The set like @perms whose owner is @domid. */
struct perms *perms_with_owner(struct perms *perms, uint16_t domid);
/* The set that its owner would have made: for one whose owner was put there by perms_forget_domain(). */
struct perms *perms_adopt(struct perms *perms);
struct perms *perms_ref(struct perms *perms);
void perms_put(struct perms *perms);

/* What @domid may do; @target, if not PERM_NOBODY, is a domain whose rights it has too. */
unsigned int perms_access(const struct perms *perms, uint16_t domid, uint16_t target);

/*
 * @domid, not 0, is gone: what it owned becomes @heir's, what it was allowed is void. No set that is
 * made later is one of those that the heir has got.
 */
void perms_forget_domain(struct perms_table *table, uint16_t domid, struct account *heir);
/* The same for all that are named and for whom @gone says so. */
void perms_forget_if(struct perms_table *table, bool (*gone)(void *context, uint16_t domid),
		     void *context, struct account *heir);

/* "r7" and the like. Both return false on text that is none, or a buffer too small. */
bool perm_parse(const char *text, struct perm *perm);
bool perm_format(const struct perm *perm, char *text, size_t size);

#endif
