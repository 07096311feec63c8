/* SPDX-License-Identifier: MIT */
/*
 * Reading page tables: frame numbers, and the walk from the root, the level as a parameter.
 *
 * The entries name machine frames; the machine-to-physical table says which page of ours a frame
 * is, and every page of ours that is a table stands in the direct map, read-only.
 */
#include <minios/arch/arch.h>
#include <minios/arch/paging.h>
#include <minios/hypercall.h>
#include <minios/p2m.h>
#include <minios/start.h>
#include "pvabi/memory.h"

static unsigned long *m2p;
static unsigned long m2p_entries;

static void m2p_locate(void)
{
	struct xen_machphys_mapping where;

	if (hypercall_memory_op(XENMEM_machphys_mapping, &where)) {
		where.v_start = MACH2PHYS_VIRT_START;
		where.max_mfn = MACH2PHYS_NR_ENTRIES - 1;
	}
	m2p = (unsigned long *)where.v_start;
	m2p_entries = where.max_mfn + 1;
}

pfn_t mfn_to_pfn(mfn_t mfn)
{
	pfn_t pfn;

	if (!m2p)
		m2p_locate();
	if (mfn >= m2p_entries)
		return INVALID_MFN;
	pfn = m2p[mfn];
	/* A foreign frame has an entry too: it is ours only if we say so as well. */
	return pfn_to_mfn(pfn) == mfn ? pfn : INVALID_MFN;
}

unsigned int pt_index(uintptr_t va, unsigned int level)
{
	return (va >> (PAGE_SHIFT + 9 * (level - 1))) & (PT_ENTRIES - 1);
}

const pte_t *pt_walk(uintptr_t va, unsigned int level)
{
	const pte_t *table = (const pte_t *)start_info->pt_base;
	unsigned int l;
	pte_t e;

	for (l = PT_LEVELS; l > level; l--) {
		e = table[pt_index(va, l)];
		if (!(e & PTE_PRESENT))
			return NULL;
		table = pfn_to_virt(mfn_to_pfn((e & PTE_FRAME) >> PAGE_SHIFT));
	}
	return &table[pt_index(va, level)];
}

uint64_t pt_machine(const pte_t *entry)
{
	uint64_t mfn = pfn_to_mfn(virt_to_pfn(entry));

	return mfn << PAGE_SHIFT | ((uintptr_t)entry & (PAGE_SIZE - 1));
}

pte_t map_lookup(const void *addr)
{
	const pte_t *e = pt_walk((uintptr_t)addr, 1);

	return e && *e & PTE_PRESENT ? *e : 0;
}

int map_set(void *addr, pte_t pte)
{
	return priv_pt_set((uintptr_t)addr, pte);
}

mfn_t virt_to_mfn(const void *p)
{
	pte_t e;

	if ((uintptr_t)p >= VIRT_BASE && virt_to_pfn(p) < p2m_entries())
		return pfn_to_mfn(virt_to_pfn(p));
	e = map_lookup(p);
	return e ? (e & PTE_FRAME) >> PAGE_SHIFT : INVALID_MFN;
}
