/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the leaves that a domain would have, changes bits by the rules, and sets those it changed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/builder/cpu_policy.h"
#include "tools/hypercall/xc.h"

_Static_assert(CPUID_NO_SUBLEAF == XEN_CPUID_NO_SUBLEAF, "rules are for the hypervisor's leaves");

/* The leaf that a rule is for; one that the domain does not have is all zero. */
static struct xen_cpuid_leaf changed_leaf(const struct cpuid_rule *rule, const struct xen_cpuid_leaf *leaves,
					  unsigned int nr)
{
	struct xen_cpuid_leaf leaf = { .leaf = rule->leaf, .subleaf = rule->subleaf };
	uint32_t *regs[] = { &leaf.a, &leaf.b, &leaf.c, &leaf.d };
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (leaves[i].leaf == rule->leaf && leaves[i].subleaf == rule->subleaf)
			leaf = leaves[i];
	for (i = 0; i < 4; i++)
		*regs[i] = (*regs[i] & ~rule->mask[i]) | rule->value[i];
	return leaf;
}

static int set_failed(struct fault *fault, int rc, const struct xen_cpuid_leaf *refused)
{
	if (refused->leaf == ~0u)
		return fault_set(fault, rc, "cpuid: setting it: %s", strerror(-rc));
	if (refused->subleaf == CPUID_NO_SUBLEAF)
		return fault_set(fault, rc, "cpuid: the hypervisor refuses leaf 0x%x: %s",
				 (unsigned int)refused->leaf, strerror(-rc));
	return fault_set(fault, rc, "cpuid: the hypervisor refuses leaf 0x%x, subleaf 0x%x: %s",
			 (unsigned int)refused->leaf, (unsigned int)refused->subleaf, strerror(-rc));
}

int cpu_policy_apply(const struct domain_config *config, domid_t domid, struct fault *fault)
{
	struct xen_cpuid_leaf changed[DOMAIN_MAX_CPUID], refused, *leaves = NULL;
	unsigned int i, nr = 0;
	int rc = xc_domain_get_cpu_policy(domid, NULL, &nr);

	if (!rc) {
		leaves = malloc(nr * sizeof(*leaves));
		rc = leaves ? xc_domain_get_cpu_policy(domid, leaves, &nr) : -ENOMEM;
	}
	if (rc) {
		free(leaves);
		return fault_set(fault, rc, "cpuid: reading what there is: %s", strerror(-rc));
	}
	for (i = 0; i < config->nr_cpuid; i++)
		changed[i] = changed_leaf(&config->cpuid[i], leaves, nr);
	free(leaves);
	rc = xc_domain_set_cpu_policy(domid, changed, config->nr_cpuid, &refused);
	return rc ? set_failed(fault, rc, &refused) : 0;
}
