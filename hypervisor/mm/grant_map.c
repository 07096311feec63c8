/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Leaf entries for granted frames, in the current domain's page tables.
 *
 * Such an entry holds a reference, and a writable use if it is writable, like any other leaf; so a
 * page table that goes away gives them back whichever way the frame had been mapped. Mapping takes
 * over the references that the grant code took; unmapping returns them to it.
 */
#include "hypervisor/mm/grant_map.h"

#include "hypervisor/arch/percpu.h"
#include "hypervisor/mm/leaf_fast.h"
#include "hypervisor/mm/walk.h"
#include "pvabi/grant_table.h"

int mm_grant_hold(mfn_t mfn, const struct domain *owner, bool writes)
{
	struct frame *frame = mfn_to_frame(mfn);

	if (mfn >= max_mfn || !hold_frame(frame, owner))
		return GNTST_bad_page;
	if (writes && use_frame(frame, FT_WRITABLE)) {
		drop_frame(frame);
		return GNTST_general_error;
	}
	return GNTST_okay;
}

void mm_grant_release(mfn_t mfn, bool writes)
{
	struct frame *frame = mfn_to_frame(mfn);

	if (writes)
		unuse_frame(frame);
	drop_frame(frame);
}

struct leaf {
	struct frame *table;
	u64 *entry;
};

static void unlock_leaf_table(struct frame *table)
{
	/* An L1 is undone in one go: there is nothing to come back to. */
	unlock_table(table);
	drop_frame(table);
}

/* Finds and locks the leaf at a linear address, or at an entry's machine address. */
static int lock_leaf(gva_t addr, bool addr_is_pte, const struct domain *d, struct leaf *leaf)
{
	unsigned index;

	if (addr_is_pte) {
		if ((addr & 7) || !mfn_valid(PFN_DOWN(addr)))
			return GNTST_general_error;
		leaf->table = mfn_to_frame(PFN_DOWN(addr));
		index = (unsigned)(addr & ~PAGE_MASK) / 8;
	} else if (!guest_find_leaf(addr, &leaf->table, &index)) {
		return GNTST_general_error;
	}
	if (!hold_frame(leaf->table, d))
		return GNTST_general_error;
	if (!lock_leaves(leaf->table)) {
		drop_frame(leaf->table);
		return GNTST_general_error;
	}
	leaf->entry = (u64 *)mfn_to_virt(frame_to_mfn(leaf->table)) + index;
	return 0;
}

int mm_grant_map(gva_t addr, bool addr_is_pte, mfn_t mfn, u64 pte_flags)
{
	const struct domain *d = this_cpu()->domain;
	u64 pte = mfn << PAGE_SHIFT | pte_flags | PTE_PRESENT, old;
	struct leaf leaf;
	int rc;

	if (!leaf_bits_ok(pte, d))
		return GNTST_general_error;
	pte = complete_entry(pte, 1, d);
	rc = lock_leaf(addr, addr_is_pte, d, &leaf);
	if (rc)
		return rc;
	if (pte & PTE_RW)
		frame_mapped_foreign(mfn_to_frame(mfn));
	old = __atomic_exchange_n(leaf.entry, pte, __ATOMIC_ACQ_REL);
	release_leaf(old, d);
	unlock_leaf_table(leaf.table);
	return 0;
}

/* Takes the leaf at @new_addr away, to be put where the granted frame was; 0 when there is none. */
static int take_away(gva_t new_addr, const struct domain *d, u64 *pte)
{
	struct leaf leaf;
	int rc;

	*pte = 0;
	if (!new_addr)
		return 0;
	rc = lock_leaf(new_addr, false, d, &leaf);
	if (rc)
		return rc;
	*pte = __atomic_exchange_n(leaf.entry, 0, __ATOMIC_ACQ_REL);
	unlock_leaf_table(leaf.table);
	return 0;
}

static bool maps(u64 pte, mfn_t mfn, bool readonly)
{
	return (pte & PTE_PRESENT) && PFN_DOWN(pte & PTE_ADDR) == mfn &&
	       !(pte & PTE_RW) == readonly;
}

int mm_grant_unmap(gva_t addr, bool addr_is_pte, gva_t new_addr, mfn_t mfn, bool readonly)
{
	const struct domain *d = this_cpu()->domain;
	struct leaf leaf;
	u64 replacement;
	int rc = lock_leaf(addr, addr_is_pte, d, &leaf);

	if (rc)
		return rc;
	rc = GNTST_general_error;
	if (!maps(READ_ONCE(*leaf.entry), mfn, readonly))
		goto out;
	/* The two leaves may stand in one table, whose lock is held: look before taking. */
	rc = 0;
	replacement = 0;
	if (new_addr) {
		unlock_leaf_table(leaf.table);
		rc = take_away(new_addr, d, &replacement);
		if (rc)
			return rc;
		rc = lock_leaf(addr, addr_is_pte, d, &leaf);
		if (rc) {
			release_leaf(replacement, d);
			return rc;
		}
		if (!maps(READ_ONCE(*leaf.entry), mfn, readonly)) {
			release_leaf(replacement, d);
			rc = GNTST_general_error;
			goto out;
		}
	}
	__atomic_store_n(leaf.entry, replacement, __ATOMIC_RELEASE);
out:
	unlock_leaf_table(leaf.table);
	return rc;
}
