/* SPDX-License-Identifier: GPL-2.0-only */
/* The shortest possible handlers (entry_WIDTH.S), so that what is counted is the hypervisor. */
#ifndef TESTS_BENCH_ENTRY_H
#define TESTS_BENCH_ENTRY_H

#include <stdint.h>

/* Event upcall: the first word of pending ports is cleared, and the interrupted code goes on. */
void bench_event(void);
/* The same of the second vCPU; says so in bench_woken. */
void bench_second_event(void);
extern volatile int bench_woken;
/* Page fault of bench_touch(): the access is skipped. */
void bench_page_fault(void);
/* System call of the application: straight back to it. */
void bench_syscall(void);

/* Reads a byte. */
void bench_touch(const void *p);
/* Stores the low word (32 bits or 64) of an entry with one instruction. */
void bench_store(void *entry, unsigned long value);
void bench_rdmsr(uint32_t msr);

#endif
