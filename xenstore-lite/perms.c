/* SPDX-License-Identifier: GPL-2.0-only */
/* Interned permission sets. */
#include "xenstore-lite/perms.h"

#include <stdio.h>
#include <string.h>

#include "xenstore-lite/memory.h"

void perms_table_init(struct perms_table *table, struct accounts *accounts)
{
	unsigned int i;

	table->accounts = accounts;
	table->count = 0;
	for (i = 0; i < PERMS_BUCKETS; i++) {
		chain_init(&table->set[i]);
		chain_init(&table->domain[i]);
	}
}

static size_t size_of(unsigned int count)
{
	return sizeof(struct perms) + count * sizeof(struct perm_entry);
}

static uint32_t hash_add(uint32_t hash, struct perm perm)
{
	return (hash ^ (perm.domid * 8u + perm.access)) * 16777619u;
}

static uint32_t hash_of(const struct perm *perm, unsigned int count)
{
	uint32_t hash = 2166136261u;

	while (count--)
		hash = hash_add(hash, *perm++);
	return hash ^ hash >> 15;
}

static struct chain *set_bucket(struct perms_table *table, uint32_t hash)
{
	return &table->set[hash % PERMS_BUCKETS];
}

static struct chain *domain_bucket(struct perms_table *table, uint16_t domid)
{
	return &table->domain[domid % PERMS_BUCKETS];
}

static bool equals(const struct perms *perms, const struct perm *perm, unsigned int count)
{
	unsigned int i;

	if (perms->count != count)
		return false;
	for (i = 0; i < count; i++)
		if (perms->entry[i].perm.domid != perm[i].domid ||
		    perms->entry[i].perm.access != perm[i].access)
			return false;
	return true;
}

static struct perms *find(struct perms_table *table, uint32_t hash, const struct perm *perm,
			  unsigned int count)
{
	struct chain *head = set_bucket(table, hash);
	struct chain *pos;

	chain_for_each(pos, head) {
		struct perms *perms = container_of(pos, struct perms, link);

		if (perms->hash == hash && equals(perms, perm, count))
			return perms;
	}
	return NULL;
}

/* Domain 0 does not die, and nearly every set names it: its entries are in no list. */
static void name_domain(struct perms_table *table, struct perm_entry *entry, struct perm perm)
{
	chain_remove(&entry->same_domain);
	entry->perm = perm;
	if (perm.domid && !(perm.access & PERM_VOID))
		chain_add_tail(&entry->same_domain, domain_bucket(table, perm.domid));
}

struct perms *perms_get(struct perms_table *table, const struct perm *perm, unsigned int count)
{
	uint32_t hash = hash_of(perm, count);
	struct perms *perms = find(table, hash, perm, count);
	unsigned int i;

	if (perms)
		return perms_ref(perms);
	perms = memory_alloc(size_of(count));
	if (!perms)
		return NULL;
	perms->owner = account_get(table->accounts, perm[0].domid);
	if (!perms->owner) {
		memory_free(perms, size_of(count));
		return NULL;
	}
	perms->ref = 1;
	perms->hash = hash;
	perms->table = table;
	perms->count = count;
	for (i = 0; i < count; i++) {
		perms->entry[i].index = i;
		chain_init(&perms->entry[i].same_domain);
		name_domain(table, &perms->entry[i], perm[i]);
	}
	chain_add_tail(&perms->link, set_bucket(table, hash));
	table->count++;
	return perms;
}

static struct perms *copy_for(struct perms *perms, uint16_t domid)
{
	unsigned int count = perms->count;
	struct perm small[8];
	struct perm *perm = small;
	struct perms *result;
	unsigned int i;

	if (count > sizeof(small) / sizeof(small[0]))
		perm = memory_alloc(count * sizeof(*perm));
	if (!perm)
		return NULL;
	for (i = 0; i < count; i++)
		perm[i] = perms->entry[i].perm;
	perm[0].domid = domid;
	result = perms_get(perms->table, perm, count);
	if (perm != small)
		memory_free(perm, count * sizeof(*perm));
	return result;
}

struct perms *perms_with_owner(struct perms *perms, uint16_t domid)
{
	if (perms->entry[0].perm.domid == domid)
		return perms_ref(perms);
	return copy_for(perms, domid);
}

