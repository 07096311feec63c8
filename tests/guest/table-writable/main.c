/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page is a table or writable, never both: a table in use cannot be mapped writable by any way, and
 * a page that is mapped writable cannot become a table.
 */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "page tables are never writable";

/* Every way to a writable mapping of the frame at va is refused. */
static void try_writable(uintptr_t va, mfn_t table)
{
	uint64_t machine = pt_machine(pt_walk(va, 1));
	pte_t w = make_pte(table, PTE_KERNEL);

	CHECK(hypercall_update_va_mapping(va, w, UVMF_INVLPG) < 0);
	CHECK(pt_update(machine, w) < 0);
	CHECK(pt_update(machine | MMU_PT_UPDATE_PRESERVE_AD, w) < 0);
	CHECK(pt_update(machine, w | PTE_USER) < 0);
	/* In two steps: read-only first, then the bit alone. */
	CHECK(!pt_update(machine, make_pte(table, PTE_KERNEL_RO)));
	CHECK(pt_update(machine, w) < 0);
	CHECK(hypercall_update_va_mapping(va, w, UVMF_INVLPG) < 0);
	CHECK(pt_update(machine | MMU_PT_UPDATE_PRESERVE_AD, w) < 0);
	CHECK_EQUAL(map_lookup((void *)va) & (PTE_PRESENT | PTE_WRITE), PTE_PRESENT);
	CHECK(!pt_update(machine, 0));
}

/* Stores an entry that would map the table itself writable. */
static void store_self(void *table)
{
	((volatile pte_t *)table)[1] = make_pte(virt_to_mfn(table), PTE_KERNEL);
}

/* The tables we run on. */
static void try_live_tables(uintptr_t va)
{
	unsigned int level;
	pte_t e;

	for (level = 2; level <= PT_LEVELS; level++) {
		e = *pt_walk(VIRT_BASE, level);
		try_writable(va, (e & PTE_FRAME) >> PAGE_SHIFT);
	}
	try_writable(va, virt_to_mfn((void *)start_info->pt_base));
}

static void try_new_tables(uintptr_t va)
{
	unsigned int level;

	for (level = 1; level <= PT_LEVELS; level++) {
		void *page = page_alloc_zero();
		mfn_t mfn = virt_to_mfn(page);

		/* Writable pages become no tables ... */
		CHECK(mmuext_frame(PIN(level), mfn) < 0);
		CHECK(!page_protect(page));
		if (mmuext_frame(PIN(level), mfn)) {
			/* ... (an empty pv32 root has no topmost table, and is refused for that) ... */
			CHECK(PT_LEVELS == 3 && level >= 3);
			CHECK(!page_unprotect(page));
			page_free(page);
			continue;
		}
		/* ... and tables not writable, until they are none. */
		try_writable(va, mfn);
		CHECK(page_unprotect(page) < 0);
		/* A plain write to an entry may be emulated; what it writes is checked. */
		CHECK_EQUAL(fault_of(store_self, page), FAULT_PF);
		CHECK_EQUAL(((pte_t *)page)[1], 0);
		CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
		CHECK(!page_unprotect(page));
		CHECK_EQUAL(fault_of_write((uintptr_t)page), NO_FAULT);
		page_free(page);
	}
}

/* A second writable mapping keeps a page from becoming a table when the first is gone. */
static void try_second_mapping(uintptr_t va)
{
	void *page = page_alloc_zero();
	mfn_t mfn = virt_to_mfn(page);

	CHECK(!map_set((void *)va, make_pte(mfn, PTE_KERNEL)));
	CHECK(!page_protect(page));
	CHECK(mmuext_frame(PIN(1), mfn) < 0);
	CHECK(!map_set((void *)va, make_pte(mfn, PTE_KERNEL_RO)));
	CHECK(!mmuext_frame(PIN(1), mfn));
	CHECK(map_set((void *)va, make_pte(mfn, PTE_KERNEL)) < 0);
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	CHECK(!map_set((void *)va, 0));
	table_free(page);
}

/* A table that maps itself writable is refused as a whole. */
static void try_self_mapping(void)
{
	pte_t *page = page_alloc_zero();
	mfn_t mfn = virt_to_mfn(page);

	page[7] = make_pte(mfn, PTE_KERNEL);
	CHECK(!page_protect(page));
	CHECK(mmuext_frame(PIN(1), mfn) < 0);
	CHECK(!page_unprotect(page));
	page[7] = make_pte(mfn, PTE_KERNEL_RO);
	CHECK(!page_protect(page));
	/* Read-only is fine; then the bit cannot be added. */
	CHECK(!mmuext_frame(PIN(1), mfn));
	CHECK(pt_update(pt_machine(&page[7]), make_pte(mfn, PTE_KERNEL)) < 0);
	CHECK(!pt_update(pt_machine(&page[7]), 0));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	table_free(page);
}

void test_main(void)
{
	uintptr_t va = scratch_address();

	try_live_tables(va);
	try_new_tables(va);
	try_second_mapping(va);
	try_self_mapping();
}
