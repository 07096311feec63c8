/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first domain's page tables, as the guest itself would have built them: machine frames in the
 * entries, tables mapped read-only. Nothing is taken on trust from here: they are validated like
 * any others before they are loaded.
 */
#include "hypervisor/boot/dom0_tables.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"

#define LEAF_FLAGS	(PTE_PRESENT | PTE_RW | PTE_ACCESSED | PTE_DIRTY)
#define TABLE_FLAGS	(PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED)

void *dom0_frame(struct dom0_builder *b, u64 pfn)
{
	BUG_ON(pfn >= b->layout.nr_pages);
	return mfn_to_virt(b->mfn[pfn]);
}

u64 dom0_pfn(const struct dom0_builder *b, u64 virt)
{
	BUG_ON(virt < b->layout.virt_base || virt >= b->layout.end);
	return (virt - b->layout.virt_base) >> PAGE_SHIFT;
}

void dom0_write(struct dom0_builder *b, u64 virt, const void *data, u64 len)
{
	const u8 *from = data;

	while (len) {
		u64 offset = virt & ~PAGE_MASK, n = MIN(len, PAGE_SIZE - offset);

		memcpy((u8 *)dom0_frame(b, dom0_pfn(b, virt)) + offset, from, n);
		virt += n;
		from += n;
		len -= n;
	}
}

static u64 take_table(struct dom0_builder *b)
{
	BUG_ON(b->next_table >= b->tables_end);
	return b->next_table++;
}

/* PAE's four top entries know no access bits. */
static u64 table_entry(const struct dom0_builder *b, unsigned level, u64 pfn)
{
	u64 flags = !b->layout.is_64 && level == 3 ? PTE_PRESENT : TABLE_FLAGS;

	return (u64)b->mfn[pfn] << PAGE_SHIFT | flags;
}

static unsigned slot_of(u64 virt, unsigned level)
{
	return virt >> (PAGE_SHIFT + 9 * (level - 1)) & 511;
}

/* The L1 entry for @virt; tables on the way are made. */
static u64 *l1_entry(struct dom0_builder *b, u64 virt)
{
	u64 *table = dom0_frame(b, dom0_pfn(b, b->layout.tables));

	for (unsigned level = b->layout.is_64 ? 4 : 3; level > 1; level--) {
		u64 *entry = &table[slot_of(virt, level)];

		if (!*entry)
			*entry = table_entry(b, level, take_table(b));
		table = mfn_to_virt((*entry & PTE_ADDR) >> PAGE_SHIFT);
	}
	return &table[slot_of(virt, 1)];
}

/* Its kernel runs at ring 3 beside its applications: the user bit is part of every pv64 mapping. */
static void map_pages(struct dom0_builder *b, u64 virt, u64 first_pfn, u64 count)
{
	u64 flags = LEAF_FLAGS | (b->layout.is_64 ? PTE_USER : 0);

	for (u64 i = 0; i < count; i++)
		*l1_entry(b, virt + i * PAGE_SIZE) =
			(u64)b->mfn[first_pfn + i] << PAGE_SHIFT | flags;
}

static void protect_tables(struct dom0_builder *b)
{
	for (u64 i = 0; i < b->layout.nr_tables; i++)
		*l1_entry(b, b->layout.tables + i * PAGE_SIZE) &= ~PTE_RW;
}

static void make_pae_l2(struct dom0_builder *b)
{
	u64 *root = dom0_frame(b, dom0_pfn(b, b->layout.tables));

	for (unsigned i = 0; i < 4; i++)
		if (!root[i])
			root[i] = table_entry(b, 3, take_table(b));
}

static void map_p2m(struct dom0_builder *b)
{
	const struct dom0_layout *l = &b->layout;
	u64 frames = PFN_UP(l->nr_pages * 8);

	b->next_table = l->p2m_pfn + frames;
	b->tables_end = l->p2m_pfn + l->p2m_frames;
	map_pages(b, l->p2m, l->p2m_pfn, frames);
}

void dom0_build_tables(struct dom0_builder *b)
{
	const struct dom0_layout *l = &b->layout;

	b->next_table = dom0_pfn(b, l->tables) + 1;
	b->tables_end = dom0_pfn(b, l->tables) + l->nr_tables;
	map_pages(b, l->virt_base, 0, (l->end - l->virt_base) >> PAGE_SHIFT);
	if (!l->is_64)
		make_pae_l2(b);
	protect_tables(b);
	if (l->p2m_pfn)
		map_p2m(b);
}
