/* SPDX-License-Identifier: GPL-2.0-only */
/* One-shot timers in per-CPU heaps, never early, in system time. */
#ifndef HV_SERVICES_TIMER_H
#define HV_SERVICES_TIMER_H

#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/types.h"

struct timer {
	ns_t expires;
	void (*fn)(void *arg);		/* runs on its CPU, no lock held, may set the timer again */
	void *arg;
	u32 cpu;
	u32 index;			/* in the heap + 1; 0 while not set */
	bool running;
};

int timer_cpu_init(u32 cpu);		/* before the CPU comes up; -ENOMEM */
void timer_init(struct timer *t, void (*fn)(void *), void *arg, u32 cpu);
/* -ENOMEM if the heap cannot grow: reserve at init with timer_reserve(). */
void timer_set(struct timer *t, ns_t expires);
void timer_stop(struct timer *t);	/* may still be running on its CPU when this returns */
void timer_kill(struct timer *t);	/* stops it and waits until it does not run any more */
void timer_migrate(struct timer *t, u32 cpu);
/* CPU_WORK_TIMER: runs what has expired on this CPU and programs the local APIC. */
void timer_run(void);

#endif
