/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entries that nearly all are, leaves, inline for the loops over tables and for single updates:
 * in the usual case no call is made.
 */
#ifndef HV_MM_LEAF_FAST_H
#define HV_MM_LEAF_FAST_H

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/mm/frame_fast.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/owner.h"

#define PTE_CACHE	(PTE_PWT | PTE_PCD)
#define PTE_HIGH	0x7ff0000000000000ull	/* bits 52-62: the guest's own, but in a PAE L3 */

/* Bits that a guest must leave clear in a present entry. */
static inline u64 refused_bits(const struct domain *d, unsigned level)
{
	u64 refused = PTE_CACHE | PTE_PSE | cpu_has.pte_reserved;

	if (level > 1)
		refused |= PTE_GLOBAL;
	else if (owner_of(d)->iomem)
		refused &= ~(PTE_CACHE | PTE_PAT);
	if (level == 3 && owner_of(d)->is_pv32)
		refused |= PTE_NX | PTE_HIGH;
	return refused;
}

/*
 * No guest mapping is global (mm/tlb.h relies on it). A pv64 kernel runs at ring 3, so its pages
 * carry the user bit. A PAE L3 entry has no access bits of its own, but long mode reads them.
 */
static inline u64 complete_entry(u64 pte, unsigned level, const struct domain *d)
{
	pte &= ~PTE_GLOBAL;
	if (!owner_of(d)->is_pv32)
		return pte | PTE_USER;
	return level == 3 ? pte | PTE_USER | PTE_RW : pte;
}

static inline bool leaf_bits_ok(u64 pte, const struct domain *d)
{
	return likely(!(pte & (PTE_CACHE | PTE_PSE | cpu_has.pte_reserved))) ||
	       !(pte & refused_bits(d, 1));
}

/* What is no RAM of anybody's may be a device's, which only who was given it may map. */
/* The control domain may be at work on d's tables, and on what d may map. */
static inline bool may_map_device(const struct domain *d, mfn_t mfn)
{
	struct owner *o = owner_of(d);
	bool may;

	if (!READ_ONCE(o->iomem))
		return false;
	lock(&o->pages_lock);
	may = rangeset_contains(o->iomem, mfn, mfn);
	unlock(&o->pages_lock);
	return may;
}

/* Of a present leaf: checks it, takes what it refers to, completes it. 0 or -EINVAL. */
static inline __attribute__((always_inline)) int take_leaf(u64 *pte, const struct domain *d,
							   const struct domain *pg_owner)
{
	mfn_t mfn = PFN_DOWN(*pte & PTE_ADDR);
	struct frame *frame = mfn_to_frame(mfn);

	if (unlikely(!leaf_bits_ok(*pte, d)))
		return -EINVAL;
	/* What is not RAM has no reference that another could join. */
	if (likely(mfn < max_mfn && hold_frame(frame, pg_owner))) {
		if ((*pte & PTE_RW) && unlikely(use_frame(frame, FT_WRITABLE))) {
			drop_frame(frame);
			return -EINVAL;
		}
		if ((*pte & PTE_RW) && unlikely(pg_owner != d))
			frame_mapped_foreign(frame);
	} else if (mfn_valid(mfn)) {
		return -EINVAL;
	} else if (!may_map_device(d, mfn)) {
		/* The highest number there is stands for none. */
		return mfn == PFN_DOWN(PTE_ADDR) ? -EINVAL : -EPERM;
	}
	*pte = complete_entry(*pte, 1, d);
	return 0;
}

/*
 * Of any leaf. A read-only one that goes away may have been part of the guest's LDT, whose pages the
 * CPU window maps by their linear address.
 */
static inline void release_leaf(u64 pte, const struct domain *d)
{
	mfn_t mfn = PFN_DOWN(pte & PTE_ADDR);
	struct frame *frame = mfn_to_frame(mfn);

	if (!(pte & PTE_PRESENT) || unlikely(!mfn_valid(mfn)))
		return;
	if (pte & PTE_RW)
		unuse_frame(frame);
	else if (unlikely(frame_type(frame) == FT_SEG && frame_in_use(frame)))
		ldt_mapping_gone(d);
	drop_frame(frame);
}

#endif
