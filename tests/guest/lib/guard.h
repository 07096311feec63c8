/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running what may fault: fault_of() calls a function and comes back when it returns or when the
 * first exception ends it. The function's frame is abandoned, as by longjmp().
 */
#ifndef TESTS_GUEST_GUARD_H
#define TESTS_GUEST_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <minios/trap.h>

#define NO_FAULT    (~0u)
#define FAULT_DE    0
#define FAULT_DB    1
#define FAULT_BP    3
#define FAULT_UD    6
#define FAULT_NM    7
#define FAULT_NP    11
#define FAULT_SS    12
#define FAULT_GP    13
#define FAULT_PF    14
#define FAULT_AC    17

struct fault {
	unsigned int vector;
	unsigned long error;
	uintptr_t address;	/* of a page fault */
	uintptr_t ip;
	bool user;		/* it came from ring 3 */
};

/* What ended the last call. */
extern struct fault last_fault;

void guard_init(void);
/* The vector of the exception that ended fn(arg), or NO_FAULT. They do not nest. */
unsigned int fault_of(void (*fn)(void *), void *arg);

/* Touches one byte. */
unsigned int fault_of_read(uintptr_t va);
unsigned int fault_of_write(uintptr_t va);

#endif
