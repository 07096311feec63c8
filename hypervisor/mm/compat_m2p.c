/* SPDX-License-Identifier: GPL-2.0-only */
/* The compat M2P as a pv32 guest sees it: read-only, at the top of its 4 GiB. */
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/validate.h"

/*
 * The table is backed by 2 MiB pages, so each slot of the guest's L2 maps one of them. Without the
 * user bit: its applications have no use for it. What lies beyond the table, and the slots behind
 * the window, map nothing.
 */
void fill_compat_m2p_slots(u64 *l2, unsigned first)
{
	u64 size = ROUND_UP(max_mfn * sizeof(u32), MiB(2)), offset = 0;
	u64 flags = PTE_PRESENT | PTE_PSE | PTE_ACCESSED | (cpu_has.nx ? PTE_NX : 0);

	for (unsigned i = first; i < PTES_PER_TABLE; i++, offset += MiB(2))
		l2[i] = offset < size ?
			hv_virt_to_phys((void *)(COMPAT_M2P_BASE + offset)) | flags : 0;
}
