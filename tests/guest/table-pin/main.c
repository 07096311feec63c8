/* SPDX-License-Identifier: GPL-2.0-only */
/* Pinning: what it takes, what it refuses, and that it counts right. */
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "page tables are pinned once, as one level, by their owner";

static void try_twice(void)
{
	void *table = table_alloc();
	mfn_t mfn = virt_to_mfn(table);

	CHECK(mmuext_frame(MMUEXT_UNPIN_TABLE, mfn) < 0);
	CHECK(!mmuext_frame(PIN(1), mfn));
	CHECK(mmuext_frame(PIN(1), mfn) < 0);
	CHECK(mmuext_frame(PIN(2), mfn) < 0);
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	CHECK(mmuext_frame(MMUEXT_UNPIN_TABLE, mfn) < 0);
	/* Empty, it may be anything again. */
	CHECK(!mmuext_frame(PIN(2), mfn));
	CHECK(mmuext_frame(PIN(1), mfn) < 0);
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	table_free(table);
}

/* A table named by another stays one when its own pin goes. */
static void try_shared(void)
{
	pte_t *upper = page_alloc_zero();
	void *lower = table_alloc();
	mfn_t low = virt_to_mfn(lower), up = virt_to_mfn(upper);

	upper[3] = make_pte(low, PTE_TABLE(1));
	upper[4] = make_pte(low, PTE_TABLE(1));
	CHECK(!page_protect(upper));
	CHECK(!mmuext_frame(PIN(2), up));
	CHECK(page_unprotect(lower) < 0);
	CHECK(mmuext_frame(PIN(2), low) < 0);
	CHECK(!mmuext_frame(PIN(1), low));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, low));
	CHECK(page_unprotect(lower) < 0);
	CHECK(!pt_update(pt_machine(&upper[3]), 0));
	CHECK(page_unprotect(lower) < 0);
	CHECK(!pt_update(pt_machine(&upper[4]), 0));
	CHECK(!page_unprotect(lower));
	CHECK(!page_protect(lower));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, up));
	table_free(upper);
	table_free(lower);
}

/* A table of the wrong level below, or of writable memory. */
static void try_wrong_child(void)
{
	pte_t *upper = page_alloc_zero();
	void *lower = table_alloc(), *writable = page_alloc_zero();
	mfn_t up = virt_to_mfn(upper);

	CHECK(!mmuext_frame(PIN(2), virt_to_mfn(lower)));
	upper[0] = make_pte(virt_to_mfn(lower), PTE_TABLE(1));
	CHECK(!page_protect(upper));
	CHECK(mmuext_frame(PIN(2), up) < 0);
	CHECK(!page_unprotect(upper));
	upper[0] = make_pte(virt_to_mfn(writable), PTE_TABLE(1));
	CHECK(!page_protect(upper));
	CHECK(mmuext_frame(PIN(2), up) < 0);
	CHECK(!page_unprotect(upper));
	/* A loop: a level-2 table that names itself as level 1. */
	upper[0] = make_pte(up, PTE_TABLE(1));
	CHECK(!page_protect(upper));
	CHECK(mmuext_frame(PIN(2), up) < 0 || !mmuext_frame(MMUEXT_UNPIN_TABLE, up));
	CHECK(!page_unprotect(upper));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(lower)));
	table_free(lower);
	page_free(writable);
	page_free(upper);
}

static void try_no_frames(void)
{
	static const mfn_t frames[] = { 0, 1, 0xa0, 0xfee00, 0xfffff, ~0ul >> 12, ~0ul };
	unsigned int level;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(frames); i++) {
		if (frame_is_ours(frames[i]))
			continue;
		for (level = 1; level <= PT_LEVELS; level++)
			CHECK(mmuext_frame(PIN(level), frames[i]) < 0);
		/* A level that the guest does not have is ignored. */
		if (PT_LEVELS == 3)
			CHECK_EQUAL(mmuext_frame(PIN(4), frames[i]), 0);
		CHECK(mmuext_frame(MMUEXT_UNPIN_TABLE, frames[i]) < 0);
		CHECK(mmuext_frame(MMUEXT_NEW_BASEPTR, frames[i]) < 0);
	}
}

void test_main(void)
{
	try_twice();
	try_shared();
	try_wrong_child();
	try_no_frames();
}
