/* SPDX-License-Identifier: GPL-2.0-only */
/* The few MSRs that a paravirtualized kernel has. */
#include "hypervisor/domain/guest_msr.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/hypercall_page.h"
#include "hypervisor/domain/segment.h"
#include "pvabi/xen.h"

#define MSR_TSC		0x00000010
#define MSR_MCG_CAP	0x00000179
#define MSR_UCODE_REV	0x0000008b
#define MSR_HYPERCALL	0x40000000	/* as CPUID leaf 0x40000002 says */
#define APIC_ENABLED	0x800
#define APIC_BSP	0x100
#define APIC_DEFAULT	0xfee00000

static u64 guest_efer(const struct vcpu *v)
{
	u64 efer = rdmsr(MSR_EFER) & EFER_NXE;

	return v->domain->is_pv32 ? efer : efer | EFER_SCE | EFER_LME | EFER_LMA;
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
	case MSR_MCG_CAP:
	case MSR_UCODE_REV:
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
		return false;
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
	case MSR_UCODE_REV:
	case MSR_MISC_ENABLE:
		return true;		/* the guest's wish is noted and ignored */
	default:
		return false;
	}
}
