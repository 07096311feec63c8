/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the memory manager knows of a domain: the owner of frames.
 *
 * struct domain begins with one (an unnamed member, by -fms-extensions), so the levels above write
 * d->tot_pages, and this level needs no more of a domain than stands here.
 */
#ifndef HV_MM_OWNER_H
#define HV_MM_OWNER_H

#include <stdatomic.h>

#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/types.h"
#include "hypervisor/mm/tlb.h"

struct frame;
struct rangeset;

enum domain_dying {
	DOMAIN_ALIVE,
	DOMAIN_DYING,		/* being torn down: no new references to its frames */
	DOMAIN_DEAD,		/* torn down; the structure waits for its last reference */
};

struct owner {
	u16 id;				/* domid_t */
	u64 serial;			/* unique for ever, as the id is not; never 0 */
	bool is_pv32;			/* width: set before the first vCPU exists */
	bool is_privileged;		/* the control domain */
	bool is_special;		/* DOMID_IO, DOMID_XEN: owners without vCPUs */
	bool has_context;		/* of its first vCPU: who builds it has come to an end */
	_Atomic u32 dying;		/* enum domain_dying */

	struct spinlock pages_lock;	/* RANK_PAGES: guards the next six, and iomem's ranges */
	u32 pages;			/* list of its frames: mfn of the first, or NO_FRAME */
	u32 tot_pages, max_pages;
	u32 relinquish_next;		/* mfn where relinquishing goes on; 0: its walk is not begun */
	bool pins_gone;			/* the first of its two walks is done */
	_Atomic u32 outstanding_pages;	/* XENMEM_claim_pages */
	_Atomic u32 frames_held;	/* frames and shared pages that name it as owner, + 1 till death */

	struct frame *unpinned;		/* dying: its pin's use is still to be put */

	shared_cpumask_t cpus;		/* that may hold its translations: see mm/tlb.h */
	_Atomic u64 vm_assist;		/* VMASST_TYPE_* bits */
	u32 compat_m2p_start;		/* pv32: from here up its topmost L2 is ours */
	struct rangeset *iomem;		/* device frames it may map; NULL: none */
};

struct domain;

static inline struct owner *owner_of(const struct domain *d)
{
	return (struct owner *)d;
}

/* Any root of a guest with this has the M2P until it is used for user mode; else a kernel's in use. */
static inline bool m2p_is_strict(const struct domain *d)
{
	return atomic_load(&owner_of(d)->vm_assist) & 1ull << 32;	/* VMASST_TYPE_m2p_strict */
}

/* A pv32 kernel that does not know the extended form of CR3 cannot name a root above 4 GiB. */
static inline bool names_high_roots(const struct domain *d)
{
	return atomic_load(&owner_of(d)->vm_assist) & 1u << 3;	/* VMASST_TYPE_pae_extended_cr3 */
}

static inline bool owner_is_dying(const struct domain *d)
{
	return atomic_load_explicit(&owner_of(d)->dying, memory_order_acquire) != DOMAIN_ALIVE;
}

#endif
