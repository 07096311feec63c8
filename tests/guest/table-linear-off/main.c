/* SPDX-License-Identifier: GPL-2.0-only */
/* With pv-linear-pt=no no table names itself or another of its level, read-only or not. */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "linear page tables can be forbidden";

/* Pins a table that names the frame @other of its own level, or itself when that is none. */
static void try_contents(unsigned int level, const void *other, pte_t flags)
{
	pte_t *table = page_alloc_zero();

	table[7] = make_pte(virt_to_mfn(other ? (void *)other : table), flags);
	NEED(!page_protect(table));
	CHECK_EQUAL(mmuext_frame(PIN(level), virt_to_mfn(table)), -XEN_EINVAL);
	table_free(table);
}

static void try_update(const pte_t *entry, const void *other, pte_t flags)
{
	mfn_t mfn = virt_to_mfn((void *)other);

	CHECK_EQUAL(pt_update(pt_machine(entry), make_pte(mfn, flags)), -XEN_EINVAL);
	CHECK_EQUAL(*entry, 0);
}

static void try_level(unsigned int level)
{
	pte_t *table = table_alloc(), *other = table_alloc();

	NEED(!mmuext_frame(PIN(level), virt_to_mfn(table)));
	NEED(!mmuext_frame(PIN(level), virt_to_mfn(other)));
	for (unsigned int rw = 0; rw < 2; rw++) {
		pte_t flags = rw ? PTE_KERNEL : PTE_KERNEL_RO;

		try_update(&table[3], table, flags);
		try_update(&table[3], other, flags);
		try_contents(level, NULL, flags);
		try_contents(level, other, flags);
	}
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(table)));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(other)));
	table_free(table);
	table_free(other);
}

/* What is not linear is as it was. */
static void try_ordinary(void)
{
	pte_t *table = table_alloc(), *leaves = table_alloc();

	NEED(!mmuext_frame(PIN(2), virt_to_mfn(table)));
	CHECK(!pt_update(pt_machine(&table[3]), make_pte(virt_to_mfn(leaves), PTE_KERNEL_RO)));
	CHECK(!pt_update(pt_machine(&table[3]), make_pte(virt_to_mfn(leaves), PTE_KERNEL)));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(table)));
	table_free(table);
	table_free(leaves);
}

void test_main(void)
{
	for (unsigned int level = 2; level <= (PT_LEVELS == 4 ? 4 : 2); level++)
		try_level(level);
	try_ordinary();
}
