/* SPDX-License-Identifier: GPL-2.0-only */
/* Looking at the page tables that are loaded. */
#ifndef HV_MM_WALK_H
#define HV_MM_WALK_H

#include "hypervisor/lib/types.h"

/* The L1 entry that maps @addr in the address space loaded on this CPU, or 0. */
u64 guest_leaf_entry(gva_t addr);

/*
 * Where that entry stands: its table's frame and its index. False when a higher level is missing or
 * maps a large page. No reference is taken: only the current guest's tables are safe to use so.
 */
struct frame;
bool guest_find_leaf(gva_t addr, struct frame **table, unsigned *index);

#endif
