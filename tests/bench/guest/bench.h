/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the bench guest share. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdint.h>

/* Of operations while they were measured: none must fail. */
extern long failures;

/* Prints "bench NAME COST". */
void report(const char *name, uint64_t cost);
/* The cheapest round of @count calls of @op, for each, without the loop. */
void bench(const char *name, void (*op)(void), unsigned int count);

/* More than one vCPU (smp.c). On two CPUs: interrupts between them, and TLB flushes. */
void bench_two_cpus(void);
/* Two and 32 vCPUs of this domain that yield to each other on one CPU. */
void bench_scheduler(void);
/* All vCPUs of this domain yield, among those of other domains; for ever. */
void bench_crowd(void) __attribute__((noreturn));

#endif
