/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hypercall decoders and control operations keep for each domain, that no service needs:
 * the memory map it is told, the console line it is writing, the mark of a control operation.
 */
#ifndef HV_HYPERCALL_GUEST_INFO_H
#define HV_HYPERCALL_GUEST_INFO_H

#include <stdatomic.h>

#include "hypervisor/arch/spinlock.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/hooks.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/types.h"

/* One entry of a memory map, as guests of both widths see it. */
struct e820_entry {
	u64 start;
	u64 size;
	u32 type;
} __packed;

_Static_assert(sizeof(struct e820_entry) == 20, "guests read entries of 20 bytes");

#define GUEST_LINE_MAX	200

struct guest_info {
	/*
	 * Held by the one control operation at work on the domain. No spin lock: such operations
	 * are preempted between steps, and a second caller is sent back to try again.
	 */
	_Atomic bool control_busy;
	bool is_debugged;		/* XEN_DOMCTL_setdebugging */

	struct spinlock lock;		/* RANK_DOMCTL: guards the rest */
	struct e820_entry *map;		/* XENMEM_memory_map; NULL: none was set */
	u32 nr_map;
	char line[GUEST_LINE_MAX];	/* what console_io wrote since the last end of line */
	u32 line_len;
};

extern const struct domain_hooks guest_info_hooks;

/*
 * The rule for calls that a domain may make for itself, and the control domain for everybody. All
 * other rules stand in control/policy.c.
 */
static inline int may_target(const struct domain *subject, const struct domain *target)
{
	return subject == target || subject->is_privileged ? 0 : -EPERM;
}

#endif
