/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU policies as lists of CPUID leaves, for tools that compare machines and guests. */
#ifndef HV_CONTROL_CPU_POLICY_H
#define HV_CONTROL_CPU_POLICY_H

#include "hypervisor/lib/types.h"

struct vcpu;

/*
 * Writes the leaves that @v is shown (NULL: the machine's own) to @to, room for *@nr; *@nr becomes
 * how many there are. With @to 0 only that. -ENOBUFS, -EFAULT.
 */
int cpu_policy_write(const struct vcpu *v, gva_t to, u32 *nr);

/* Where a policy differs from the one there is. */
struct cpu_policy_error {
	u32 leaf, subleaf;
};

/* 0 when the @nr leaves at @from are what @v is shown anyway; -EINVAL and *@err, -EFAULT. */
int cpu_policy_check(const struct vcpu *v, gva_t from, u32 nr, struct cpu_policy_error *err);

#endif
