/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pieces of code at ring 3. RING3_CODE(name, "instructions") makes a piece that can run anywhere; its
 * argument is in eax or rdi. It ends with an exception, or with RING3_END, the system call.
 */
#ifndef TESTS_GUEST_RING3_H
#define TESTS_GUEST_RING3_H

#include <minios/user.h>
#include "tests/guest/lib/guard.h"

#ifdef __i386__
#define RING3_END "int $0x80\n"
#define RING3_ARG "%eax"
#else
#define RING3_END "syscall\n"
#define RING3_ARG "%rdi"
#endif

#define RING3_CODE(name, code)                                                            \
	extern const char name[], name##_end[];                                           \
	__asm__(".pushsection .rodata\n" #name ":\n" code #name "_end:\n.popsection\n")

/* Where pieces and their stack stand: one page each, writable. */
#define RING3_PAGE  (USER_START + 0x200000)
#define RING3_STACK (RING3_PAGE + 2 * PAGE_SIZE)

void ring3_init(void);
/* The vector that ended the piece (TRAP_USER_CALL: its own end); details in last_fault. */
unsigned int ring3_run(const char *code, const char *end, unsigned long arg);
#define RING3_RUN(name, arg) ring3_run(name, name##_end, (unsigned long)(arg))

#endif
