/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU policies. A guest is shown what domain/cpuid.c says, whoever built it: so a policy can be
 * read, and "set" when it is the one there is. There are no MSRs in it.
 */
#include "hypervisor/control/cpu_policy.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/domain/cpuid.h"
#include "hypervisor/lib/errno.h"
#include "pvabi/arch-x86/xen.h"

#define BASIC_MAX	0xdu
#define EXTENDED	0x80000000u
#define EXTENDED_MAX	0x80000021u
#define HYPERVISOR	0x40000000u
#define SUBLEAVES_MAX	63

struct leaves {
	const struct vcpu *v;
	gva_t to;
	u32 room, nr;
	int rc;
};

static struct cpuid_regs ask(const struct vcpu *v, u32 leaf, u32 subleaf)
{
	return v ? guest_cpuid(v, leaf, subleaf) : cpuid(leaf, subleaf);
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
	struct cpuid_regs r = ask(l->v, leaf, actual);
	struct xen_cpuid_leaf out = { leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx };

	ignore_volatile(&out);
	if (l->to && !l->rc) {
		if (l->nr == l->room)
			l->rc = -ENOBUFS;
		else
			l->rc = copy_to_guest(l->to + l->nr * sizeof(out), &out, sizeof(out));
	}
	l->nr++;
}

/* Caches and topology end with a subleaf whose type is 0, which is part of the list. */
static void put_typed(struct leaves *l, u32 leaf)
{
	for (u32 i = 0; i < SUBLEAVES_MAX; i++) {
		struct cpuid_regs r = ask(l->v, leaf, i);

		put(l, leaf, i);
		if (!(leaf == 0x4 ? r.eax & 0x1f : r.ecx & 0xff00))
			return;
	}
}

static void put_features(struct leaves *l)
{
	u32 max = MIN(ask(l->v, 0x7, 0).eax, 2u);

	for (u32 i = 0; i <= max; i++)
		put(l, 0x7, i);
}

static void put_states(struct leaves *l)
{
	struct cpuid_regs main = ask(l->v, 0xd, 0), other = ask(l->v, 0xd, 1);
	u64 states = ((u64)(main.edx | other.edx) << 32) | main.eax | other.ecx;

	put(l, 0xd, 0);
	put(l, 0xd, 1);
	for (u32 i = 2; i < SUBLEAVES_MAX; i++)
		if (states & BIT(i))
			put(l, 0xd, i);
}

static void put_basic(struct leaves *l, u32 leaf)
{
	switch (leaf) {
	case 0x4:
	case 0xb:
		put_typed(l, leaf);
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

int cpu_policy_write(const struct vcpu *v, gva_t to, u32 *nr)
{
	struct leaves l = { .v = v, .to = to, .room = *nr };
	u32 max = MIN(ask(v, 0, 0).eax, BASIC_MAX);

	for (u32 leaf = 0; leaf <= max; leaf++)
		put_basic(&l, leaf);
	if (v)
		put(&l, HYPERVISOR, XEN_CPUID_NO_SUBLEAF);
	max = MIN(ask(v, EXTENDED, 0).eax, EXTENDED_MAX);
	for (u32 leaf = EXTENDED; leaf <= max; leaf++)
		put(&l, leaf, XEN_CPUID_NO_SUBLEAF);
	*nr = l.nr;
	return l.rc;
}

static bool is_shown(const struct vcpu *v, struct xen_cpuid_leaf *wanted)
{
	u32 subleaf = wanted->subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : wanted->subleaf;
	struct cpuid_regs r = ask(v, wanted->leaf, subleaf);
	struct xen_cpuid_leaf shown = { wanted->leaf, wanted->subleaf, r.eax, r.ebx, r.ecx, r.edx };

	ignore_volatile(&shown);
	ignore_volatile(wanted);
	return shown.a == wanted->a && shown.b == wanted->b && shown.c == wanted->c &&
	       shown.d == wanted->d;
}

#define LEAVES_MAX	256

int cpu_policy_check(const struct vcpu *v, gva_t from, u32 nr, struct cpu_policy_error *err)
{
	struct xen_cpuid_leaf leaf;

	if (nr > LEAVES_MAX)
		return -E2BIG;
	for (u32 i = 0; i < nr; i++) {
		if (copy_from_guest(&leaf, from + i * sizeof(leaf), sizeof(leaf)))
			return -EFAULT;
		err->leaf = leaf.leaf;
		err->subleaf = leaf.subleaf;
		if (!is_shown(v, &leaf))
			return -EINVAL;
	}
	*err = (struct cpu_policy_error){ ~0u, ~0u };
	return 0;
}
