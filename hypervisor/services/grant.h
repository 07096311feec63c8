/* SPDX-License-Identifier: GPL-2.0-only */
/* Grant tables: one domain lets another use its frames. */
#ifndef HV_SERVICES_GRANT_H
#define HV_SERVICES_GRANT_H

#include "hypervisor/lib/types.h"
#include "hypervisor/mm/frame.h"
#include "pvabi/grant_table.h"

struct domain;
struct domain_hooks;

#define GRANT_FRAMES_DEFAULT	64
#define MAPTRACK_FRAMES_DEFAULT	1024

/*
 * GNTTABOP_*: one element each, in the pv64 layout, for the current domain. The decoder loops over
 * the guest's array and preempts between elements. Every outcome is a GNTST_* in op->status.
 */
void grant_map(struct gnttab_map_grant_ref *op);
void grant_copy(struct gnttab_copy *op);
void grant_swap(struct gnttab_swap_grant_ref *op);
void grant_transfer(struct gnttab_transfer *op);	/* always refused */
void grant_query_size(struct gnttab_query_size *op);

/*
 * An unmap has two halves: the mapping goes; then, behind one TLB flush for the whole batch, the
 * granter learns of it and the frame is given back. Finish before anything else is done.
 */
#define GRANT_UNMAP_BATCH	32

struct grant_unmap_batch {
	unsigned nr;
	struct grant_unmapped {
		struct domain *granter;		/* referenced */
		u32 ref, handle;
		u32 done;			/* GNTMAP_host_map, device_map, readonly */
		bool last;			/* nothing is left of the handle */
		mfn_t mfn;
	} el[GRANT_UNMAP_BATCH];
};

void grant_unmap(struct gnttab_unmap_grant_ref *op, struct grant_unmap_batch *batch);
void grant_unmap_and_replace(struct gnttab_unmap_and_replace *op, struct grant_unmap_batch *batch);
void grant_unmap_finish(struct grant_unmap_batch *batch);

/*
 * Frames of the table of @dom (DOMID_SELF, or another for the privileged): makes it at least
 * @nr_frames long; for status frames checks that there are as many. GNTST_okay: *@d is referenced
 * and grant_table_mfn() names the frames.
 */
int grant_setup_table(domid_t dom, u32 nr_frames, struct domain **d);
int grant_status_table(domid_t dom, u32 nr_frames, struct domain **d);
mfn_t grant_table_mfn(const struct domain *d, u32 i);
mfn_t grant_status_mfn(const struct domain *d, u32 i);

/* These answer with an error number; op->version is the version in force afterwards. */
int grant_set_version(struct gnttab_set_version *op);
int grant_get_version(struct gnttab_get_version *op);
int grant_cache_flush(const struct gnttab_cache_flush *op);

/*
 * Before the domain runs. ~0 stands for the default. -EINVAL when less than one, or less than what
 * is in use already; -ENOMEM.
 */
int grant_set_limits(struct domain *d, u32 max_grant_frames, u32 max_maptrack_frames);
/* 1 or 2: the highest version the domain may choose. */
void grant_set_max_version(struct domain *d, u32 version);

/*
 * What grants need of the page tables of the current domain (mm/grant_map.c): install, remove or
 * replace one L1 entry, at a host virtual address or at the machine address of the entry. Both
 * answer GNTST_*.
 *
 * mm_grant_map(): @pte_flags are PTE_RW, PTE_USER and PTE_AVAIL as wanted; the rest of a present
 * entry is added. The caller's reference to the frame, and its use as FT_WRITABLE if PTE_RW is set,
 * belong to the entry when this succeeds, as those of any other entry do; what the entry held
 * before is given back.
 *
 * mm_grant_unmap(): only if the entry names @mfn with that access. Then it is cleared, or, if
 * @new_addr is not 0, replaced by the entry at @new_addr, which is cleared. When this succeeds the
 * entry's reference and use are the caller's again, to be dropped behind its TLB flush.
 */
int mm_grant_map(gva_t addr, bool addr_is_pte, mfn_t mfn, u64 pte_flags);
int mm_grant_unmap(gva_t addr, bool addr_is_pte, gva_t new_addr, mfn_t mfn, bool readonly);

void grant_dump(struct domain *d);
extern const struct domain_hooks grant_hooks;

#endif
