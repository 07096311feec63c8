/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPUID policy, for guests that ask by the forced emulation prefix.
 *
 * A guest sees the machine's leaves less what a paravirtualized kernel cannot use: what is the
 * hypervisor's (paging modes, virtualization, machine checks, power, performance counters),
 * and what is switched off in CR4. Leaves not named in the table below are the machine's own if they
 * only describe (brand, caches, addresses), and zero if they offer something.
 *
 * Where the control domain has set leaves of its own for a domain, descriptions are taken from it as they
 * are, and what is offered can become less but not more.
 */
#include "hypervisor/domain/cpuid.h"

#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/cpuid_policy.h"
#include "pvabi/arch-x86/cpuid.h"

/* Leaf 1 */
#define F1D_VME		BIT(1)
#define F1D_PSE		BIT(3)
#define F1D_MCE		BIT(7)
#define F1D_SEP		BIT(11)
#define F1D_MTRR	BIT(12)
#define F1D_PGE		BIT(13)
#define F1D_MCA		BIT(14)
#define F1D_PSE36	BIT(17)
#define F1D_DS		BIT(21)
#define F1D_ACPI	BIT(22)
#define F1D_TM		BIT(29)
#define F1D_PBE		BIT(31)
#define F1C_DTES64	BIT(2)
#define F1C_MONITOR	BIT(3)
#define F1C_DSCPL	BIT(4)
#define F1C_VMX		BIT(5)
#define F1C_SMX		BIT(6)
#define F1C_EST		BIT(7)
#define F1C_TM2		BIT(8)
#define F1C_XTPR	BIT(14)
#define F1C_PDCM	BIT(15)
#define F1C_PCID	BIT(17)
#define F1C_DCA		BIT(18)
#define F1C_X2APIC	BIT(21)
#define F1C_TSC_DEADLINE BIT(24)
#define F1C_XSAVE	BIT(26)
#define F1C_OSXSAVE	BIT(27)
#define F1C_AVX		BIT(28)
#define F1C_F16C	BIT(29)
#define F1C_FMA		BIT(12)
#define F1C_HYPERVISOR	BIT(31)

/* Leaf 7 */
#define F7B_FSGSBASE	BIT(0)
#define F7B_TSC_ADJUST	BIT(1)
#define F7B_SGX		BIT(2)
#define F7B_SMEP	BIT(7)
#define F7B_INVPCID	BIT(10)
#define F7B_PQM		BIT(12)
#define F7B_MPX		BIT(14)
#define F7B_PQE		BIT(15)
#define F7B_SMAP	BIT(20)
#define F7B_PT		BIT(25)
#define F7C_UMIP	BIT(2)
#define F7C_PKU		BIT(3)
#define F7C_OSPKE	BIT(4)
#define F7C_WAITPKG	BIT(5)
#define F7C_CET_SS	BIT(7)
#define F7C_TME		BIT(13)
#define F7C_LA57	BIT(16)
#define F7C_SGX_LC	BIT(30)
#define F7C_PKS		BIT(31)

/* Leaf 0x80000001 */
#define FED_SYSCALL	BIT(11)
#define FED_GIB_PAGES	BIT(26)
#define FED_LM		BIT(29)
#define FEC_LAHF	BIT(0)
#define FEC_SVM		BIT(2)
#define FEC_EXTAPIC	BIT(3)
#define FEC_OSVW	BIT(9)
#define FEC_IBS		BIT(10)
#define FEC_SKINIT	BIT(12)
#define FEC_WDT		BIT(13)
#define FEC_LWP		BIT(15)
#define FEC_NODEID	BIT(19)
#define FEC_TOPOEXT	BIT(22)
#define FEC_PERFCTR	(BIT(23) | BIT(24) | BIT(28))
#define FEC_MWAITX	BIT(29)

struct mask {
	u32 leaf;
	u32 a, b, c, d;		/* bits that are hidden */
};

