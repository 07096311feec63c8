/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding a domain by its id, its console's port or its name, at a cost that does not grow. */
#include <string.h>

#include "tools/daemon/daemon.h"

static struct domain **bucket(struct daemon *d, enum domain_index by, uint32_t key)
{
	return &d->index[by][key % DAEMON_BUCKETS];
}

void index_add(struct daemon *d, struct domain *domain, enum domain_index by, uint32_t key)
{
	struct domain **first = bucket(d, by, key);

	domain->key[by] = key;
	domain->same_bucket[by] = *first;
	*first = domain;
}

void index_remove(struct daemon *d, struct domain *domain, enum domain_index by)
{
	struct domain **at = bucket(d, by, domain->key[by]);

	while (*at && *at != domain)
		at = &(*at)->same_bucket[by];
	if (*at)
		*at = domain->same_bucket[by];
}

struct domain *index_find(struct daemon *d, enum domain_index by, uint32_t key)
{
	struct domain *domain = *bucket(d, by, key);

	while (domain && domain->key[by] != key)
		domain = domain->same_bucket[by];
	return domain;
}

/* FNV-1a. */
static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u;

	while (*name)
		h = (h ^ (uint8_t)*name++) * 16777619u;
	return h;
}

void index_add_name(struct daemon *d, struct domain *domain)
{
	index_add(d, domain, BY_NAME, hash(domain->config.name));
}

struct domain *domain_by_name(struct daemon *d, const char *name)
{
	struct domain *domain = *bucket(d, BY_NAME, hash(name));

	while (domain && strcmp(domain->config.name, name))
		domain = domain->same_bucket[BY_NAME];
	return domain;
}

struct domain *domain_by_id(struct daemon *d, domid_t domid)
{
	return index_find(d, BY_ID, domid);
}
