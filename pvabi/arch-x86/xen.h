/* SPDX-License-Identifier: MIT */
/* What x86 PV guests of both widths see: trap table, vCPU state, the x86 part of shared_info. */

#ifndef __XEN_PUBLIC_ARCH_X86_XEN_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_H__

#include "../types.h"

#ifdef __i386__
#include "xen-x86_32.h"
#else
#include "xen-x86_64.h"
#endif

/* A guest is entered with start_info, and has an upcall mask in vcpu_info. */
#define XEN_HAVE_PV_GUEST_ENTRY		1
#define XEN_HAVE_PV_UPCALL_MASK		1

/*
 * HYPERVISOR_set_gdt(frames, entries): the first FIRST_RESERVED_GDT_ENTRY entries at most are the
 * guest's, in frames of its own that become read-only; what follows is the hypervisor's. An LDT is
 * set by MMUEXT_SET_LDT. HYPERVISOR_update_descriptor(ma, desc) changes one entry of either.
 */
#define FIRST_RESERVED_GDT_PAGE		14
#define FIRST_RESERVED_GDT_BYTE		(FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY	(FIRST_RESERVED_GDT_BYTE / 8)

/* vCPUs whose vcpu_info stands in shared_info; others register theirs (VCPUOP_register_...). */
#define XEN_LEGACY_MAX_VCPUS		32

/* Flags in vcpu_guest_context.flags. */
#define VGCF_I387_VALID			(1 << 0)
#define VGCF_IN_KERNEL			(1 << 2)
#define _VGCF_i387_valid		0	/* fpu_ctxt holds a state */
#define VGCF_i387_valid			(1 << _VGCF_i387_valid)
#define _VGCF_in_kernel			2	/* start in kernel mode (x86-64) */
#define VGCF_in_kernel			(1 << _VGCF_in_kernel)
#define _VGCF_failsafe_disables_events	3	/* mask events on the failsafe callback */
#define VGCF_failsafe_disables_events	(1 << _VGCF_failsafe_disables_events)
#define _VGCF_syscall_disables_events	4	/* mask events on SYSCALL */
#define VGCF_syscall_disables_events	(1 << _VGCF_syscall_disables_events)
#define _VGCF_online			5	/* the vCPU is up */
#define VGCF_online			(1 << _VGCF_online)

/* Flags in trap_info.flags: bits 0-1 the least privilege that may `int` here, bit 2 mask events. */
#define TI_GET_DPL(_ti)			((_ti)->flags & 3)
#define TI_GET_IF(_ti)			((_ti)->flags & 4)
#define TI_SET_DPL(_ti, _dpl)		((_ti)->flags |= (_dpl))
#define TI_SET_IF(_ti, _if)		((_ti)->flags |= ((!!(_if)) << 2))

/* xen_arch_domainconfig.emulation_flags: device models of a domain; a PV guest has the PIT only. */
#define _XEN_X86_EMU_LAPIC		0
#define XEN_X86_EMU_LAPIC		(1U << _XEN_X86_EMU_LAPIC)
#define _XEN_X86_EMU_HPET		1
#define XEN_X86_EMU_HPET		(1U << _XEN_X86_EMU_HPET)
#define _XEN_X86_EMU_PM			2
#define XEN_X86_EMU_PM			(1U << _XEN_X86_EMU_PM)
#define _XEN_X86_EMU_RTC		3
#define XEN_X86_EMU_RTC			(1U << _XEN_X86_EMU_RTC)
#define _XEN_X86_EMU_IOAPIC		4
#define XEN_X86_EMU_IOAPIC		(1U << _XEN_X86_EMU_IOAPIC)
#define _XEN_X86_EMU_PIC		5
#define XEN_X86_EMU_PIC			(1U << _XEN_X86_EMU_PIC)
#define _XEN_X86_EMU_VGA		6
#define XEN_X86_EMU_VGA			(1U << _XEN_X86_EMU_VGA)
#define _XEN_X86_EMU_IOMMU		7
#define XEN_X86_EMU_IOMMU		(1U << _XEN_X86_EMU_IOMMU)
#define _XEN_X86_EMU_PIT		8
#define XEN_X86_EMU_PIT			(1U << _XEN_X86_EMU_PIT)
#define _XEN_X86_EMU_USE_PIRQ		9
#define XEN_X86_EMU_USE_PIRQ		(1U << _XEN_X86_EMU_USE_PIRQ)
#define _XEN_X86_EMU_VPCI		10
#define XEN_X86_EMU_VPCI		(1U << _XEN_X86_EMU_VPCI)
#define XEN_X86_EMU_ALL							\
	(XEN_X86_EMU_LAPIC | XEN_X86_EMU_HPET | XEN_X86_EMU_PM |	\
	 XEN_X86_EMU_RTC | XEN_X86_EMU_IOAPIC | XEN_X86_EMU_PIC |	\
	 XEN_X86_EMU_VGA | XEN_X86_EMU_IOMMU | XEN_X86_EMU_PIT |	\
	 XEN_X86_EMU_USE_PIRQ | XEN_X86_EMU_VPCI)

