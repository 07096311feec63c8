/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU policies, as Xen's tools read, change and set them. The lists have the form that those expect, to
 * the last empty leaf: they write what they have read into as much room as it took. No MSR of a policy
 * means anything to a guest here, and so each is zero.
 */
#include "hypervisor/control/cpu_policy.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/domain/cpuid.h"
#include "hypervisor/domain/cpuid_policy.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "pvabi/arch-x86/cpuid.h"
#include "pvabi/domctl.h"

#define NONE	(~0u)		/* in err_leaf, err_subleaf, err_msr */

/* MSR_INTEL_PLATFORM_INFO, MSR_ARCH_CAPABILITIES */
static const u32 msrs[] = { 0xce, 0x10a };

/* --- reading ---------------------------------------------------------------------------------- */

struct leaves {
	const struct domain *d;
	gva_t to;
	u32 room, nr;
	int rc;
};

/* Xen's own leaves have a limit in a policy, and none is set. */
static struct cpuid_regs ask(const struct domain *d, u32 leaf, u32 subleaf)
{
	if (leaf == XEN_CPUID_FIRST_LEAF || leaf == XEN_CPUID_FIRST_LEAF + 0x100)
		return (struct cpuid_regs){ 0 };
	return d ? cpuid_of_domain(d, leaf, subleaf) : cpuid(leaf, subleaf);
}

/* What differs between vCPUs and moments is nobody's policy: the APIC id, OSXSAVE. */
static void ignore_volatile(struct xen_cpuid_leaf *leaf)
{
	if (leaf->leaf == 1) {
		leaf->b &= 0x00ffffff;
		leaf->c &= ~(1u << 27);
	}
}

static void put(struct leaves *l, u32 leaf, u32 subleaf)
{
	u32 actual = subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : subleaf;
	struct cpuid_regs r = ask(l->d, leaf, actual);
	struct xen_cpuid_leaf out = { leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx };

	ignore_volatile(&out);
	if (!l->rc) {
		if (l->nr == l->room)
			l->rc = -ENOBUFS;
		else
			l->rc = copy_to_guest(l->to + l->nr * sizeof(out), &out, sizeof(out));
	}
	l->nr++;
}

/* Caches and topology end with a subleaf whose type is 0, which is part of the list. */
static void put_typed(struct leaves *l, u32 leaf, u32 max)
{
	for (u32 i = 0; i < max; i++) {
		struct cpuid_regs r = ask(l->d, leaf, i);

		put(l, leaf, i);
		if (!(leaf == 0x4 ? r.eax & 0x1f : r.ecx & 0xff00))
			return;
	}
}

static void put_features(struct leaves *l)
{
	u32 max = MIN(ask(l->d, 0x7, 0).eax, CPUID_FEATURE_SUBLEAVES - 1u);

	for (u32 i = 0; i <= max; i++)
		put(l, 0x7, i);
}

/* Up to the highest state there is, with the gaps below it. */
static void put_states(struct leaves *l)
{
	struct cpuid_regs main = ask(l->d, 0xd, 0), other = ask(l->d, 0xd, 1);
	u64 states = ((u64)(main.edx | other.edx) << 32) | main.eax | other.ecx;

	put(l, 0xd, 0);
	put(l, 0xd, 1);
	for (u32 i = 2; i < CPUID_STATE_SUBLEAVES && states >> i; i++)
		put(l, 0xd, i);
}

static void put_basic(struct leaves *l, u32 leaf)
{
	switch (leaf) {
	case 0x4:
		put_typed(l, leaf, CPUID_CACHE_SUBLEAVES);
		break;
	case 0xb:
		put_typed(l, leaf, CPUID_TOPOLOGY_SUBLEAVES);
		break;
	case 0x7:
		put_features(l);
		break;
	case 0xd:
		put_states(l);
		break;
	default:
		put(l, leaf, XEN_CPUID_NO_SUBLEAF);
	}
}

static int write_leaves(const struct domain *d, gva_t to, u32 *nr)
{
	struct leaves l = { .d = d, .to = to, .room = *nr };
	u32 max = MIN(ask(d, 0, 0).eax, CPUID_BASIC_LEAVES - 1u);

	for (u32 leaf = 0; leaf <= max; leaf++)
		put_basic(&l, leaf);
	put(&l, XEN_CPUID_FIRST_LEAF, XEN_CPUID_NO_SUBLEAF);
	put(&l, XEN_CPUID_FIRST_LEAF + 0x100, XEN_CPUID_NO_SUBLEAF);
	max = MIN(ask(d, CPUID_EXTENDED, 0).eax, CPUID_EXTENDED + CPUID_EXTENDED_LEAVES - 1);
	for (u32 leaf = CPUID_EXTENDED; leaf <= max; leaf++)
		put(&l, leaf, XEN_CPUID_NO_SUBLEAF);
	*nr = l.nr;
	return l.rc;
}

