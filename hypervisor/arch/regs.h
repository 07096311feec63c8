/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers saved at each entry, in the order in which entry.S and the CPU push them. */
#ifndef HV_ARCH_REGS_H
#define HV_ARCH_REGS_H

#include "hypervisor/arch/asm_offsets.h"
#include "hypervisor/lib/types.h"

/*
 * For a guest this stands inside struct vcpu, and the CPU itself pushes onto it (the TSS's RSP0
 * points to its end); so a guest's state is never copied, and a context switch changes a pointer.
 * For an exception within the hypervisor it stands on the CPU's stack. pv32 guests use the low
 * halves; the high halves are then zero on exit.
 */
struct regs {
	u64 r15, r14, r13, r12;
	u64 rbp, rbx;
	u64 r11, r10, r9, r8;
	u64 rax, rcx, rdx, rsi, rdi;
	u32 error_code;
	u32 vector;		/* what brought us here; all bits set by SYSCALL */
	u64 rip;
	u64 cs;
	u64 rflags;
	u64 rsp;
	u64 ss;
};

struct vcpu;

/* A vCPU's frame: struct vcpu (domain/vcpu.h) begins with 8 bytes of padding and this. */
static inline struct regs *vcpu_regs(struct vcpu *v)
{
	return (struct regs *)((char *)v + 8);
}

_Static_assert(sizeof(struct regs) == 168, "entry.S pushes 168 bytes");

#define VEC_DE	0
#define VEC_DB	1
#define VEC_NMI	2
#define VEC_BP	3
#define VEC_OF	4
#define VEC_BR	5
#define VEC_UD	6
#define VEC_NM	7
#define VEC_DF	8
#define VEC_TS	10
#define VEC_NP	11
#define VEC_SS	12
#define VEC_GP	13
#define VEC_PF	14
#define VEC_MF	16
#define VEC_AC	17
#define VEC_MC	18
#define VEC_XF	19
#define VEC_CP	21

/* Vectors the hypervisor keeps for itself; devices get 0x30-0x7f and 0x84-0xef. */
#define VEC_SYSTEM_CALL	0x80	/* a guest's applications, by a gate of the guest's; DPL 3 */
#define VEC_HYPERCALL	0x82	/* pv32 hypercalls; DPL 1 */
#define VEC_KICK	0xf8	/* another CPU left work in this CPU's mask */
#define VEC_FLUSH	0xf9	/* another CPU waits for a TLB flush here */
#define VEC_TIMER	0xfa	/* local APIC timer */
#define VEC_SPURIOUS	0xff

#define PF_PRESENT	0x01
#define PF_WRITE	0x02
#define PF_USER		0x04
#define PF_RSVD		0x08
#define PF_FETCH	0x10

#define EFLAGS_CF	0x00000001
#define EFLAGS_MBS	0x00000002
#define EFLAGS_ZF	0x00000040
#define EFLAGS_TF	0x00000100
#define EFLAGS_IF	0x00000200
#define EFLAGS_DF	0x00000400
#define EFLAGS_IOPL	0x00003000
#define EFLAGS_NT	0x00004000
#define EFLAGS_RF	0x00010000
#define EFLAGS_VM	0x00020000
#define EFLAGS_AC	0x00040000
#define EFLAGS_VIF	0x00080000
#define EFLAGS_VIP	0x00100000

#endif
