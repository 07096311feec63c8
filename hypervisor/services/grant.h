/* SPDX-License-Identifier: GPL-2.0-only */
/* Grant tables: one domain lets another use its frames. */
#ifndef HV_SERVICES_GRANT_H
#define HV_SERVICES_GRANT_H

#include "hypervisor/lib/types.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/grant_map.h"
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
 * Frames of the table of @dom (DOMID_SELF, or another for the privileged): makes it at least @nr long;
 * for status frames checks that there are as many. GNTST_okay: *@d is referenced and grant_mfn() names
 * the frames.
 */
int grant_need_frames(domid_t dom, bool status, u32 nr, struct domain **d);
u32 grant_max_frames(const struct domain *d, bool status);
mfn_t grant_mfn(const struct domain *d, bool status, u32 i);

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

void grant_dump(struct domain *d);
extern const struct domain_hooks grant_hooks;

#endif