static const struct mask masks[] = {
	{ 0x1, 0, 0,
	  (u32)(F1C_DTES64 | F1C_MONITOR | F1C_DSCPL | F1C_VMX | F1C_SMX | F1C_EST | F1C_TM2 |
		F1C_XTPR | F1C_PDCM | F1C_PCID | F1C_DCA | F1C_X2APIC | F1C_TSC_DEADLINE),
	  (u32)(F1D_VME | F1D_PSE | F1D_MCE | F1D_MCA | F1D_MTRR | F1D_PGE | F1D_PSE36 |
		F1D_DS | F1D_ACPI | F1D_TM | F1D_PBE) },
	{ 0x7, 0,
	  (u32)(F7B_FSGSBASE | F7B_TSC_ADJUST | F7B_SGX | F7B_SMEP | F7B_INVPCID | F7B_PQM |
		F7B_MPX | F7B_PQE | F7B_SMAP | F7B_PT),
	  (u32)(F7C_UMIP | F7C_PKU | F7C_OSPKE | F7C_WAITPKG | F7C_CET_SS | F7C_TME | F7C_LA57 |
		F7C_SGX_LC | F7C_PKS), ~0u },
	{ 0x80000001, 0, 0,
	  (u32)(FEC_SVM | FEC_EXTAPIC | FEC_OSVW | FEC_IBS | FEC_SKINIT | FEC_WDT | FEC_LWP |
		FEC_NODEID | FEC_TOPOEXT | FEC_PERFCTR | FEC_MWAITX),
	  (u32)(F1D_VME | F1D_PSE | F1D_MCE | F1D_MCA | F1D_MTRR | F1D_PGE | F1D_PSE36 |
		FED_GIB_PAGES) },
};

/* Leaves that describe and offer nothing. */
static bool is_descriptive(u32 leaf)
{
	static const u32 leaves[] = { 0x0, 0x2, 0x4, 0x80000000, 0x80000002, 0x80000003, 0x80000004,
				      0x80000005, 0x80000006, 0x80000008 };

	for (unsigned i = 0; i < ARRAY_SIZE(leaves); i++)
		if (leaves[i] == leaf)
			return true;
	return false;
}

/* As the machine has it, up to the last leaf that means something here. */
static struct cpuid_regs description(u32 leaf, u32 subleaf)
{
	struct cpuid_regs r = cpuid(leaf, subleaf);

	if (leaf == 0)
		r.eax = MIN(r.eax, CPUID_BASIC_LEAVES - 1u);
	else if (leaf == CPUID_EXTENDED)
		r.eax = MIN(r.eax, CPUID_EXTENDED + CPUID_EXTENDED_LEAVES - 1);
	return r;
}

static const struct mask *find_mask(u32 leaf)
{
	for (unsigned i = 0; i < ARRAY_SIZE(masks); i++)
		if (masks[i].leaf == leaf)
			return &masks[i];
	return NULL;
}

/* --- leaves that depend on the guest ---------------------------------------------------------- */

static void adjust_leaf1(struct cpuid_regs *r)
{
	r->ecx |= (u32)F1C_HYPERVISOR;
	r->ebx &= 0x00ffffff;
	if (!cpu_has.xsave)
		r->ecx &= ~(u32)(F1C_XSAVE | F1C_AVX | F1C_F16C | F1C_FMA);
	r->ecx &= ~(u32)F1C_OSXSAVE;
	if (!cpu_has.sysenter_in_long)
		r->edx &= ~(u32)F1D_SEP;
}

static void adjust_extended(const struct domain *d, struct cpuid_regs *r)
{
	if (d->is_pv32) {
		r->edx &= ~(u32)(FED_LM | (cpu_has.syscall_in_compat ? 0 : FED_SYSCALL));
		r->ecx &= ~(u32)FEC_LAHF;
	} else {
		r->edx |= (u32)FED_SYSCALL;
	}
}

static struct cpuid_regs xsave_leaf(u32 subleaf)
{
	struct cpuid_regs r = { 0 };

	if (!cpu_has.xsave || subleaf > 62)
		return r;
	r = cpuid(0xd, subleaf);
	if (subleaf == 0) {
		r.eax &= (u32)cpu_has.xcr0;
		r.edx &= (u32)(cpu_has.xcr0 >> 32);
	} else if (subleaf == 1) {
		r.eax &= 0x7;		/* XSAVEOPT, XSAVEC, XGETBV with ECX 1; no supervisor states */
		r.ecx = r.edx = 0;
	} else if (!(cpu_has.xcr0 & BIT(subleaf))) {
		return (struct cpuid_regs){ 0 };
	}
	return r;
}

static struct cpuid_regs xen_leaf(const struct domain *d, u32 leaf, u32 subleaf)
{
	struct cpuid_regs r = { 0 };

