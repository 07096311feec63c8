/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one door to guest memory. No other file dereferences a guest's address.
 *
 * A copy works on the current vCPU's address space as the hardware has it, checks that the range
 * lies outside the hypervisor, and survives faults: what cannot be read or written is -EFAULT, and
 * the page tables decide (CR0.WP is set, so a read-only mapping refuses writes). There are no
 * unchecked twins. Read a structure once into a local and use only the local.
 */
#ifndef HV_ARCH_GUEST_ACCESS_H
#define HV_ARCH_GUEST_ACCESS_H

#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/lib/types.h"

/* 0 or -EFAULT. @len may be 0. */
int __must_check copy_from_guest(void *dst, gva_t src, size_t len);
int __must_check copy_to_guest(gva_t dst, const void *src, size_t len);
int __must_check clear_guest(gva_t dst, size_t len);

/* The upper bits repeat bit 47, or the CPU takes it for no address at all. */
static inline bool is_canonical(u64 addr)
{
	return (u64)((s64)(addr << 16) >> 16) == addr;
}

/*
 * True when all of [addr, addr + len) may belong to the current guest. The M2P table, which it may
 * read itself, does not.
 */
#ifndef PARAVANE_HOST_TEST
static inline bool guest_range_ok(gva_t addr, size_t len)
{
	gva_t end = addr + len;

	if (end < addr)
		return false;
	if (this_cpu()->guest_is_pv32)
		return end <= this_cpu()->guest_m2p_start;
	return end <= 1ull << 47 || addr >= HV_VIRT_END;
}
#else
bool guest_range_ok(gva_t addr, size_t len);
#endif

#endif
