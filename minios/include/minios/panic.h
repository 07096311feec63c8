/* SPDX-License-Identifier: MIT */
/* The end when something cannot be: message, registers, back-trace with symbols, domain crash. */
#ifndef MINIOS_PANIC_H
#define MINIOS_PANIC_H

#include <stdint.h>

struct trap_frame;

void panic(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* The same for a trap: shows the trapped registers and their back-trace. */
void panic_trap(const struct trap_frame *frame, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* Prints the chain of return addresses that starts at this frame pointer. */
void backtrace(uintptr_t frame_pointer);

/* "name" and offset of the function that holds the address; NULL when unknown. */
const char *symbol_find(uintptr_t addr, uintptr_t *offset);

#define BUG_ON(condition)                                                               \
	do {                                                                            \
		if (__builtin_expect(!!(condition), 0))                                 \
			panic("%s:%d: %s: BUG_ON(%s)", __FILE__, __LINE__, __func__,    \
			      #condition);                                              \
	} while (0)

#endif
