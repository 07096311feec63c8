/* SPDX-License-Identifier: GPL-2.0-only */
/* A walk of the page tables in CR3, through the direct map. */
#include "hypervisor/mm/walk.h"

#include "hypervisor/arch/faulting.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/validate.h"

static inline unsigned index_at(gva_t addr, unsigned level)
{
	return (unsigned)(addr >> (PAGE_SHIFT + 9 * (level - 1))) & (PTES_PER_TABLE - 1);
}

/*
 * Another vCPU may free a table under us, so an entry may be anything. What is read then is not used,
 * since whoever wants the leaf takes a reference and looks again; what is not RAM is not in the
 * direct map, and reading it fails.
 */
bool guest_find_leaf(gva_t addr, struct frame **table, unsigned *index)
{
	u64 pte = this_cpu()->cr3, limit = max_mfn << PAGE_SHIFT;

#ifndef __clang__		/* which cannot unroll a loop with a jump out of assembly, and says so */
#pragma GCC unroll 3
#endif
	for (unsigned level = 4; level > 1; level--) {
		const u64 *entries = (const u64 *)(DIRECT_MAP_BASE + (pte & PTE_ADDR));

		try_load(&entries[index_at(addr, level)], pte, not_ram);
		pte ^= PTE_PRESENT;
		if ((pte & (PTE_PRESENT | PTE_PSE)) || (pte & PTE_ADDR) >= limit)
			return false;
	}
	*table = mfn_to_frame(PFN_DOWN(pte & PTE_ADDR));
	*index = index_at(addr, 1);
	return true;
not_ram:
	return false;
}

u64 guest_leaf_entry(gva_t addr)
{
	struct frame *table;
	unsigned index;
	u64 pte;

	if (!guest_find_leaf(addr, &table, &index))
		return 0;
	try_load((const u64 *)mfn_to_virt(frame_to_mfn(table)) + index, pte, not_ram);
	return pte;
not_ram:
	return 0;
}