struct perms *perms_adopt(struct perms *perms)
{
	return copy_for(perms, perms->entry[0].perm.domid);
}

struct perms *perms_ref(struct perms *perms)
{
	perms->ref++;
	return perms;
}

void perms_put(struct perms *perms)
{
	struct perms_table *table = perms->table;
	unsigned int i;

	if (--perms->ref)
		return;
	for (i = 0; i < perms->count; i++)
		chain_remove(&perms->entry[i].same_domain);
	chain_remove(&perms->link);
	table->count--;
	account_put(table->accounts, perms->owner);
	memory_free(perms, size_of(perms->count));
}

static bool names(struct perm perm, uint16_t domid, uint16_t target)
{
	return !(perm.access & PERM_VOID) && (perm.domid == domid || perm.domid == target);
}

unsigned int perms_access(const struct perms *perms, uint16_t domid, uint16_t target)
{
	unsigned int i;

	if (names(perms->entry[0].perm, domid, target))
		return PERM_ALL;
	for (i = 1; i < perms->count; i++)
		if (names(perms->entry[i].perm, domid, target))
			return perms->entry[i].perm.access;
	return perms->entry[0].perm.access;
}

/* What the entry's domain was allowed is void; the set, unless nobody is to find it, has a new hash. */
static void make_void(struct perms *perms, struct perm_entry *entry)
{
	struct perms_table *table = perms->table;
	uint32_t hash = 2166136261u;
	unsigned int i;

	name_domain(table, entry, (struct perm){entry->perm.domid, entry->perm.access | PERM_VOID});
	if (chain_empty(&perms->link))
		return;
	for (i = 0; i < perms->count; i++)
		hash = hash_add(hash, perms->entry[i].perm);
	chain_remove(&perms->link);
	perms->hash = hash ^ hash >> 15;
	chain_add_tail(&perms->link, set_bucket(table, perms->hash));
}

/* Nobody finds the set any more: who looks for an equal one wants one of his own. */
static void bequeath(struct perms *perms, struct account *heir)
{
	struct perms_table *table = perms->table;

	chain_remove(&perms->link);
	account_put(table->accounts, perms->owner);
	perms->owner = account_ref(heir);
	name_domain(table, &perms->entry[0], (struct perm){heir->domid, perms->entry[0].perm.access});
}

/*
 * An edited set may now equal another one. Both stay: pointer equality then reports a difference
 * that is none, which costs a needless retry of a transaction and nothing else.
 */
void perms_forget_domain(struct perms_table *table, uint16_t domid, struct account *heir)
{
	struct account *from = account_find(table->accounts, domid);
	struct chain *head = domain_bucket(table, domid);
	struct chain *pos, *following;

	if (from)
		account_bequeath(from, heir);
	chain_for_each_safe(pos, following, head) {
		struct perm_entry *entry = container_of(pos, struct perm_entry, same_domain);
		struct perms *perms;

		if (entry->perm.domid != domid)
			continue;
		perms = container_of(entry - entry->index, struct perms, entry);
		if (entry->index)
			make_void(perms, entry);
		else
			bequeath(perms, heir);
	}
}

void perms_forget_if(struct perms_table *table, bool (*gone)(void *context, uint16_t domid),
		     void *context, struct account *heir)
{
	struct chain *pos;
	unsigned int i;

	for (i = 0; i < PERMS_BUCKETS; i++) {
again:
		chain_for_each(pos, &table->domain[i]) {
			uint16_t domid =
				container_of(pos, struct perm_entry, same_domain)->perm.domid;

			if (!gone(context, domid))
				continue;
			/* None of this list that names it is left. */
			perms_forget_domain(table, domid, heir);
			goto again;
		}
	}
}

bool perm_parse(const char *text, struct perm *perm)
{
	static const char letters[] = "nrwb";
	const char *letter = *text ? strchr(letters, *text) : NULL;
	uint32_t domid = 0;

	if (!letter || !text[1])
		return false;
	for (text++; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		domid = domid * 10 + (*text - '0');
		if (domid >= PERM_NOBODY)
			return false;
	}
	perm->domid = domid;
	perm->access = letter - letters;
	return true;
}

bool perm_format(const struct perm *perm, char *text, size_t size)
{
	int len = snprintf(text, size, "%c%u", "nrwb"[perm->access & 3], perm->domid);

	return len > 0 && (size_t)len < size;
}