static int write_msrs(gva_t to, u32 *nr)
{
	u32 room = *nr;

	*nr = ARRAY_SIZE(msrs);
	if (room < ARRAY_SIZE(msrs))
		return -ENOBUFS;
	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++) {
		struct xen_msr_entry entry = { .idx = msrs[i] };

		if (copy_to_guest(to + i * sizeof(entry), &entry, sizeof(entry)))
			return -EFAULT;
	}
	return 0;
}

int cpu_policy_write(const struct domain *d, const struct policy_room *room)
{
	int rc = 0;

	if (room->leaves)
		rc = write_leaves(d, room->leaves, room->nr_leaves);
	else
		*room->nr_leaves = CPUID_POLICY_LEAVES;
	if (rc)
		return rc;
	if (room->msrs)
		return write_msrs(room->msrs, room->nr_msrs);
	*room->nr_msrs = ARRAY_SIZE(msrs);
	return 0;
}

/* --- setting ---------------------------------------------------------------------------------- */

static int take_leaves(struct cpuid_policy *policy, struct xen_domctl_cpu_policy *p)
{
	struct xen_cpuid_leaf leaf;
	int rc;

	for (u32 i = 0; i < p->nr_leaves; i++) {
		if (copy_from_guest(&leaf, (gva_t)p->leaves.p + i * sizeof(leaf), sizeof(leaf)))
			return -EFAULT;
		ignore_volatile(&leaf);
		rc = cpuid_policy_put(policy, &leaf);
		if (rc) {
			p->err_leaf = leaf.leaf;
			p->err_subleaf = leaf.subleaf;
			return rc;
		}
	}
	return 0;
}

static bool is_policy_msr(u32 msr)
{
	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++)
		if (msrs[i] == msr)
			return true;
	return false;
}

static int check_msrs(struct xen_domctl_cpu_policy *p)
{
	struct xen_msr_entry entry;

	for (u32 i = 0; i < p->nr_msrs; i++) {
		if (copy_from_guest(&entry, (gva_t)p->msrs.p + i * sizeof(entry), sizeof(entry)))
			return -EFAULT;
		p->err_msr = entry.idx;
		if (!is_policy_msr(entry.idx))
			return -ERANGE;
		if (entry.flags || entry.val)
			return -EINVAL;
	}
	p->err_msr = NONE;
	return 0;
}

/* Leaves beyond the machine's cannot be promised; what else is too much is taken away quietly. */
static int check_limits(const struct domain *d, const struct cpuid_policy *policy,
			struct xen_domctl_cpu_policy *p)
{
	static const struct xen_cpuid_leaf limits[] = {
		{ .leaf = 0, .subleaf = XEN_CPUID_NO_SUBLEAF }, { .leaf = 0x7, .subleaf = 0 },
		{ .leaf = CPUID_EXTENDED, .subleaf = XEN_CPUID_NO_SUBLEAF },
	};

	for (u32 i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct xen_cpuid_leaf *own = cpuid_policy_find(policy, limits[i].leaf, 0);

		if (own && own->a > cpuid_offer(d, own->leaf, 0).eax) {
			p->err_leaf = limits[i].leaf;
			p->err_subleaf = limits[i].subleaf;
			return -EINVAL;
		}
	}
	return 0;
}

int cpu_policy_set(struct domain *d, struct xen_domctl_cpu_policy *p)
{
	struct cpuid_policy *policy;
	int rc;

	p->err_leaf = p->err_subleaf = p->err_msr = NONE;
	if (d->has_run)
		return -EEXIST;
	if (p->nr_leaves > CPUID_POLICY_LEAVES || p->nr_msrs > ARRAY_SIZE(msrs))
		return -E2BIG;
	policy = cpuid_policy_copy(d);
	if (!policy)
		return -ENOMEM;
	rc = take_leaves(policy, p);
	if (!rc)
		rc = check_msrs(p);
	if (!rc)
		rc = check_limits(d, policy, p);
	if (rc)
		kfree(policy);
	else
		cpuid_policy_use(d, policy);
	return rc;
}