	switch (leaf - XEN_CPUID_FIRST_LEAF) {
	case 0:
		r.eax = XEN_CPUID_FIRST_LEAF + 3;
		r.ebx = XEN_CPUID_SIGNATURE_EBX;
		r.ecx = XEN_CPUID_SIGNATURE_ECX;
		r.edx = XEN_CPUID_SIGNATURE_EDX;
		break;
	case 1:
		r.eax = 4 << 16 | 17;
		break;
	case 2:
		r.eax = 1;		/* hypercall pages, of which the MSR is this: */
		r.ebx = 0x40000000;
		r.ecx = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
		break;
	case 3:
		tsc_cpuid(d, subleaf, &r);
		break;
	}
	return r;
}

/* --- all of it -------------------------------------------------------------------------------- */

struct cpuid_regs cpuid_offer(const struct domain *d, u32 leaf, u32 subleaf)
{
	const struct mask *mask = find_mask(leaf);
	struct cpuid_regs r;

	if (leaf >= XEN_CPUID_FIRST_LEAF && leaf < XEN_CPUID_FIRST_LEAF + 0x100)
		return xen_leaf(d, leaf, subleaf);
	if (leaf == 0xd)
		return xsave_leaf(subleaf);
	if (!mask)
		return is_descriptive(leaf) ? description(leaf, subleaf) : (struct cpuid_regs){ 0 };
	if (leaf == 0x7 && subleaf)
		return (struct cpuid_regs){ 0 };
	r = cpuid(leaf, subleaf);
	r.eax &= ~mask->a;
	r.ebx &= ~mask->b;
	r.ecx &= ~mask->c;
	r.edx &= ~mask->d;
	if (leaf == 0x1)
		adjust_leaf1(&r);
	else if (leaf == 0x7)
		r.eax = 0;
	else
		adjust_extended(d, &r);
	return r;
}

/* --- less of it, for some domains -------------------------------------------------------------- */

/* That it is a guest is no policy's choice, and the APIC id is the vCPU's. */
static struct cpuid_regs narrow_leaf1(struct cpuid_regs offer, const struct xen_cpuid_leaf *own)
{
	return (struct cpuid_regs){
		own->a, own->b & 0x00ffffff, offer.ecx & (own->c | (u32)F1C_HYPERVISOR),
		offer.edx & own->d,
	};
}

/* Sizes and places of states follow from the machine and XCR0. */
static struct cpuid_regs narrow_states(struct cpuid_regs offer, const struct xen_cpuid_leaf *own,
				       u32 subleaf)
{
	if (subleaf < 2)
		offer.eax &= own->a;
	if (subleaf == 0)
		offer.edx &= own->d;
	return offer;
}

struct cpuid_regs cpuid_of_domain(const struct domain *d, u32 leaf, u32 subleaf)
{
	struct cpuid_regs offer = cpuid_offer(d, leaf, subleaf);
	const struct xen_cpuid_leaf *own = cpuid_policy_find(d->cpuid_policy, leaf, subleaf);

	if (likely(!own) || leaf - XEN_CPUID_FIRST_LEAF < 0x200)
		return offer;
	if (is_descriptive(leaf))
		return (struct cpuid_regs){ own->a, own->b, own->c, own->d };
	if (leaf == 0x1)
		return narrow_leaf1(offer, own);
	if (leaf == 0xd)
		return narrow_states(offer, own, subleaf);
	return (struct cpuid_regs){
		leaf == 0x80000001 ? own->a : offer.eax & own->a, offer.ebx & own->b,
		offer.ecx & own->c, offer.edx & own->d,
	};
}

/* --- what depends on the vCPU ------------------------------------------------------------------ */

/*
 * The kernel sees OSXSAVE before it has set it: Linux takes a clear bit for a hypervisor that has no
 * XSAVE, and would save FXSAVE's registers only.
 */
struct cpuid_regs guest_cpuid(const struct vcpu *v, u32 leaf, u32 subleaf)
{
	struct cpuid_regs r = cpuid_of_domain(v->domain, leaf, subleaf);

	if (leaf == 0x1) {
		r.ebx |= (v->id * 2) << 24;
		if (r.ecx & (u32)F1C_XSAVE && (guest_in_kernel(v) || (v->ctrlreg[4] & CR4_OSXSAVE)))
			r.ecx |= (u32)F1C_OSXSAVE;
	}
	return r;
}
