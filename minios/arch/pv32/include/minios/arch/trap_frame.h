/* SPDX-License-Identifier: MIT */
/* What entry.S of pv32 leaves on the stack when a trap or an event came in. */
#ifndef MINIOS_ARCH_TRAP_FRAME_H
#define MINIOS_ARCH_TRAP_FRAME_H

#include <stdbool.h>
#include <stdint.h>

struct trap_frame {
	uint32_t ebx, ecx, edx, esi, edi, ebp, eax;
	uint32_t ds, es;
	uint32_t vector, error;
	/* From here the hypervisor pushed it. */
	uint32_t eip;
	uint16_t cs;
	uint8_t saved_mask;
	uint8_t pad;
	uint32_t eflags;
	/* Only when it came from ring 3. */
	uint32_t esp;
	uint32_t ss;
};

static inline bool trap_from_user(const struct trap_frame *f)
{
	return (f->cs & 3) == 3;
}

static inline uintptr_t trap_ip(const struct trap_frame *f)
{
	return f->eip;
}

static inline void trap_set_ip(struct trap_frame *f, uintptr_t ip)
{
	f->eip = ip;
}

static inline uintptr_t trap_fp(const struct trap_frame *f)
{
	return f->ebp;
}

/* System calls of applications: by int 0x80, number and arguments in eax ebx ecx edx. */
#define TRAP_USER_CALL 0x80

static inline unsigned long user_arg(const struct trap_frame *f, unsigned int n)
{
	return n == 0 ? f->eax : n == 1 ? f->ebx : n == 2 ? f->ecx : f->edx;
}

static inline void user_result(struct trap_frame *f, long value)
{
	f->eax = value;
}

#endif
