/* SPDX-License-Identifier: GPL-2.0-only */
/* Segment descriptors and selectors that a guest may have. Pure. */
#ifndef HV_ARCH_DESCRIPTOR_H
#define HV_ARCH_DESCRIPTOR_H

#include "hypervisor/lib/types.h"

#define DESC_TYPE(d)	((unsigned)((d) >> 40) & 0xf)
#define DESC_LIMIT	0x000f00000000ffffull
#define DESC_CALL_GATE	0xc
#define DESC_S		(1ull << 44)
#define DESC_DPL_SHIFT	45
#define DESC_PRESENT	(1ull << 47)
#define DESC_L		(1ull << 53)
#define DESC_DB		(1ull << 54)
#define DESC_G		(1ull << 55)

/*
 * Makes *@desc harmless where that is customary (privilege raised to the guest kernel's ring) and
 * returns true, or returns false when it must not stand in a guest's table. @m2p_start: where a pv32
 * guest's address space ends.
 */
bool descriptor_fix(u64 *desc, bool is_pv32, u32 m2p_start);

/* A selector that a guest context may load, raised to the guest's ring: SS-like or CS-like. */
u16 fix_stack_selector(u16 sel, bool is_pv32);
u16 fix_code_selector(u16 sel, bool is_pv32);

#endif
