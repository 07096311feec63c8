/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plain write to a level-1 table in use is either carried out with all the checks of mmu_update or
 * faults; it never puts in what mmu_update would refuse, and other tables always fault.
 */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "plain writes to page tables are checked";

struct store {
	volatile pte_t *entry;
	pte_t value;
};

static void store_entry(void *arg)
{
	const struct store *s = arg;

	*s->entry = s->value;
}

static void exchange_low(void *arg)
{
	const struct store *s = arg;

	__atomic_exchange_n((volatile uint32_t *)s->entry, (uint32_t)s->value, __ATOMIC_SEQ_CST);
}

static void clear_bit(void *arg)
{
	const struct store *s = arg;

	__atomic_fetch_and((volatile uint32_t *)s->entry, ~(uint32_t)PTE_WRITE, __ATOMIC_SEQ_CST);
}

void test_main(void)
{
	uintptr_t va = scratch_address();
	const pte_t *entry = pt_walk(va, 1);
	void *page = page_alloc_zero();
	mfn_t mfn = virt_to_mfn(page);
	mfn_t l1 = (*pt_walk(va, 2) & PTE_FRAME) >> PAGE_SHIFT;
	struct store s = { .entry = (volatile pte_t *)entry };
	unsigned int level;

	/* Ours, in the order in which a 32-bit kernel must write: high half first. */
	s.value = make_pte(mfn, PTE_KERNEL);
	if (fault_of(exchange_low, &s) == NO_FAULT) {
		CHECK((*entry & PTE_FRAME) >> PAGE_SHIFT == mfn);
		CHECK_EQUAL(fault_of_write(va), NO_FAULT);
		CHECK_EQUAL(fault_of(clear_bit, &s), NO_FAULT);
		priv_tlb_flush();
		CHECK_EQUAL(fault_of_write(va), FAULT_PF);
		s.value = 0;
		CHECK_EQUAL(fault_of(store_entry, &s), NO_FAULT);
		priv_tlb_flush();
		CHECK_EQUAL(fault_of_read(va), FAULT_PF);
	}
	/* A table, writable; nobody's frame; bits that must be clear. */
	s.value = make_pte(l1, PTE_KERNEL);
	CHECK_EQUAL(fault_of(exchange_low, &s), FAULT_PF);
	if (!start_is_control()) {
		/* The memory type is the business of who drives devices. */
		s.value = make_pte(mfn, PTE_KERNEL | 1ull << 4);
		CHECK_EQUAL(fault_of(exchange_low, &s), FAULT_PF);
		s.value = make_pte(0x9f, PTE_KERNEL);
		CHECK_EQUAL(fault_of(exchange_low, &s), FAULT_PF);
	}
	CHECK_EQUAL(*entry, 0);
	/* Tables of higher levels. */
	for (level = 2; level <= PT_LEVELS; level++) {
		s.entry = (volatile pte_t *)pt_walk(va, level);
		s.value = *s.entry;
		CHECK_EQUAL(fault_of(store_entry, &s), FAULT_PF);
	}
	page_free(page);
}
