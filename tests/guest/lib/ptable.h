/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables as a test wants them: single steps, each with the hypervisor's answer. */
#ifndef TESTS_GUEST_PTABLE_H
#define TESTS_GUEST_PTABLE_H

#include <minios/arch/paging.h>
#include "tests/guest/lib/test.h"

static inline pte_t make_pte(mfn_t mfn, pte_t flags)
{
	return (pte_t)mfn << PAGE_SHIFT | flags;
}

/* mmu_update of one entry: by its machine address, or of the entry of a level for va. */
long pt_update(uint64_t machine, pte_t value);
long pt_update_foreign(uint64_t machine, pte_t value, unsigned int dom);
long pt_set_level(uintptr_t va, unsigned int level, pte_t value);

/* One mmuext_op with a frame or an address. */
long mmuext_frame(unsigned int cmd, mfn_t mfn);
long mmuext_address(unsigned int cmd, uintptr_t va);
#define PIN(level) (MMUEXT_PIN_L1_TABLE + (level) - 1)

/* Protection of a page in the direct map. */
long page_protect(void *page);
long page_unprotect(void *page);

/* A cleared page that is mapped read-only; and back to the allocator. */
void *table_alloc(void);
void table_free(void *table);

/* A protected copy of a 32-bit root's topmost level-2 table, of which no two roots have the same. */
void *copy_top_table(void);

/* An address whose level-1 table exists, with nothing mapped there. */
uintptr_t scratch_address(void);

/* One past the highest machine frame; and whether a frame, any number, is of our memory. */
mfn_t machine_frames(void);
bool frame_is_ours(mfn_t mfn);

#endif
