/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU policies as lists of CPUID leaves and MSRs, for tools that compare machines and build guests. */
#ifndef HV_CONTROL_CPU_POLICY_H
#define HV_CONTROL_CPU_POLICY_H

#include "hypervisor/lib/types.h"

struct domain;
struct xen_domctl_cpu_policy;

/* Where a policy is to go: room for *@nr; a null address asks how many there are at most. */
struct policy_room {
	gva_t leaves, msrs;
	u32 *nr_leaves, *nr_msrs;
};

/*
 * Writes what @d is shown (NULL: the machine's own); the numbers become how many were written, or
 * would have been. -ENOBUFS, -EFAULT.
 */
int cpu_policy_write(const struct domain *d, const struct policy_room *room);

/*
 * XEN_DOMCTL_set_cpu_policy: the leaves that @p names become those of @d, which has never
 * run (-EEXIST). What is not named stays. -E2BIG, -EFAULT, -ENOMEM; -ERANGE for what a policy
 * does not speak of and -EINVAL for what would promise more than there is, named in @p's err_*.
 */
int cpu_policy_set(struct domain *d, struct xen_domctl_cpu_policy *p);

#endif
