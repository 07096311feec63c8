/* SPDX-License-Identifier: GPL-2.0-only */
/* Bits and frames that must not stand in a present entry: refused one by one and within a table. */
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "illegal page-table entries are refused";

#define PTE_PSE (1ull << 7)
#define PTE_GLOBAL (1ull << 8)
#define PTE_PWT (1ull << 3)

struct row {
	const char *name;
	pte_t bits;
	unsigned int from_level;	/* illegal from this level up */
};

static const struct row rows[] = {
	{ "a large page", PTE_PSE, 2 },
	{ "an address beyond the machine's", 1ull << 51, 1 },
};

/* An entry of the level that is fine but for the row's bits, through mmu_update. */
static void try_update(const pte_t *entry, unsigned int level, const struct row *r)
{
	pte_t old = *entry;
	pte_t bad = old | r->bits;
	long ret;

	if (level < r->from_level)
		return;
	ret = pt_update(pt_machine(entry), bad);
	if (!ret)
		test_failure("level %u: %s was accepted", level, r->name);
	if ((*entry ^ old) & ~(PTE_ACCESSED | PTE_DIRTY))
		test_failure("level %u: %s was refused, but written", level, r->name);
}

static void try_pin(const struct row *r)
{
	pte_t *table = page_alloc_zero(), *target = page_alloc_zero();
	mfn_t mfn = virt_to_mfn(table);

	table[511] = make_pte(virt_to_mfn(target), PTE_KERNEL | r->bits);
	NEED(!page_protect(table));
	if (r->from_level == 1 && !mmuext_frame(PIN(1), mfn)) {
		test_failure("a table with %s was pinned", r->name);
		mmuext_frame(MMUEXT_UNPIN_TABLE, mfn);
	}
	NEED(!page_unprotect(table));
	page_free(target);
	page_free(table);
}

/* Bits 52 to 62 are the guest's own, but in the level-3 table of a 32-bit guest. */
static void try_available(uintptr_t va)
{
	static const unsigned int bits[] = { 9, 11, 52, 58, 62 };
	unsigned int level;
	size_t i;

	for (level = 1; level <= PT_LEVELS; level++) {
		const pte_t *entry = pt_walk(va, level);
		pte_t old = *entry;

		for (i = 0; i < ARRAY_SIZE(bits); i++) {
			bool legal = bits[i] < 52 || level < 3 || PT_LEVELS == 4;

			if (!pt_update(pt_machine(entry), old | 1ull << bits[i]) != legal)
				test_failure("level %u: bit %u", level, bits[i]);
			if (legal)
				CHECK(*entry >> bits[i] & 1);
		}
		CHECK(!pt_update(pt_machine(entry), old));
	}
}

/* A hole in the frame's life: not-present entries may hold anything. */
static void try_not_present(uintptr_t va)
{
	pte_t rubbish = 0xfffffffffffffffeull;

	CHECK(!pt_set_level(va, 1, rubbish));
	CHECK_EQUAL(*pt_walk(va, 1) == rubbish, true);
	CHECK(!pt_set_level(va, 1, 0));
}

void test_main(void)
{
	uintptr_t va = scratch_address();
	mfn_t own = virt_to_mfn((void *)start_info);
	unsigned int level;
	size_t i;

	CHECK(!pt_set_level(va, 1, make_pte(own, PTE_KERNEL_RO)));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (level = 1; level <= PT_LEVELS; level++)
			try_update(pt_walk(va, level), level, &rows[i]);
		try_pin(&rows[i]);
	}
	try_available(va);
	CHECK(!pt_set_level(va, 1, 0));
	try_not_present(va);
	/* Commands of mmu_update that do not exist. */
	CHECK(pt_update(pt_machine(pt_walk(va, 1)) | 5, 0) < 0);
	CHECK(pt_update(pt_machine(pt_walk(va, 1)) | 7, 0) < 0);
}
