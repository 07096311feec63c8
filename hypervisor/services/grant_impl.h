/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the grant sources share: a domain's table, the active side of its entries, its mappings.
 *
 * A grant has two halves. The shared entry is the guest's: it may change at any moment and is read
 * once. The active entry is ours: who uses the grant, how often for reading and for writing (its
 * pins), and which frame it named when it was first pinned. While it is pinned, the shared entry
 * carries GTF_reading and perhaps GTF_writing, which tell the guest that it cannot end the grant.
 *
 * Nobody takes a whole table's lock to use a grant: an active entry has a byte lock of its own. What
 * concerns all entries at once (a change of version, the end of the table) first stores a version
 * that makes newcomers wait or fail, and then takes and releases the lock of each entry: whoever
 * was at work under the old version has finished by then. See grant_quiesce().
 *
 * A mapping is remembered by its mapper under a handle. The mapper's entry holds a reference to the
 * granting domain's structure, so that a handle never names a stranger who was born under the same
 * id. The frame itself is held by the L1 entry (a host mapping) or by the handle (a device mapping).
 */
#ifndef HV_SERVICES_GRANT_IMPL_H
#define HV_SERVICES_GRANT_IMPL_H

#include <stdatomic.h>

#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/services/byte_lock.h"
#include "hypervisor/services/grant.h"

struct grant_active {
	byte_lock_t lock;
	bool partial : 1;		/* part of a page, or transitive: may be copied, not mapped */
	bool transitive : 1;		/* grant trans_ref of domain trans_dom is meant */
	domid_t user;
	u32 readers, writers;		/* pins; the rest holds while there are any */
	u32 mfn;
	u16 start, length;		/* what may be copied of the frame */
	u32 trans_ref;
	domid_t trans_dom;
} __aligned(32);
_Static_assert(sizeof(struct grant_active) == 32, "a page holds 128");

struct maptrack {
	struct domain *granter;		/* referenced; NULL while free */
	_Atomic u32 ref;		/* while free: the next free handle */
	_Atomic u32 flags;		/* GNTMAP_* of it, and MAPTRACK_BUSY; 0 while free */
};
_Static_assert(sizeof(struct maptrack) == 16, "a page holds 256");

#define MAPTRACK_BUSY	(1u << 31)	/* an unmap is at work on it */
#define NO_HANDLE	(~0u)

#define ACTIVE_PER_PAGE		(PAGE_SIZE / sizeof(struct grant_active))
#define ACTIVE_PAGES		(V1_PER_PAGE / ACTIVE_PER_PAGE)		/* for one frame */
#define MAPTRACK_PER_PAGE	(PAGE_SIZE / sizeof(struct maptrack))
#define V1_PER_PAGE		(PAGE_SIZE / sizeof(struct grant_entry_v1))
#define V2_PER_PAGE		(PAGE_SIZE / sizeof(union grant_entry_v2))
#define STATUS_PER_PAGE		(PAGE_SIZE / sizeof(grant_status_t))

#define GRANT_FRAMES_MAX	4096	/* what may be configured */
#define MAPTRACK_FRAMES_MAX	65536

enum grant_version {
	GRANT_CHANGING,			/* from one to the other: wait */
	GRANT_V1,
	GRANT_V2,
	GRANT_DEAD,			/* the shared pages are gone: pins may only be dropped */
};

struct grant_table {
	struct spinlock lock;		/* RANK_GRANT: growth, version, limits */
	_Atomic u32 version;		/* enum grant_version */
	_Atomic u32 nr_frames;		/* only grows */
	u32 nr_status;
	u32 max_frames, max_maptrack, max_version;
	void **shared;			/* max_frames pages: the guest's entries */
	grant_status_t **status;	/* version 2: the status words */
	struct grant_active **active;	/* max_frames * ACTIVE_PAGES pages */

	struct spinlock maptrack_lock;	/* RANK_MAPTRACK: growth */
	_Atomic u64 free_handle;	/* head of the stack of free ones below, pops counted above */
	_Atomic u32 nr_maptrack;	/* pages */
	struct maptrack **maptrack;	/* max_maptrack pages */
	u32 next_release;		/* where domain_kill() goes on */
};

/* --- grant_entry.c ---------------------------------------------------------------------------- */

/* A use of a grant. The caller says the first five, grant_pin() the rest. */
struct grant_use {
	struct domain *granter;
	u32 ref;
	domid_t user;
	bool writes, is_mapping;
	u8 pins;			/* how many at once */
	mfn_t mfn;
	u16 start, length;
	domid_t trans_dom;		/* of a transitive grant: where it really stands */
	u32 trans_ref;
};

/* GNTST_*, or GRANT_TRANSITIVE: pinned, but the frame is to be found by trans_dom and trans_ref. */
int grant_pin(struct grant_use *use);
#define GRANT_TRANSITIVE	1
void grant_unpin(const struct grant_use *use);

/* The entry locked, and the version under which it was; NULL when @ref is past the table's end. */
struct grant_active *grant_lock_entry(struct grant_table *gt, u32 ref, u32 *version);
u32 grant_entries(struct grant_table *gt, u32 version);
/* Stores @version; when it returns nobody is at work who saw another. */
void grant_quiesce(struct grant_table *gt, u32 version);

static inline struct grant_active *grant_active(struct grant_table *gt, u32 ref)
{
	return &gt->active[ref / ACTIVE_PER_PAGE][ref % ACTIVE_PER_PAGE];
}

static inline struct grant_entry_v1 *grant_v1(struct grant_table *gt, u32 ref)
{
	return (struct grant_entry_v1 *)gt->shared[ref / V1_PER_PAGE] + ref % V1_PER_PAGE;
}

static inline union grant_entry_v2 *grant_v2(struct grant_table *gt, u32 ref)
{
	return (union grant_entry_v2 *)gt->shared[ref / V2_PER_PAGE] + ref % V2_PER_PAGE;
}

static inline grant_status_t *grant_status(struct grant_table *gt, u32 ref)
{
	return &gt->status[ref / STATUS_PER_PAGE][ref % STATUS_PER_PAGE];
}

/* --- grant_map.c ------------------------------------------------------------------------------ */

/* All mappings of a domain that is being killed; their L1 entries go with its page tables. */
int grant_release_mappings(struct domain *d);

static inline struct maptrack *maptrack_entry(struct grant_table *gt, u32 handle)
{
	return &gt->maptrack[handle / MAPTRACK_PER_PAGE][handle % MAPTRACK_PER_PAGE];
}

/* --- grant.c ---------------------------------------------------------------------------------- */

/* A domain with a grant table, referenced, or NULL. */
struct domain *grant_get_domain(domid_t id);

#endif
