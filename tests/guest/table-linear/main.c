/* SPDX-License-Identifier: GPL-2.0-only */
/* Linear page tables: a table may name itself, read-only, and shows what is below; never writable. */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "linear page tables are read-only";

/* The level whose tables may name themselves in either width: pv32 has no other. */
#define LEVEL 2

/* An empty slot of the table for our own addresses: a slot of the hypervisor's is none. */
static const pte_t *empty_slot(uintptr_t va, unsigned int level, unsigned int *index)
{
	const pte_t *table = (const pte_t *)((uintptr_t)pt_walk(va, level) & ~(PAGE_SIZE - 1));
	unsigned int i;

	/* Below what the hypervisor fills: of a pv32 guest's topmost table the end. */
	for (i = PT_LEVELS == 3 ? pt_index(0xf5800000, 2) - 1 : PT_ENTRIES - 1; i > 0; i--)
		if (!table[i] && !(level == 4 && i >= 256 && i < 272))
			break;
	NEED(i > 0);
	*index = i;
	return &table[i];
}

/* The mapping shows the level-1 table of @va as memory. */
static uintptr_t window(uintptr_t va, unsigned int index)
{
	uintptr_t span = 1ul << (PAGE_SHIFT + 9 * LEVEL);

	return (va & ~(span - 1)) + ((uintptr_t)index << (PAGE_SHIFT + 9)) +
	       ((uintptr_t)pt_index(va, LEVEL) << PAGE_SHIFT);
}

static void try_reading(uintptr_t va, unsigned int index)
{
	const pte_t *shown = (const pte_t *)window(va, index);
	const pte_t *leaf = pt_walk(va, 1);

	CHECK_EQUAL(fault_of_read((uintptr_t)shown), NO_FAULT);
	CHECK_EQUAL((shown[pt_index(va, 1)] ^ *leaf) & PTE_FRAME, 0);
}

/* A table that names itself can be pinned, undone, and be memory again. */
static void try_whole(void)
{
	pte_t *table = page_alloc_zero();
	mfn_t mfn = virt_to_mfn(table);

	table[7] = make_pte(mfn, PTE_KERNEL_RO);
	NEED(!page_protect(table));
	CHECK(!mmuext_frame(PIN(LEVEL), mfn));
	CHECK(page_unprotect(table) < 0);
	/* Never writable, also not by a change of that bit alone. */
	CHECK(pt_update(pt_machine(&table[7]), make_pte(mfn, PTE_KERNEL)) < 0);
	CHECK(!pt_update(pt_machine(&table[8]), make_pte(mfn, PTE_KERNEL_RO)));
	CHECK(!pt_update(pt_machine(&table[8]), 0));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	NEED(!page_unprotect(table));
	table[7] = make_pte(mfn, PTE_KERNEL);
	NEED(!page_protect(table));
	CHECK(mmuext_frame(PIN(LEVEL), mfn) < 0);
	table_free(table);
}

/* An empty table as an entry of a table of its own level is none of the level below. */
static void try_other_roots(void)
{
	const pte_t *root = (const pte_t *)start_info->pt_base;
	mfn_t own = virt_to_mfn(root);
	unsigned int index;
	const pte_t *slot;

	if (PT_LEVELS == 3) {
		CHECK(pt_update(pt_machine(&root[2]), make_pte(own, PTE_PRESENT)) < 0);
		return;
	}
	slot = empty_slot((uintptr_t)start_info, 4, &index);
	CHECK(pt_update(pt_machine(slot), make_pte(own, PTE_KERNEL)) < 0);
	CHECK(!pt_update(pt_machine(slot), make_pte(own, PTE_KERNEL_RO)));
	CHECK(pt_update(pt_machine(slot), make_pte(own, PTE_KERNEL)) < 0);
	CHECK(!pt_update(pt_machine(slot), 0));
}

void test_main(void)
{
	uintptr_t va = (uintptr_t)start_info;
	unsigned int index;
	const pte_t *slot = empty_slot(va, LEVEL, &index);
	mfn_t table = (*pt_walk(va, LEVEL + 1) & PTE_FRAME) >> PAGE_SHIFT;

	CHECK(pt_update(pt_machine(slot), make_pte(table, PTE_KERNEL)) < 0);
	CHECK(!pt_update(pt_machine(slot), make_pte(table, PTE_KERNEL_RO)));
	try_reading(va, index);
	CHECK(pt_update(pt_machine(slot), make_pte(table, PTE_KERNEL)) < 0);
	CHECK(!pt_update(pt_machine(slot), 0));
	CHECK(!mmuext_address(MMUEXT_TLB_FLUSH_LOCAL, 0));
	CHECK_EQUAL(fault_of_read(window(va, index)), FAULT_PF);
	try_whole();
	try_other_roots();
}
