/* SPDX-License-Identifier: GPL-2.0-only */
/* One-shot timers in per-CPU heaps, never early, in system time. */
#ifndef HV_SERVICES_TIMER_H
#define HV_SERVICES_TIMER_H

#include <stdatomic.h>

#include "hypervisor/lib/pheap.h"
#include "hypervisor/lib/types.h"

struct timer {
	struct pheap_node node;		/* its key is the time at which it expires */
	void (*fn)(void *arg);		/* runs on its CPU, no lock held, may set the timer again */
	void *arg;
	_Atomic u32 cpu;		/* changes with both CPUs' heaps locked */
	bool is_killed;
};

int timer_cpu_init(u32 cpu);		/* before the CPU comes up; -ENOMEM */
void timer_init(struct timer *t, void (*fn)(void *), void *arg, u32 cpu);
/* In place of what it was set to. Has no effect on a timer that was killed. Cannot fail. */
void timer_set(struct timer *t, ns_t expires);
/*
 * As timer_migrate() to this CPU, then timer_set(): one look at the heap when it is here already.
 */
void timer_set_here(struct timer *t, ns_t expires);
void timer_stop(struct timer *t);	/* may still be running on its CPU when this returns */
/* Stops it for good and waits until it does not run any more. Not from its own function. */
void timer_kill(struct timer *t);
void timer_migrate(struct timer *t, u32 cpu);

static inline bool timer_is_set(const struct timer *t)
{
	return pheap_contains_node(&t->node);
}

static inline ns_t timer_expires(const struct timer *t)
{
	return t->node.key;
}

/* CPU_WORK_TIMER: runs what has expired on this CPU and programs the local APIC. */
void timer_run(void);

#endif
