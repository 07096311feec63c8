/* SPDX-License-Identifier: MIT */
/* What each width brings: entries written in assembly, and the C around them. Kernel only. */
#ifndef MINIOS_ARCH_ARCH_H
#define MINIOS_ARCH_ARCH_H

#include <stdint.h>
#include <minios/trap.h>

/* entry.S. trap_entries: 20 exceptions, then vector 0x80. */
#define TRAP_EXCEPTIONS 20
extern void (*const trap_entries[TRAP_EXCEPTIONS + 1])(void);
void event_entry(void);
void failsafe_entry(void);
void syscall_entry(void);
void thread_start(void);
void thread_switch(uintptr_t *save, uintptr_t load);

/* arch.c. */
long arch_callbacks_init(void);
uintptr_t thread_stack_init(uintptr_t top, void (*fn)(void *), void *arg);
void trap_print(const struct trap_frame *frame);

/* Called by entry.S. */
void event_upcall(struct trap_frame *frame);

/* Called by start.S with the builder's start_info; ends in kernel_main(). */
struct start_info;
void arch_start(struct start_info *si) __attribute__((noreturn));

/* The kernel proper, or a small kernel's own. */
void kernel_main(void) __attribute__((noreturn));

#endif
