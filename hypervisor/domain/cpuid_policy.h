/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID leaves that the control domain chose for a domain. */
#ifndef HV_DOMAIN_CPUID_POLICY_H
#define HV_DOMAIN_CPUID_POLICY_H

#include "hypervisor/domain/domain.h"
#include "pvabi/arch-x86/xen.h"

/* What a policy may speak of, as Xen 4.17's: leaves below these, and subleaves of some. */
#define CPUID_BASIC_LEAVES	0xe
#define CPUID_EXTENDED_LEAVES	0x22
#define CPUID_CACHE_SUBLEAVES	6
#define CPUID_FEATURE_SUBLEAVES	3
#define CPUID_TOPOLOGY_SUBLEAVES 2
#define CPUID_STATE_SUBLEAVES	63
#define CPUID_XEN_LEAVES	2
#define CPUID_POLICY_LEAVES	(CPUID_BASIC_LEAVES - 4 + CPUID_CACHE_SUBLEAVES + CPUID_FEATURE_SUBLEAVES + \
				 CPUID_TOPOLOGY_SUBLEAVES + CPUID_STATE_SUBLEAVES + CPUID_XEN_LEAVES + \
				 CPUID_EXTENDED_LEAVES)
#define CPUID_EXTENDED		0x80000000u

struct cpuid_policy {
	u32 nr;
	struct xen_cpuid_leaf leaf[CPUID_POLICY_LEAVES];
};

/* A copy of @d's policy, empty where none was set; NULL when memory is short. kfree() drops it. */
struct cpuid_policy *cpuid_policy_copy(const struct domain *d);

/* Takes in a leaf, in the place of the one there was. -ERANGE: a policy does not speak of it. */
int cpuid_policy_put(struct cpuid_policy *policy, const struct xen_cpuid_leaf *leaf);

/* NULL when @policy (which may be NULL) does not say. */
const struct xen_cpuid_leaf *cpuid_policy_find(const struct cpuid_policy *policy, u32 leaf,
					       u32 subleaf);

/* Makes it the one of @d, which has never run. */
void cpuid_policy_use(struct domain *d, struct cpuid_policy *policy);

#endif
