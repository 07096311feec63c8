/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linear page tables: a table may name itself or another of its level, read-only, and shows what is
 * below; never writable, and never in chains.
 */
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

static pte_t *pinned(void)
{
	pte_t *table = table_alloc();

	NEED(!mmuext_frame(PIN(LEVEL), virt_to_mfn(table)));
	return table;
}

static long name(const pte_t *table, unsigned int index, const void *other, pte_t flags)
{
	return pt_update(pt_machine(&table[index]), make_pte(virt_to_mfn((void *)other), flags));
}

static void unpin_and_free(pte_t *table)
{
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(table)));
	table_free(table);
}

/* What a table names it holds; and it either names or is named. */
static void try_naming(void)
{
	pte_t *named = pinned(), *first = pinned(), *second = pinned();

	CHECK(name(first, 3, named, PTE_KERNEL) < 0);
	CHECK(!name(first, 3, named, PTE_KERNEL_RO));
	CHECK(name(first, 3, named, PTE_KERNEL) < 0);
	CHECK(!name(first, 4, named, PTE_KERNEL_RO));
	CHECK(name(named, 3, first, PTE_KERNEL_RO) < 0);
	CHECK(name(named, 3, second, PTE_KERNEL_RO) < 0);
	CHECK(!name(named, 3, named, PTE_KERNEL_RO));
	CHECK(name(second, 3, first, PTE_KERNEL_RO) < 0);
	CHECK(!name(second, 3, named, PTE_KERNEL_RO));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(named)));
	CHECK(page_unprotect(named) < 0);
	CHECK(mmuext_frame(PIN(1), virt_to_mfn(named)) < 0);
	CHECK(!mmuext_frame(PIN(LEVEL), virt_to_mfn(named)));
	CHECK(!pt_update(pt_machine(&first[3]), 0));
	CHECK(name(second, 3, first, PTE_KERNEL_RO) < 0);
	CHECK(!pt_update(pt_machine(&first[4]), 0));
	CHECK(name(named, 3, first, PTE_KERNEL_RO) < 0);
	CHECK(!name(second, 3, first, PTE_KERNEL_RO));
	/* The other way round now, by contents; the tables go while they still name and are named. */
	unpin_and_free(second);
	CHECK(!name(named, 5, first, PTE_KERNEL_RO));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(first)));
	unpin_and_free(named);
	table_free(first);
}

/* A table that names another can be pinned; what is no table yet is taken as one of leaves. */
static void try_naming_by_contents(void)
{
	pte_t *named = pinned(), *table = page_alloc_zero(), *leaves = page_alloc_zero();

	table[2] = make_pte(virt_to_mfn(named), PTE_KERNEL_RO);
	table[5] = make_pte(virt_to_mfn(leaves), PTE_KERNEL_RO);
	NEED(!page_protect(table) && !page_protect(leaves));
	CHECK(!mmuext_frame(PIN(LEVEL), virt_to_mfn(table)));
	CHECK(mmuext_frame(PIN(LEVEL), virt_to_mfn(leaves)) < 0);
	CHECK(name(named, 3, table, PTE_KERNEL_RO) < 0);
	unpin_and_free(table);
	table_free(leaves);
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(named)));
	NEED(!page_unprotect(named));
	named[2] = make_pte(virt_to_mfn(named), PTE_KERNEL);
	NEED(!page_protect(named));
	CHECK(mmuext_frame(PIN(LEVEL), virt_to_mfn(named)) < 0);
	table_free(named);
}

/* Through a table of our address space, another one's tables are seen as memory. */
static void try_reading_another(const pte_t *slot, uintptr_t va, unsigned int index)
{
	pte_t *leaves = table_alloc(), *other = pinned();
	uintptr_t span = 1ul << (PAGE_SHIFT + 9 * LEVEL);
	const pte_t *shown = (const pte_t *)((va & ~(span - 1)) + ((uintptr_t)index << 21) +
					     (6 << PAGE_SHIFT));
	pte_t leaf = make_pte(virt_to_mfn(leaves), PTE_KERNEL_RO);

	NEED(!name(other, 6, leaves, PTE_KERNEL));
	NEED(!pt_update(pt_machine(&leaves[40]), leaf));
	CHECK(!pt_update(pt_machine(slot), make_pte(virt_to_mfn(other), PTE_KERNEL_RO)));
	CHECK_EQUAL(fault_of_read((uintptr_t)shown), NO_FAULT);
	CHECK_EQUAL((shown[40] ^ leaf) & PTE_FRAME, 0);
	CHECK_EQUAL(fault_of_write((uintptr_t)shown), FAULT_PF);
	CHECK(!pt_update(pt_machine(slot), 0));
	CHECK(!mmuext_address(MMUEXT_TLB_FLUSH_LOCAL, 0));
	CHECK_EQUAL(fault_of_read((uintptr_t)shown), FAULT_PF);
	NEED(!pt_update(pt_machine(&leaves[40]), 0));
	unpin_and_free(other);
	table_free(leaves);
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
	try_reading_another(slot, va, index);
	try_whole();
	try_naming();
	try_naming_by_contents();
	try_other_roots();
}
