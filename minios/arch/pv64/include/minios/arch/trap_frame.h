/* SPDX-License-Identifier: MIT */
/* What entry.S of pv64 leaves on the stack when a trap or an event came in. */
#ifndef MINIOS_ARCH_TRAP_FRAME_H
#define MINIOS_ARCH_TRAP_FRAME_H

#include <stdbool.h>
#include <stdint.h>

struct trap_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector, error;
	/* From here the hypervisor pushed it. */
	uint64_t rip;
	uint16_t cs;
	uint16_t pad0;
	uint8_t saved_mask;
	uint8_t pad1[3];
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

/* The kernel runs at ring 3 too; the hypervisor reports its code segment with ring 0. */
static inline bool trap_from_user(const struct trap_frame *f)
{
	return (f->cs & 3) == 3;
}

static inline uintptr_t trap_ip(const struct trap_frame *f)
{
	return f->rip;
}

static inline void trap_set_ip(struct trap_frame *f, uintptr_t ip)
{
	f->rip = ip;
}

static inline uintptr_t trap_fp(const struct trap_frame *f)
{
	return f->rbp;
}

/* System calls of applications: by syscall, number and arguments in rax rdi rsi rdx. */
#define TRAP_USER_CALL 0x100

static inline unsigned long user_arg(const struct trap_frame *f, unsigned int n)
{
	return n == 0 ? f->rax : n == 1 ? f->rdi : n == 2 ? f->rsi : f->rdx;
}

static inline void user_result(struct trap_frame *f, long value)
{
	f->rax = value;
}

#endif
