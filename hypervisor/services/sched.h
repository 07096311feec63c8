/* SPDX-License-Identifier: GPL-2.0-only */
/* The scheduler: which vCPU runs on which CPU. Credit scheduling with weights and caps. */
#ifndef HV_SERVICES_SCHED_H
#define HV_SERVICES_SCHED_H

#include "hypervisor/domain/hooks.h"
#include "hypervisor/lib/types.h"
#include "hypervisor/mm/tlb.h"
#include "pvabi/vcpu.h"

struct domain;
struct vcpu;

/* Its run queue and idle vCPU; before it comes up, after timer_cpu_init(). -ENOMEM. */
int sched_cpu_init(u32 cpu);
/* It will call schedule() from here on: vCPUs may be placed on it. */
void sched_cpu_online(u32 cpu);
/* CPUs that run vCPUs: online and not parked. */
cpumask_t sched_usable_cpus(void);
/* No vCPU runs there any more, but for -ERESTART: call again. -EINVAL: no such CPU, or the first. */
int sched_park_cpu(u32 cpu);
int sched_unpark_cpu(u32 cpu);	/* -EINVAL, -EEXIST: it is not parked */
/* CPU_WORK_SCHEDULE: chooses, accounts, and calls context_switch() when the choice is another. */
void schedule(void);
/* CPU_WORK_SERVICE: gives credit back once in a period. */
void sched_account(void);

/* v may have become runnable or not runnable: after any change of what vcpu_runnable() reads. */
void sched_wake(struct vcpu *v);
void sched_sleep(struct vcpu *v);	/* leaves its CPU soon */
void sched_sleep_sync(struct vcpu *v);	/* returns when it runs nowhere; not for the current vCPU */

/* Called by the current vCPU. Block unmasks events; it returns at once if one is deliverable. */
void sched_give_way(void);
void sched_block(void);
/* SCHEDOP_poll. 0 or -EINVAL. timeout 0: for ever. */
int sched_poll(const u32 *ports, unsigned nr, ns_t timeout);
/* @port of @d has become pending, masked or not: wakes those that poll for it. Cheap if none do. */
void sched_poll_wake(struct domain *d, u32 port);
/* The poll timer has expired. services/time_vcpu.c */
void sched_poll_timeout(struct vcpu *v);

/* Parameters: weight 1..65535 (256 by default), cap in percent of one CPU (0: none). */
int sched_set_params(struct domain *d, u16 weight, u16 cap);
void sched_get_params(const struct domain *d, u16 *weight, u16 *cap);
/* Slice 1..1000 ms, rate limit 0 or 100..500000 us and not above the slice; else -EINVAL. */
int sched_set_global(u32 tslice_ms, u32 ratelimit_us);
void sched_get_global(u32 *tslice_ms, u32 *ratelimit_us);
/*
 * Hard and soft affinity; NULL: as it is. -EINVAL when no online CPU is left, -EBUSY while
 * SCHEDOP_pin_override holds.
 */
int sched_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft);
void sched_get_affinity(const struct vcpu *v, cpumask_t *hard, cpumask_t *soft);
/* SCHEDOP_pin_override: a CPU for now, negative: back to what was. -EINVAL, -EBUSY. */
int sched_pin_override(struct vcpu *v, s32 cpu);

/* Runstate of @v with the time of the state it is in now added. */
void sched_get_runstate(const struct vcpu *v, struct vcpu_runstate_info *out);
/* As the guest's width lays it out: 0 or -EFAULT. */
int runstate_copy_to_guest(gva_t to, const struct vcpu_runstate_info *r, bool is_pv32);
/* Into the area that @v registered, through the address space of @v or another of its domain's. */
void sched_publish_runstate(struct vcpu *v);
ns_t sched_cpu_time(const struct vcpu *v);	/* time in RUNSTATE_running */
ns_t sched_idle_time(u32 cpu);

/* SCHEDOP_watchdog: 0 or the id; -EINVAL, -ENOSPC. services/watchdog.c */
long sched_watchdog(u32 id, u32 timeout_s);

void sched_dump(void);			/* debug key */

extern const struct domain_hooks sched_hooks;

#endif
