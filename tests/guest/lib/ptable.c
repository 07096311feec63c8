/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables as a test wants them. */
#include "tests/guest/lib/ptable.h"
#include <string.h>
#include "pvabi/memory.h"

long pt_update_foreign(uint64_t machine, pte_t value, unsigned int dom)
{
	struct mmu_update req = { .ptr = machine | MMU_NORMAL_PT_UPDATE, .val = value };

	return hypercall_mmu_update(&req, 1, NULL, dom);
}

long pt_update(uint64_t machine, pte_t value)
{
	return pt_update_foreign(machine, value, DOMID_SELF);
}

long pt_set_level(uintptr_t va, unsigned int level, pte_t value)
{
	const pte_t *entry = pt_walk(va, level);

	NEED(entry);
	return pt_update(pt_machine(entry), value);
}

long mmuext_frame(unsigned int cmd, mfn_t mfn)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };

	return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

long mmuext_address(unsigned int cmd, uintptr_t va)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.linear_addr = va };

	return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

long page_protect(void *page)
{
	return map_set(page, make_pte(virt_to_mfn(page), PTE_KERNEL_RO));
}

long page_unprotect(void *page)
{
	return map_set(page, make_pte(virt_to_mfn(page), PTE_KERNEL));
}

void *table_alloc(void)
{
	void *table = page_alloc_zero();

	NEED(table);
	NEED(!page_protect(table));
	return table;
}

void table_free(void *table)
{
	NEED(!page_unprotect(table));
	page_free(table);
}

uintptr_t scratch_address(void)
{
	void *p = window_alloc(1);

	NEED(p && !map_prepare(p, 1));
	return (uintptr_t)p;
}

mfn_t machine_frames(void)
{
	long top = hypercall_memory_op(XENMEM_maximum_ram_page, NULL);

	NEED(top > 0);
	return top + 1;
}

void *copy_top_table(void)
{
	pte_t *copy = page_alloc_zero();
	const pte_t *slot = pt_walk(0xf5800000, 2);
	unsigned int ours = pt_index(0xf5800000, 2);

	NEED(copy && slot);
	memcpy(copy, slot - ours, ours * sizeof(*copy));
	NEED(!page_protect(copy));
	return copy;
}

/* The machine-to-physical table ends with the machine's memory. */
bool frame_is_ours(mfn_t mfn)
{
	return mfn < machine_frames() && mfn_to_pfn(mfn) != INVALID_MFN;
}
