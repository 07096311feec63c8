/* SPDX-License-Identifier: GPL-2.0-only */
/* A walk of the page tables in CR3, through the direct map. */
#include "hypervisor/mm/walk.h"

#include "hypervisor/arch/percpu.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/validate.h"

static unsigned index_at(gva_t addr, unsigned level)
{
	return (unsigned)(addr >> (PAGE_SHIFT + 9 * (level - 1))) & (PTES_PER_TABLE - 1);
}

bool guest_find_leaf(gva_t addr, struct frame **table, unsigned *index)
{
	u64 pte = this_cpu()->cr3;

	/*
	 * Another vCPU may free a table under us. What is read then is not used, since whoever wants
	 * the leaf takes a reference and looks again; but it need not name RAM.
	 */
#pragma GCC unroll 3
	for (unsigned level = 4; level > 1; level--) {
		const u64 *entries = mfn_to_virt(PFN_DOWN(pte & PTE_ADDR));

		pte = READ_ONCE(entries[index_at(addr, level)]);
		if ((pte & (PTE_PRESENT | PTE_PSE)) != PTE_PRESENT ||
		    unlikely(!mfn_valid(PFN_DOWN(pte & PTE_ADDR))))
			return false;
	}
	*table = mfn_to_frame(PFN_DOWN(pte & PTE_ADDR));
	*index = index_at(addr, 1);
	return true;
}

u64 guest_leaf_entry(gva_t addr)
{
	struct frame *table;
	unsigned index;

	if (!guest_find_leaf(addr, &table, &index))
		return 0;
	return READ_ONCE(((const u64 *)mfn_to_virt(frame_to_mfn(table)))[index]);
}
