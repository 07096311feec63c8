/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * May A do X to B: rules in a table. What a domain may do to itself without asking here is decided
 * by may_target() where the hypercall is decoded.
 */
#include "hypervisor/control/policy.h"

#include "hypervisor/domain/domain.h"
#include "hypervisor/lib/errno.h"

enum rule {
	NOBODY,			/* what has no row: a forgotten action is a refused one */
	THE_PRIVILEGED,
};

static const u8 rules[POLICY_ACTIONS] = {
	[POLICY_CONTROL_DOMAIN] = THE_PRIVILEGED,
	[POLICY_CONTROL_HOST] = THE_PRIVILEGED,
	[POLICY_CONTROL_MACHINE] = THE_PRIVILEGED,
};

int policy_check(enum policy_action action, const struct domain *subject,
		 const struct domain *target)
{
	(void)target;
	switch (action < POLICY_ACTIONS ? rules[action] : NOBODY) {
	case THE_PRIVILEGED:
		return subject->is_privileged ? 0 : -EPERM;
	default:
		return -EPERM;
	}
}
