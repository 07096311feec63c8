/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contents of page tables and descriptor pages.
 *
 * An entry holds a reference on the frame it names and a use of it: as the next lower table, as
 * writable memory, or none for a read-only leaf. The level is a parameter throughout. The slots
 * that are the hypervisor's (256-271 of an L4, the compat M2P in the topmost pv32 L2) are filled in
 * when the table is validated and never given back.
 */
#include "hypervisor/mm/validate.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/descriptor.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/leaf_fast.h"
#include "hypervisor/mm/linear.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/owner.h"
#include "hypervisor/mm/preempt.h"

#define PAE_L3_ENTRIES	4

static const u64 level_type[] = { FT_WRITABLE, FT_L1, FT_L2, FT_L3, FT_L4 };

/* --- which slots ------------------------------------------------------------------------------ */

static unsigned first_m2p_slot(const struct domain *d)
{
	return (owner_of(d)->compat_m2p_start >> 21) & (PTES_PER_TABLE - 1);
}

bool guest_slot(const struct domain *d, unsigned level, u64 word, unsigned index)
{
	if (level == 4)
		return index < HV_FIRST_SLOT || index > HV_LAST_SLOT;
	if (!owner_of(d)->is_pv32)
		return true;
	if (level == 3)
		return index < PAE_L3_ENTRIES;
	return !(word & FT_TOP_L2) || index < first_m2p_slot(d);
}

u64 child_flags(const struct domain *d, unsigned level, unsigned index)
{
	bool top = owner_of(d)->is_pv32 && level == 3 && index == PAE_L3_ENTRIES - 1;

	return top ? FT_TOP_L2 : 0;
}

unsigned contents_entries(const struct frame *frame, u64 word)
{
	bool pae_root = type_level(word) == 3 && owner_of(frame->owner)->is_pv32;

	return pae_root ? PAE_L3_ENTRIES : PTES_PER_TABLE;
}

/* --- entries ---------------------------------------------------------------------------------- */

static int get_table(u64 pte, unsigned level, u64 flags, const struct domain *d, bool preemptible)
{
	mfn_t mfn = PFN_DOWN(pte & PTE_ADDR);
	struct frame *frame;
	int rc;

	if (!mfn_valid(mfn))
		return -EINVAL;
	frame = mfn_to_frame(mfn);
	if (!get_frame(frame, d))
		return -EINVAL;
	rc = get_frame_type(frame, level_type[level - 1] | flags, preemptible);
	if (rc)
		put_frame(frame);
	return rc;
}

int check_entry(u64 *pte, unsigned level, const struct domain *d)
{
	if (*pte & refused_bits(d, level))
		return -EINVAL;
	*pte = complete_entry(*pte, level, d);
	return 0;
}

/* Nothing is taken: the table is there as long as the entry is. */
static bool names_itself(u64 pte, const struct frame *table)
{
	return PFN_DOWN(pte & PTE_ADDR) == frame_to_mfn(table);
}

static int get_linear(u64 pte, unsigned level, struct frame *table, const struct domain *d)
{
	/* A PAE root has no write bit to leave clear. */
	if ((pte & PTE_RW) || !opt_pv_linear_pt || (level == 3 && owner_of(d)->is_pv32))
		return -EINVAL;
	return names_itself(pte, table) ? 0 : get_linear_table(PFN_DOWN(pte & PTE_ADDR), table, d);
}

int get_entry(u64 *pte, unsigned level, u64 flags, struct frame *table,
	      const struct domain *d, const struct domain *pg_owner, bool preemptible)
{
	int rc = -EINVAL;

	if (!(*pte & PTE_PRESENT))
		return 0;
	if (level == 1)
		return take_leaf(pte, d, pg_owner);
	if (*pte & refused_bits(d, level))
		return -EINVAL;
	if (likely(!names_itself(*pte, table)))
		rc = get_table(*pte, level, flags, d, preemptible);
	if (unlikely(rc == -EINVAL))
		rc = get_linear(*pte, level, table, d);
	if (!rc)
		*pte = complete_entry(*pte, level, d);
	return rc;
}

