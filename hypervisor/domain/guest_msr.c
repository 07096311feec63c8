/* SPDX-License-Identifier: GPL-2.0-only */
/* The few MSRs that a paravirtualized kernel has. */
#include "hypervisor/domain/guest_msr.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/hypercall_page.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/domain/switch.h"
#include "pvabi/xen.h"

#define MSR_TSC		0x00000010
#define MSR_UCODE_REV	0x0000008b
#define MSR_MISC_FEATURES 0x00000140	/* faults by CPUID, which are not offered */
#define MSR_HYPERCALL	0x40000000	/* as CPUID leaf 0x40000002 says */
#define MISC_PERF_AVAIL	BIT(7)
#define MISC_NO_BTS	BIT(11)
#define MISC_NO_PEBS	BIT(12)
#define MISC_MONITOR	BIT(18)
#define MISC_NO_XTPR	BIT(23)
#define APIC_ENABLED	0x800
#define APIC_BSP	0x100
#define APIC_DEFAULT	0xfee00000

static u64 guest_efer(const struct vcpu *v)
{
	u64 efer = rdmsr(MSR_EFER) & EFER_NXE;

	return v->domain->is_pv32 ? efer : efer | EFER_SCE | EFER_LME | EFER_LMA;
}

/* Where there is one (Intel's): Linux asks it whether string instructions are fast. */
static bool guest_misc_enable(u64 *value)
{
	if (rdmsr_safe(MSR_MISC_ENABLE, value))
		return false;
	*value &= ~(MISC_PERF_AVAIL | MISC_MONITOR);
	*value |= MISC_NO_BTS | MISC_NO_PEBS | MISC_NO_XTPR;
	return true;
}

/* --- the machine's ---------------------------------------------------------------------------- */

enum { INTEL = 1, AMD = 2, ANY = INTEL | AMD };
enum { READS = 1, WRITES = 2 };

/*
 * What kernels look at and set without asking first: speeds, counters, temperature, switches for errata.
 * They show a value that means none, and what is written is dropped, each where Xen has it so.
 */
static const struct machine_msr {
	u32 first, last;
	u8 maker, may;
	u8 value;
} machine_msrs[] = {
	{ 0x00000017, 0x00000017, INTEL, READS, 0 },		/* PLATFORM_ID */
	{ 0x0000003a, 0x0000003a, INTEL, READS, 1 },		/* FEATURE_CONTROL: locked */
	{ 0x000000c1, 0x000000c8, INTEL, READS | WRITES, 0 },	/* PERFCTR */
	{ 0x000000ce, 0x000000ce, ANY, READS, 0 },		/* PLATFORM_INFO */
	{ 0x000000e7, 0x000000e8, ANY, WRITES, 0 },		/* MPERF, APERF */
	{ 0x0000010a, 0x0000010a, INTEL, READS, 0 },		/* ARCH_CAPABILITIES */
	{ 0x00000179, 0x00000179, ANY, READS, 0 },		/* MCG_CAP */
	{ 0x00000186, 0x00000189, INTEL, READS | WRITES, 0 },	/* EVNTSEL */
	{ 0x00000198, 0x00000198, INTEL, READS, 0 },		/* PERF_STATUS */
	{ 0x00000199, 0x00000199, INTEL, READS | WRITES, 0 },	/* PERF_CTL */
	{ 0x0000019a, 0x0000019a, INTEL, WRITES, 0 },		/* THERM_CONTROL */
	{ 0x0000019c, 0x0000019c, INTEL, READS, 0 },		/* THERM_STATUS */
	{ 0x000001b0, 0x000001b0, INTEL, WRITES, 0 },		/* ENERGY_PERF_BIAS */
	{ 0x00000309, 0x0000030b, INTEL, READS | WRITES, 0 },	/* FIXED_CTR */
	{ 0x0000038d, 0x00000390, INTEL, READS | WRITES, 0 },	/* FIXED_CTR_CTRL, PERF_GLOBAL_* */
	{ 0xc0010000, 0xc0010007, AMD, READS | WRITES, 0 },	/* EVNTSEL, PERFCTR */
	{ 0xc0010015, 0xc0010015, AMD, READS | WRITES, 0 },	/* HWCR */
	{ 0xc001001f, 0xc001001f, ANY, READS | WRITES, 0 },	/* NB_CFG */
	{ 0xc0010061, 0xc001006b, AMD, READS | WRITES, 0 },	/* PSTATE_* */
	{ 0xc0010200, 0xc001020b, AMD, READS | WRITES, 0 },	/* PERF_CTL, PERF_CTR of family 15h */
	{ 0xc0011029, 0xc0011029, AMD, READS | WRITES, 0 },	/* DE_CFG */
};