/* xen_arch_domainconfig.misc_flags: unknown MSRs read as zero and ignore writes. */
#define XEN_X86_MSR_RELAXED		(1u << 0)
#define XEN_X86_MISC_FLAGS_MAX		XEN_X86_MSR_RELAXED

/* xen_cpuid_leaf.subleaf of a leaf without subleaves. */
#define XEN_CPUID_NO_SUBLEAF		0xffffffffu

/* Debug output port of HVM guests. */
#define XEN_HVM_DEBUGCONS_IOPORT	0xe9

#ifndef __ASSEMBLY__

/*
 * HYPERVISOR_set_trap_table(traps): an array that ends with an entry whose address is 0; vectors
 * not named are left as they are, a null pointer clears all. In a frame for ring 1 or ring 3 the
 * hypervisor pushes what the CPU would have pushed (on x86-64, rcx and r11 on top of it).
 */
struct trap_info {
	uint8_t vector;
	uint8_t flags;
	uint16_t cs;
	unsigned long address;
};
typedef struct trap_info trap_info_t;
DEFINE_XEN_GUEST_HANDLE(trap_info_t);

typedef uint64_t tsc_timestamp_t;

/*
 * The whole state of a vCPU: for XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_getvcpucontext, and
 * VCPUOP_initialise. Frame numbers are machine frames.
 */
struct vcpu_guest_context {
	struct {
		char x[512];			/* FXSAVE image */
	} fpu_ctxt;
	unsigned long flags;			/* VGCF_* */
	struct cpu_user_regs user_regs;
	struct trap_info trap_ctxt[256];
	unsigned long ldt_base, ldt_ents;	/* linear address, number of entries */
	unsigned long gdt_frames[16], gdt_ents;
	unsigned long kernel_ss, kernel_sp;	/* stack for entries from user mode */
	/* 0, 2, 3 and 4 are used; on x86-64, [1] is the root for user mode, in cr3 form, or 0. */
	unsigned long ctrlreg[8];
	unsigned long debugreg[8];
#ifdef __i386__
	unsigned long event_callback_cs;
	unsigned long event_callback_eip;
	unsigned long failsafe_callback_cs;
	unsigned long failsafe_callback_eip;
#else
	unsigned long event_callback_eip;
	unsigned long failsafe_callback_eip;
	unsigned long syscall_callback_eip;
#endif
	unsigned long vm_assist;		/* VMASST_TYPE_* bits in force */
#ifdef __x86_64__
	uint64_t fs_base;
	uint64_t gs_base_kernel;
	uint64_t gs_base_user;
#endif
};
typedef struct vcpu_guest_context vcpu_guest_context_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_guest_context_t);

/* The guest fills in the p2m fields, for the tools that save, migrate or dump it. */
struct arch_shared_info {
	unsigned long max_pfn;			/* number of valid p2m entries */
	/* Frame of frames of frames of the p2m table; or ~0 if only p2m_vaddr is kept. */
	xen_pfn_t pfn_to_mfn_frame_list_list;
	unsigned long nmi_reason;		/* XEN_NMIREASON_* */
	/* The p2m table as a linear array: root (cr3 form) and address; valid if p2m_cr3 != 0. */
	unsigned long p2m_cr3;
	unsigned long p2m_vaddr;
	unsigned long p2m_generation;		/* odd while the mapping is being changed */
#ifdef __i386__
	uint32_t wc_sec_hi;			/* upper half of shared_info.wc_sec */
#endif
};
typedef struct arch_shared_info arch_shared_info_t;

/* The x86 part of XEN_DOMCTL_createdomain. */
struct xen_arch_domainconfig {
	uint32_t emulation_flags;		/* XEN_X86_EMU_* */
	uint32_t misc_flags;			/* XEN_X86_MSR_RELAXED */
};

/* One leaf, and one MSR, of a CPU policy. */
struct xen_cpuid_leaf {
	uint32_t leaf, subleaf;
	uint32_t a, b, c, d;
};
typedef struct xen_cpuid_leaf xen_cpuid_leaf_t;
DEFINE_XEN_GUEST_HANDLE(xen_cpuid_leaf_t);

struct xen_msr_entry {
	uint32_t idx;
	uint32_t flags;				/* must be zero */
	uint64_t val;
};
typedef struct xen_msr_entry xen_msr_entry_t;
DEFINE_XEN_GUEST_HANDLE(xen_msr_entry_t);

#endif /* !__ASSEMBLY__ */

/*
 * An instruction behind this prefix (ud2 and "xen") is emulated by the hypervisor, so that CPUID
 * gives a PV guest the values meant for it.
 */
#ifdef __ASSEMBLY__
#define XEN_EMULATE_PREFIX	.byte 0x0f,0x0b,0x78,0x65,0x6e ;
#define XEN_CPUID		XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX	".byte 0x0f,0x0b,0x78,0x65,0x6e ; "
#define XEN_CPUID		XEN_EMULATE_PREFIX "cpuid"
#endif

#endif /* __XEN_PUBLIC_ARCH_X86_XEN_H__ */