int put_entry(u64 pte, struct frame *table, bool preemptible)
{
	mfn_t mfn = PFN_DOWN(pte & PTE_ADDR);
	struct frame *frame;
	int rc;

	if (!(pte & PTE_PRESENT) || !mfn_valid(mfn) || names_itself(pte, table))
		return 0;
	frame = mfn_to_frame(mfn);
	if (unlikely(is_linear_entry(frame, table)))
		return put_linear_table(frame, table, preemptible);
	rc = put_frame_type(frame, preemptible);
	if (!rc)
		put_frame(frame);
	return rc;
}

/* --- whole tables ----------------------------------------------------------------------------- */

/* The parts of a table that are ours, once its own entries are good. */
static int fill_own_slots(struct frame *frame, u64 *table, unsigned level, u64 word)
{
	const struct domain *d = frame->owner;

	if (level == 4) {
		fill_hv_slots(table);
		/* Kernels' roots get it when they are used; see address_space_set_root(). */
		if (!m2p_is_strict(d))
			show_m2p(table, false);
	} else if (level == 3 && owner_of(d)->is_pv32) {
		/* Hardware sees all 512; the guest's are four, and the last must be there. */
		memset(table + PAE_L3_ENTRIES, 0, PAGE_SIZE - PAE_L3_ENTRIES * sizeof(u64));
		return table[PAE_L3_ENTRIES - 1] & PTE_PRESENT ? 0 : -EINVAL;
	} else if (word & FT_TOP_L2) {
		fill_compat_m2p_slots(table, first_m2p_slot(d));
	}
	return 0;
}

/* A table of leaves: short enough to be done in one go. */
static int validate_leaves(struct frame *frame)
{
	u64 *table = mfn_to_virt(frame_to_mfn(frame));
	const struct domain *d = frame->owner;
	int rc = 0;
	unsigned i;

	for (i = frame->nr_validated; i < PTES_PER_TABLE; i++) {
		u64 pte = READ_ONCE(table[i]), complete = pte;

		if (!(pte & PTE_PRESENT))
			continue;
		rc = take_leaf(&complete, d, d);
		if (unlikely(rc))
			break;
		if (complete != pte)
			WRITE_ONCE(table[i], complete);
	}
	frame->nr_validated = (u16)i;
	return rc;
}

static void invalidate_leaves(struct frame *frame)
{
	const u64 *table = mfn_to_virt(frame_to_mfn(frame));
	const struct domain *d = frame->owner;

	for (unsigned i = frame->nr_validated; i-- > 0;)
		release_leaf(READ_ONCE(table[i]), d);
	frame->nr_validated = 0;
}

/*
 * A table whose undoing was preempted is taken again: its entries below nr_validated hold their
 * uses, but the topmost of them may name a table that is itself half undone. That one must be whole
 * again before this one may be used.
 */
static int validate_half_undone(struct frame *frame, u64 word, bool preemptible)
{
	const u64 *table = mfn_to_virt(frame_to_mfn(frame));
	unsigned level = type_level(word), at = frame->nr_validated;
	struct frame *child;
	int rc;

	if (!at-- || !(table[at] & PTE_PRESENT) || !guest_slot(frame->owner, level, word, at))
		return 0;
	child = mfn_to_frame(PFN_DOWN(table[at] & PTE_ADDR));
	if (child == frame)
		return 0;
	/* A use holds the child's type, whichever it is. */
	rc = get_frame_type(child, atomic_load(&child->type) & (FT_TYPE | FT_TOP_L2), preemptible);
	/* The entry's own use remains. */
	return rc ? rc : put_frame_type(child, preemptible);
}

/*
 * A topmost pv32 L2 is one root's alone. Nothing here needs that, but Xen refuses another root that
 * names it, since there the table holds what differs from root to root.
 */
