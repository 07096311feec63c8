/* SPDX-License-Identifier: GPL-2.0-only */
/* Leaf entries for granted frames, in the current domain's page tables. */
#ifndef HV_MM_GRANT_MAP_H
#define HV_MM_GRANT_MAP_H

#include "hypervisor/lib/types.h"

struct domain;

/* A reference to @owner's frame, and a use as writable memory if so: 0 or GNTST_*. */
int mm_grant_hold(mfn_t mfn, const struct domain *owner, bool writes);
void mm_grant_release(mfn_t mfn, bool writes);

/*
 * Both work on one L1 entry, named by a host virtual address or by the machine address of the entry
 * itself, and answer GNTST_*.
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

#endif