static const struct machine_msr *find_machine_msr(u32 msr, u8 may)
{
	for (unsigned i = 0; i < ARRAY_SIZE(machine_msrs); i++) {
		const struct machine_msr *m = &machine_msrs[i];

		if (msr >= m->first && msr <= m->last)
			return m->maker & (cpu_has.is_amd ? AMD : INTEL) && m->may & may ? m : NULL;
	}
	return NULL;
}

static bool read_machine_msr(u32 msr, u64 *value)
{
	const struct machine_msr *m = find_machine_msr(msr, READS);

	if (m)
		*value = m->value;
	return m;
}

/* --- the guest's ------------------------------------------------------------------------------ */

static bool set_tsc_aux(struct vcpu *v, u64 value)
{
	if (!cpu_has.tsc_aux || value >> 32)
		return false;
	v->tsc_aux = (u32)value;
	load_tsc_aux(v);
	return true;
}

bool guest_read_msr(struct vcpu *v, u32 msr, u64 *value)
{
	bool is_pv64 = !v->domain->is_pv32;

	switch (msr) {
	case MSR_TSC:
		*value = guest_tsc(v);
		return true;
	case MSR_APIC_BASE:
		*value = APIC_DEFAULT | APIC_ENABLED | (v->id ? 0 : APIC_BSP);
		return true;
	case MSR_EFER:
		*value = guest_efer(v);
		return true;
	case MSR_PAT:
		*value = rdmsr(MSR_PAT);
		return true;
	case MSR_MISC_ENABLE:
		return guest_misc_enable(value);
	case MSR_UCODE_REV:
		return !rdmsr_safe(MSR_UCODE_REV, value);
	case MSR_TSC_AUX:
		*value = v->tsc_aux;
		return cpu_has.tsc_aux;
	case MSR_MISC_FEATURES:
	case MSR_HYPERCALL:
		*value = 0;
		return true;
	case MSR_FS_BASE:
		*value = rdmsr(MSR_FS_BASE);
		return is_pv64;
	case MSR_GS_BASE:
		*value = rdmsr(MSR_KERNEL_GS_BASE);
		return is_pv64;
	case MSR_KERNEL_GS_BASE:
		*value = v->gs_base_user;
		return is_pv64;
	default:
		return read_machine_msr(msr, value);
	}
}

/* A frame's address; below the page's size stands which of the hypercall pages, and there is one. */
static bool write_hypercall_msr(struct domain *d, u64 value)
{
	return !(value & ~PAGE_MASK) && !hypercall_page_make(d, PFN_DOWN(value));
}

bool guest_write_msr(struct vcpu *v, u32 msr, u64 value)
{
	switch (msr) {
	case MSR_FS_BASE:
		return !segment_set_base(v, SEGBASE_FS, value);
	case MSR_GS_BASE:
		return !segment_set_base(v, SEGBASE_GS_KERNEL, value);
	case MSR_KERNEL_GS_BASE:
		return !segment_set_base(v, SEGBASE_GS_USER, value);
	case MSR_EFER:
		return value == guest_efer(v);
	case MSR_PAT:
		return value == rdmsr(MSR_PAT);
	case MSR_HYPERCALL:
		return write_hypercall_msr(v->domain, value);
	case MSR_TSC_AUX:
		return set_tsc_aux(v, value);
	case MSR_MISC_FEATURES:
		return !value;
	case MSR_UCODE_REV:
	case MSR_MISC_ENABLE:
		return true;		/* the guest's wish is noted and ignored */
	default:
		return find_machine_msr(msr, WRITES);
	}
}
