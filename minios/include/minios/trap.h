/* SPDX-License-Identifier: MIT */
/* Traps: exceptions, and software interrupts of applications. */
#ifndef MINIOS_TRAP_H
#define MINIOS_TRAP_H

#include <stdbool.h>
#include <minios/arch/trap_frame.h>

#define TRAP_NMI                2
#define TRAP_GENERAL_PROTECTION 13
#define TRAP_PAGE_FAULT         14
/* Handlers exist for 0-31 and for TRAP_USER_CALL, which differs by width. */
#define TRAP_LAST               0x100

/*
 * Called in interrupt context with the frame, which it may change (the program continues with it).
 * False: not mine, and the kernel panics with a register dump.
 */
typedef bool (*trap_handler_t)(struct trap_frame *frame);

/* One handler a vector; NULL takes it away. Returns the one before. */
trap_handler_t trap_set_handler(unsigned int vector, trap_handler_t handler);

/* From entry.S. */
void trap_dispatch(struct trap_frame *frame);

#endif
