/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's own CPUID policy: a short list, which few domains have. */
#include "hypervisor/domain/cpuid_policy.h"

#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "pvabi/arch-x86/cpuid.h"

_Static_assert(CPUID_POLICY_LEAVES == 120, "Xen's tools are told so");

/* How many subleaves of @leaf there may be; 0: it has none. */
static u32 subleaves(u32 leaf)
{
	switch (leaf) {
	case 0x4:
		return CPUID_CACHE_SUBLEAVES;
	case 0x7:
		return CPUID_FEATURE_SUBLEAVES;
	case 0xb:
		return CPUID_TOPOLOGY_SUBLEAVES;
	case 0xd:
		return CPUID_STATE_SUBLEAVES;
	default:
		return 0;
	}
}

static bool is_known(const struct xen_cpuid_leaf *l)
{
	if (subleaves(l->leaf))
		return l->subleaf < subleaves(l->leaf);
	return l->subleaf == XEN_CPUID_NO_SUBLEAF &&
	       (l->leaf < CPUID_BASIC_LEAVES || l->leaf - CPUID_EXTENDED < CPUID_EXTENDED_LEAVES ||
		l->leaf == XEN_CPUID_FIRST_LEAF || l->leaf == XEN_CPUID_FIRST_LEAF + 0x100);
}

struct cpuid_policy *cpuid_policy_copy(const struct domain *d)
{
	struct cpuid_policy *policy = kalloc(sizeof(*policy));

	if (policy && d->cpuid_policy)
		*policy = *d->cpuid_policy;
	return policy;
}

const struct xen_cpuid_leaf *cpuid_policy_find(const struct cpuid_policy *policy, u32 leaf,
					       u32 subleaf)
{
	for (u32 i = 0; policy && i < policy->nr; i++) {
		const struct xen_cpuid_leaf *l = &policy->leaf[i];

		if (l->leaf == leaf && (l->subleaf == subleaf || l->subleaf == XEN_CPUID_NO_SUBLEAF))
			return l;
	}
	return NULL;
}

int cpuid_policy_put(struct cpuid_policy *policy, const struct xen_cpuid_leaf *leaf)
{
	u32 i;

	if (!is_known(leaf))
		return -ERANGE;
	for (i = 0; i < policy->nr; i++)
		if (policy->leaf[i].leaf == leaf->leaf && policy->leaf[i].subleaf == leaf->subleaf)
			break;
	policy->leaf[i] = *leaf;	/* there is room for each that is known */
	policy->nr = MAX(policy->nr, i + 1);
	return 0;
}

void cpuid_policy_use(struct domain *d, struct cpuid_policy *policy)
{
	kfree(d->cpuid_policy);
	d->cpuid_policy = policy;
}
