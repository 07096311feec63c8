/* SPDX-License-Identifier: GPL-2.0-only */
/* Grant tables: one domain lets another use its frames. */
#ifndef HV_SERVICES_GRANT_H
#define HV_SERVICES_GRANT_H

#include "hypervisor/lib/types.h"
#include "hypervisor/mm/frame.h"
#include "pvabi/grant_table.h"

struct domain;
struct domain_hooks;

/*
 * GNTTABOP_*: one element each, in the pv64 layout, status written into it. The decoder loops over
 * the guest's array and preempts between elements. Every outcome is a GNTST_* in op->status.
 */
void grant_map(struct gnttab_map_grant_ref *op);
void grant_unmap(struct gnttab_unmap_grant_ref *op);		/* TLB flush left to the caller: */
void grant_unmap_and_replace(struct gnttab_unmap_and_replace *op);
void grant_unmap_flush(void);					/* once after a batch of unmaps */
void grant_copy(struct gnttab_copy *op);
int grant_setup_table(struct gnttab_setup_table *op, u64 *frames, unsigned frames_max);
void grant_query_size(struct gnttab_query_size *op);
int grant_set_version(struct gnttab_set_version *op);
void grant_get_version(struct gnttab_get_version *op);
int grant_get_status_frames(struct gnttab_get_status_frames *op, u64 *frames, unsigned max);
void grant_swap(struct gnttab_swap_grant_ref *op);
int grant_cache_flush(struct gnttab_cache_flush *op);

int grant_set_limits(struct domain *d, u32 max_grant_frames, u32 max_maptrack_frames);

/*
 * What grants need of the page tables of the current domain (mm/grant_map.c): install, remove or
 * replace one L1 entry, at a host virtual address or at the machine address of the entry.
 */
int mm_grant_map(gva_t addr, bool addr_is_pte, mfn_t mfn, u64 pte_flags);
int mm_grant_unmap(gva_t addr, bool addr_is_pte, gva_t new_addr, mfn_t mfn, bool readonly);

void grant_dump(struct domain *d);
extern const struct domain_hooks grant_hooks;

#endif