static bool is_shared(u64 pte)
{
	u64 word = atomic_load(&mfn_to_frame(PFN_DOWN(pte & PTE_ADDR))->type);

	/* Who holds the page lock holds a use, and is no root. */
	return (word & FT_COUNT) != (word & FT_LOCKED ? 2 : 1);
}

static int validate_table(struct frame *frame, u64 word, bool preemptible)
{
	u64 *table = mfn_to_virt(frame_to_mfn(frame));
	unsigned level = type_level(word), nr = contents_entries(frame, word);
	const struct domain *d = frame->owner;
	int rc = validate_half_undone(frame, word, preemptible);

	if (rc)
		return rc;
	for (unsigned i = frame->nr_validated; i < nr; i++, frame->nr_validated = (u16)i) {
		u64 pte = READ_ONCE(table[i]), complete = pte;
		u64 flags = child_flags(d, level, i);

		if (!(pte & PTE_PRESENT) || !guest_slot(d, level, word, i))
			continue;
		if (preemptible && preempt_pending())
			return -ERESTART;
		rc = get_entry(&complete, level, flags, frame, d, d, preemptible);
		if (rc)
			return rc;
		if (complete != pte)
			WRITE_ONCE(table[i], complete);
		if (flags && is_shared(pte)) {
			frame->nr_validated = (u16)(i + 1);
			return -EINVAL;
		}
	}
	return fill_own_slots(frame, table, level, word);
}

static int validate_descriptors(struct frame *frame)
{
	u64 *table = mfn_to_virt(frame_to_mfn(frame));
	const struct owner *o = owner_of(frame->owner);

	for (unsigned i = 0; i < PTES_PER_TABLE; i++)
		if (!descriptor_fix(&table[i], o->is_pv32, o->compat_m2p_start))
			return -EINVAL;
	return 0;
}

int validate_contents(struct frame *frame, u64 word, bool preemptible)
{
	if (!frame->owner)
		return -EINVAL;
	if ((word & FT_TYPE) == FT_SEG)
		return validate_descriptors(frame);
	if ((word & FT_TYPE) == FT_L4 && owner_of(frame->owner)->is_pv32)
		return -EINVAL;
	if ((word & FT_TYPE) == FT_L1)
		return validate_leaves(frame);
	return validate_table(frame, word, preemptible);
}

/* The entry at which a refused table stopped may have left an orphan below itself. */
static int clear_orphan_below(struct frame *frame, u64 word, bool preemptible)
{
	unsigned at = frame->nr_validated, level = type_level(word);
	const u64 *table = mfn_to_virt(frame_to_mfn(frame));
	mfn_t mfn;

	if (level < 3 || at >= contents_entries(frame, word) || !(table[at] & PTE_PRESENT) ||
	    !guest_slot(frame->owner, level, word, at))
		return 0;
	mfn = PFN_DOWN(table[at] & PTE_ADDR);
	return mfn_valid(mfn) && mfn_to_frame(mfn) != frame &&
	       mfn_to_frame(mfn)->owner == frame->owner ?
		       clear_orphan(mfn_to_frame(mfn), preemptible) : 0;
}

int invalidate_contents(struct frame *frame, u64 word, bool preemptible)
{
	const u64 *table = mfn_to_virt(frame_to_mfn(frame));
	unsigned level = type_level(word);
	int rc;

	if ((word & FT_TYPE) == FT_SEG)
		return 0;
	if (level == 1) {
		invalidate_leaves(frame);
		return 0;
	}
	rc = clear_orphan_below(frame, word, preemptible);
	for (; !rc && frame->nr_validated > 0; frame->nr_validated--) {
		unsigned i = frame->nr_validated - 1;

		if (!guest_slot(frame->owner, level, word, i))
			continue;
		if (preemptible && (table[i] & PTE_PRESENT) && preempt_pending())
			return -ERESTART;
		rc = put_entry(table[i], frame, preemptible);
		if (rc)
			return rc;
	}
	return rc;
}
