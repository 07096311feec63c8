/* SPDX-License-Identifier: MIT */
/* What a 64-bit PV kernel, at ring 3, sees: selectors, the M2P table, its frames. */

#ifndef __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__

#include "../types.h"

/*
 * Hypercall: %rax = number, arguments in %rdi, %rsi, %rdx, %r10, %r8, (%r9); result in %rax.
 * Made by a call into the hypercall page, 32 bytes for each number. %rcx, %r11 and the argument
 * registers are clobbered.
 */

/* Flat segments which the hypervisor keeps in the reserved part of each GDT (pages 14 and 15). */
#define FLAT_RING3_CS32		0xe023
#define FLAT_RING3_CS64		0xe033
#define FLAT_RING3_DS32		0xe02b
#define FLAT_RING3_DS64		0x0000
#define FLAT_RING3_SS32		0xe02b
#define FLAT_RING3_SS64		0xe02b

/* Kernel and applications share ring 3, so they share these selectors. */
#define FLAT_KERNEL_DS64	FLAT_RING3_DS64
#define FLAT_KERNEL_DS32	FLAT_RING3_DS32
#define FLAT_KERNEL_DS		FLAT_KERNEL_DS64
#define FLAT_KERNEL_CS64	FLAT_RING3_CS64
#define FLAT_KERNEL_CS32	FLAT_RING3_CS32
#define FLAT_KERNEL_CS		FLAT_KERNEL_CS64
#define FLAT_KERNEL_SS64	FLAT_RING3_SS64
#define FLAT_KERNEL_SS32	FLAT_RING3_SS32
#define FLAT_KERNEL_SS		FLAT_KERNEL_SS64

#define FLAT_USER_DS64		FLAT_RING3_DS64
#define FLAT_USER_DS32		FLAT_RING3_DS32
#define FLAT_USER_DS		FLAT_USER_DS64
#define FLAT_USER_CS64		FLAT_RING3_CS64
#define FLAT_USER_CS32		FLAT_RING3_CS32
#define FLAT_USER_CS		FLAT_USER_CS64
#define FLAT_USER_SS64		FLAT_RING3_SS64
#define FLAT_USER_SS32		FLAT_RING3_SS32
#define FLAT_USER_SS		FLAT_USER_SS64

/* The hypervisor's L4 slots, 256 to 271; the M2P table (256 GiB of window) stands first. */
#define __HYPERVISOR_VIRT_START	0xFFFF800000000000
#define __HYPERVISOR_VIRT_END	0xFFFF880000000000
#define __MACH2PHYS_VIRT_START	0xFFFF800000000000
#define __MACH2PHYS_VIRT_END	0xFFFF804000000000

#ifndef HYPERVISOR_VIRT_START
#define HYPERVISOR_VIRT_START	xen_mk_ulong(__HYPERVISOR_VIRT_START)
#define HYPERVISOR_VIRT_END	xen_mk_ulong(__HYPERVISOR_VIRT_END)
#endif

#define MACH2PHYS_VIRT_START	xen_mk_ulong(__MACH2PHYS_VIRT_START)
#define MACH2PHYS_VIRT_END	xen_mk_ulong(__MACH2PHYS_VIRT_END)
#define MACH2PHYS_NR_ENTRIES	((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3)

#ifndef machine_to_phys_mapping
#define machine_to_phys_mapping	((unsigned long *)HYPERVISOR_VIRT_START)
#endif

/* HYPERVISOR_set_segment_base(which, base): `which`; the last one takes a selector, not a base. */
#define SEGBASE_FS		0
#define SEGBASE_GS_USER		1
#define SEGBASE_GS_KERNEL	2
#define SEGBASE_GS_USER_SEL	3

/*
 * HYPERVISOR_iret() takes struct iret_context on the kernel stack and does not return. It goes to
 * the kernel if cs has RPL 0 and to user mode otherwise, reloads the event mask from rflags.IF, and
 * with VGCF_in_syscall in `flags` may use SYSRET, which does not restore rcx and r11 (rip and
 * rflags stand there instead).
 */
#define _VGCF_in_syscall	8
#define VGCF_in_syscall		(1 << _VGCF_in_syscall)
#define VGCF_IN_SYSCALL		VGCF_in_syscall

#ifndef __ASSEMBLY__

struct iret_context {
	uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

/* One register under its names of each width. */
#define __REG_LOHI(reg)					\
	union {						\
		uint64_t r ## reg ## x;			\
		uint32_t e ## reg ## x;			\
		uint16_t reg ## x;			\
		struct {				\
			uint8_t reg ## l;			\
			uint8_t reg ## h;			\
		};					\
	}
#define __REG_LO8(name)					\
	union {						\
		uint64_t r ## name;			\
		uint32_t e ## name;			\
		uint16_t name;				\
		uint8_t name ## l;			\
	}
#define __REG_LO16(name)				\
	union {						\
		uint64_t r ## name;			\
		uint32_t e ## name;			\
		uint16_t name;				\
	}
#define __REG_HI(num)					\
	union {						\
		uint64_t r ## num;			\
		uint32_t r ## num ## d;			\
		uint16_t r ## num ## w;			\
		uint8_t r ## num ## b;			\
	}

struct cpu_user_regs {
	__REG_HI(15);
	__REG_HI(14);
	__REG_HI(13);
	__REG_HI(12);
	__REG_LO8(bp);
	__REG_LOHI(b);
	__REG_HI(11);
	__REG_HI(10);
	__REG_HI(9);
	__REG_HI(8);
	__REG_LOHI(a);
	__REG_LOHI(c);
	__REG_LOHI(d);
	__REG_LO8(si);
	__REG_LO8(di);
	uint32_t error_code;		/* private to the hypervisor */
	uint32_t entry_vector;		/* private to the hypervisor */
	__REG_LO16(ip);
	uint16_t cs, _pad0[1];
	uint8_t saved_upcall_mask;	/* evtchn_upcall_mask at the time of the trap */
	uint8_t _pad1[3];
	__REG_LO16(flags);		/* rflags.IF is !saved_upcall_mask */
	__REG_LO8(sp);
	uint16_t ss, _pad2[3];
	uint16_t es, _pad3[3];
	uint16_t ds, _pad4[3];
	uint16_t fs, _pad5[3];
	uint16_t gs, _pad6[3];
};
typedef struct cpu_user_regs cpu_user_regs_t;
DEFINE_XEN_GUEST_HANDLE(cpu_user_regs_t);

#undef __REG_LOHI
#undef __REG_LO8
#undef __REG_LO16
#undef __REG_HI

#define xen_pfn_to_cr3(pfn)	((unsigned long)(pfn) << 12)
#define xen_cr3_to_pfn(cr3)	((unsigned long)(cr3) >> 12)

struct arch_vcpu_info {
	unsigned long cr2;		/* address of the last page fault */
	unsigned long pad;		/* vcpu_info has 64 bytes */
};
typedef struct arch_vcpu_info arch_vcpu_info_t;

/* Where a callback enters the guest: FLAT_KERNEL_CS is implied. */
typedef unsigned long xen_callback_t;

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__ */
