/* SPDX-License-Identifier: GPL-2.0-only */
/* The scheduler's own data: what its files share among themselves. */
#ifndef HV_SERVICES_SCHED_CPU_H
#define HV_SERVICES_SCHED_CPU_H

#include <stdatomic.h>

#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/sched_credit.h"
#include "hypervisor/services/timer.h"

#define DOMAIN_WATCHDOGS	2

/* percpu.sched */
struct sched_cpu {
	struct spinlock lock;		/* RANK_SCHED: guards q, its entities, runstates */
	struct runq q;
	u32 id;
	_Atomic u32 nr_vcpus;		/* that belong here, running or not */
	bool is_parked;			/* runs nobody: sched_park.c */
	_Atomic bool is_called;		/* idle, and another CPU has work to spare for it */
	struct vcpu *idle;
	/* --- private to the CPU --- */
	struct timer slice;
	ns_t next_steal;		/* not before: see look_elsewhere() */
} __aligned(64);

/* vcpu.sched: guarded by the lock of the CPU that vcpu.processor names. */
struct sched_vcpu {
	struct entity e;
	struct vcpu *v;
	cpumask_t hard_saved;		/* while is_pinned_for_now */
	bool is_pinned_for_now;		/* SCHEDOP_pin_override */
	bool wants_to_yield;		/* private to the vCPU itself */
	_Atomic u32 poll_port;		/* the one port it polls for, 0: several */
};

/* domain.sched */
struct sched_domain {
	struct credit_group group;
	_Atomic u32 pollers;		/* vCPUs in SCHEDOP_poll */
	struct domain *d;
	struct spinlock watchdog_lock;	/* RANK_SCHED: guards the rest */
	u32 watchdogs_in_use;
	struct timer watchdog[DOMAIN_WATCHDOGS];
};

extern struct credit_limits sched_limits;
extern _Atomic u64 idle_cpus;		/* CPUs that run their idle vCPU, but not the parked */
extern _Atomic u64 usable_cpus;		/* CPUs that vCPUs may be placed on: sched_park.c */

static inline struct sched_cpu *sched_of(u32 cpu)
{
	return cpu_table[cpu]->sched;
}

static inline struct sched_vcpu *to_sched_vcpu(const struct entity *e)
{
	return container_of(e, struct sched_vcpu, e);
}

/* Locks the queue of the CPU that @v belongs to. */
struct sched_cpu *sched_lock_of(const struct vcpu *v);
/* Where @v should go: an idle CPU that it may use, or where it is, or the least loaded one. */
u32 sched_pick_cpu(const struct vcpu *v);
u32 sched_least_loaded(void);
/* One of these CPUs that idles comes and takes what waits elsewhere. */
void sched_call_idle_cpu(cpumask_t mask);
/*
 * Puts a vCPU that sleeps or moves on the best CPU it may use, and in the queue if it is runnable.
 */
void sched_place(struct vcpu *v);
/* Runs where it may but should not, while a CPU where it should idles. */
static inline bool sched_is_drawn_away(const struct sched_cpu *sc, const struct entity *e)
{
	if (likely(e->soft & sc->q.cpu_mask))
		return false;
	return e->hard & e->soft & atomic_load_explicit(&idle_cpus, memory_order_relaxed);
}

/* The running vCPU of @sc is to be looked at again, soon. */
static inline void sched_prod(struct sched_cpu *sc)
{
	cpu_raise(cpu_table[sc->id], CPU_WORK_SCHEDULE);
}

/* sched_account.c: arms the accounting timer if it is not; somebody competes. */
void sched_account_init(void);
void sched_account_start(void);

/* sched_runstate.c: with the queue's lock held. */
void runstate_change(struct vcpu *v, int state, ns_t t);
int runstate_off_cpu(const struct vcpu *v);

/* watchdog.c */
void watchdog_create(struct sched_domain *sd);
void watchdog_kill(struct sched_domain *sd);

#endif
