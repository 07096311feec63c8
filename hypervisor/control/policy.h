/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place that says whether domain A may do X to domain B. */
#ifndef HV_CONTROL_POLICY_H
#define HV_CONTROL_POLICY_H

#include "hypervisor/lib/types.h"

struct domain;

enum policy_action {
	POLICY_CONTROL_DOMAIN,	/* domctl */
	POLICY_CONTROL_HOST,	/* sysctl */
	POLICY_CONTROL_MACHINE,	/* platform_op */
	POLICY_ACTIONS,
};

/* 0 or -EPERM. @target is NULL for what concerns no domain. */
int policy_check(enum policy_action action, const struct domain *subject,
		 const struct domain *target);

#endif
