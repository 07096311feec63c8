/* SPDX-License-Identifier: MIT */
/* What a 32-bit (PAE) PV kernel, at ring 1, sees: selectors, the M2P window, its register frame. */

#ifndef __XEN_PUBLIC_ARCH_X86_XEN_X86_32_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_X86_32_H__

#include "../types.h"

/*
 * Hypercall: %eax = number, arguments in %ebx, %ecx, %edx, %esi, %edi, (%ebp); result in %eax.
 * Made by a call into the hypercall page, 32 bytes for each number. Argument registers are
 * clobbered.
 */

/* Flat segments which the hypervisor keeps in the reserved part of each GDT (pages 14 and 15). */
#define FLAT_RING1_CS	0xe019
#define FLAT_RING1_DS	0xe021
#define FLAT_RING1_SS	0xe021
#define FLAT_RING3_CS	0xe02b
#define FLAT_RING3_DS	0xe033
#define FLAT_RING3_SS	0xe033

#define FLAT_KERNEL_CS	FLAT_RING1_CS
#define FLAT_KERNEL_DS	FLAT_RING1_DS
#define FLAT_KERNEL_SS	FLAT_RING1_SS
#define FLAT_USER_CS	FLAT_RING3_CS
#define FLAT_USER_DS	FLAT_RING3_DS
#define FLAT_USER_SS	FLAT_RING3_SS

/* The hypervisor's part of the address space of a PAE guest: 168 MiB, M2P table first. */
#define __HYPERVISOR_VIRT_START_PAE	0xF5800000
#define __MACH2PHYS_VIRT_START_PAE	0xF5800000
#define __MACH2PHYS_VIRT_END_PAE	0xF6800000
#define HYPERVISOR_VIRT_START_PAE	xen_mk_ulong(__HYPERVISOR_VIRT_START_PAE)
#define MACH2PHYS_VIRT_START_PAE	xen_mk_ulong(__MACH2PHYS_VIRT_START_PAE)
#define MACH2PHYS_VIRT_END_PAE		xen_mk_ulong(__MACH2PHYS_VIRT_END_PAE)

/* The same for two-level guests, of which none is supported any more. */
#define __HYPERVISOR_VIRT_START_NONPAE	0xFC000000
#define __MACH2PHYS_VIRT_START_NONPAE	0xFC000000
#define __MACH2PHYS_VIRT_END_NONPAE	0xFC400000
#define HYPERVISOR_VIRT_START_NONPAE	xen_mk_ulong(__HYPERVISOR_VIRT_START_NONPAE)
#define MACH2PHYS_VIRT_START_NONPAE	xen_mk_ulong(__MACH2PHYS_VIRT_START_NONPAE)
#define MACH2PHYS_VIRT_END_NONPAE	xen_mk_ulong(__MACH2PHYS_VIRT_END_NONPAE)

#define __HYPERVISOR_VIRT_START		__HYPERVISOR_VIRT_START_PAE
#define __MACH2PHYS_VIRT_START		__MACH2PHYS_VIRT_START_PAE
#define __MACH2PHYS_VIRT_END		__MACH2PHYS_VIRT_END_PAE

/* Where the window really starts, XENMEM_machphys_mapping tells; a kernel may define its own. */
#ifndef HYPERVISOR_VIRT_START
#define HYPERVISOR_VIRT_START		xen_mk_ulong(__HYPERVISOR_VIRT_START)
#endif

#define MACH2PHYS_VIRT_START		xen_mk_ulong(__MACH2PHYS_VIRT_START)
#define MACH2PHYS_VIRT_END		xen_mk_ulong(__MACH2PHYS_VIRT_END)
#define MACH2PHYS_NR_ENTRIES		((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 2)

#ifndef machine_to_phys_mapping
#define machine_to_phys_mapping		((unsigned long *)MACH2PHYS_VIRT_START)
#endif

#ifndef __ASSEMBLY__

/* One register under its names of each width. */
#define __REG_LO8(reg)					\
	union {						\
		uint32_t e ## reg ## x;			\
		uint16_t reg ## x;			\
		struct {				\
			uint8_t reg ## l;			\
			uint8_t reg ## h;			\
		};					\
	}
#define __REG_LO16(name)				\
	union {						\
		uint32_t e ## name, _e ## name;		\
		uint16_t name;				\
	}

struct cpu_user_regs {
	__REG_LO8(b);
	__REG_LO8(c);
	__REG_LO8(d);
	__REG_LO16(si);
	__REG_LO16(di);
	__REG_LO16(bp);
	__REG_LO8(a);
	uint16_t error_code;		/* private to the hypervisor */
	uint16_t entry_vector;		/* private to the hypervisor */
	__REG_LO16(ip);
	uint16_t cs;
	uint8_t saved_upcall_mask;	/* evtchn_upcall_mask at the time of the trap */
	uint8_t _pad0;
	__REG_LO16(flags);		/* eflags.IF is !saved_upcall_mask */
	__REG_LO16(sp);
	uint16_t ss, _pad1;
	uint16_t es, _pad2;
	uint16_t ds, _pad3;
	uint16_t fs, _pad4;
	uint16_t gs, _pad5;
};
typedef struct cpu_user_regs cpu_user_regs_t;
DEFINE_XEN_GUEST_HANDLE(cpu_user_regs_t);

#undef __REG_LO8
#undef __REG_LO16

/*
 * A PDPT may lie above 4 GiB; its frame number then stands rotated in CR3, with the low 12 bits
 * (free, since the table is page-aligned) taking the upper bits of the address.
 */
#define xen_pfn_to_cr3(pfn)	(((unsigned)(pfn) << 12) | ((unsigned)(pfn) >> 20))
#define xen_cr3_to_pfn(cr3)	(((unsigned)(cr3) >> 12) | ((unsigned)(cr3) << 20))

struct arch_vcpu_info {
	unsigned long cr2;		/* address of the last page fault */
	unsigned long pad[5];		/* vcpu_info has 64 bytes */
};
typedef struct arch_vcpu_info arch_vcpu_info_t;

/* Where a callback enters the guest. */
struct xen_callback {
	unsigned long cs;
	unsigned long eip;
};
typedef struct xen_callback xen_callback_t;

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_ARCH_X86_XEN_X86_32_H__ */
