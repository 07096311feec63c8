/* SPDX-License-Identifier: GPL-2.0-only */
/* The entries of a new domain's page tables. */
#include <string.h>

#include "tools/builder/layout.h"

#define PRESENT	 0x01u
#define WRITABLE 0x02u
#define USER	 0x04u
#define ACCESSED 0x20u
#define DIRTY	 0x40u

/* A PAE root entry has no permission bits. */
static uint64_t upper_flags(const struct layout *l, unsigned int level)
{
	if (!l->is64 && level == 3)
		return PRESENT;
	return PRESENT | WRITABLE | USER | ACCESSED | DIRTY;
}

static bool in_area(const struct area *area, uint64_t pfn)
{
	return pfn - area->pfn < area->pages;
}

/* Tables are the one thing a guest may not map writable. */
static uint64_t leaf_flags(const struct layout *l, uint64_t pfn)
{
	if (in_area(&l->tables, pfn) || in_area(&l->p2m_tables, pfn))
		return PRESENT | ACCESSED;
	return PRESENT | WRITABLE | ACCESSED;
}

/* The pfn mapped at @va, or one beyond the domain's memory where nothing is mapped. */
static uint64_t pfn_at(const struct layout *l, uint64_t va)
{
	if (l->p2m_apart && va - l->p2m_virt < l->p2m.pages << 12)
		return l->p2m.pfn + ((va - l->p2m_virt) >> 12);
	if (va >= l->virt_base && va <= l->virt_last)
		return (va - l->virt_base) >> 12;
	return l->nr_pages;
}

static void fill_leaf(const struct layout *l, const xen_pfn_t *p2m, const struct table *t,
		      uint64_t page[512])
{
	unsigned int i;

	for (i = 0; i < 512; i++) {
		uint64_t pfn = pfn_at(l, t->va + ((uint64_t)i << 12));

		if (pfn < l->nr_pages)
			page[i] = (uint64_t)p2m[pfn] << 12 | leaf_flags(l, pfn);
	}
}

static bool is_child(const struct layout *l, const struct table *parent, const struct table *t)
{
	if (t->level != parent->level - 1)
		return false;
	return parent->level == l->root_level ||
	       (t->va ^ parent->va) >> (12 + 9 * parent->level) == 0;
}

void layout_fill_table(const struct layout *l, const xen_pfn_t *p2m, unsigned int index,
		       uint64_t page[512])
{
	const struct table *t = &l->table[index], *child;

	memset(page, 0, 4096);
	if (t->level == 1) {
		fill_leaf(l, p2m, t, page);
		return;
	}
	for (child = l->table; child < l->table + l->nr_tables; child++)
		if (is_child(l, t, child))
			page[child->va >> (12 + 9 * child->level) & 511] =
				(uint64_t)p2m[child->pfn] << 12 | upper_flags(l, t->level);
}
