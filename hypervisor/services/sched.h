/* SPDX-License-Identifier: GPL-2.0-only */
/* The scheduler: which vCPU runs on which CPU. Credit scheduling with weights and caps. */
#ifndef HV_SERVICES_SCHED_H
#define HV_SERVICES_SCHED_H

#include "hypervisor/lib/types.h"
#include "hypervisor/mm/tlb.h"

struct domain;
struct vcpu;
struct domain_hooks;

int sched_cpu_init(u32 cpu);		/* its run queue and idle vCPU; before it comes up */
/* CPU_WORK_SCHEDULE: chooses, accounts, and calls context_switch() when the choice is another. */
void schedule(void);

/* v may have become runnable or not runnable: after any change of what vcpu_runnable() reads. */
void sched_wake(struct vcpu *v);
void sched_sleep(struct vcpu *v);	/* leaves its CPU soon */
void sched_sleep_sync(struct vcpu *v);	/* returns when it runs nowhere; not for the current vCPU */

/* Called by the current vCPU. Block returns at once if an event is deliverable. */
void sched_yield(void);
void sched_block(void);
/* SCHEDOP_poll. 0 or -EINVAL, -EFAULT. timeout 0: for ever. */
int sched_poll(const u32 *ports, unsigned nr, ns_t timeout);

/* Parameters: weight 1..65535 (256 by default), cap in percent of one CPU (0: none). */
int sched_set_params(struct domain *d, u16 weight, u16 cap);
void sched_get_params(const struct domain *d, u16 *weight, u16 *cap);
int sched_set_global(u32 tslice_ms, u32 ratelimit_us);
void sched_get_global(u32 *tslice_ms, u32 *ratelimit_us);
/* Hard and soft affinity. -EINVAL when no online CPU is left. */
int sched_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft);
void sched_get_affinity(const struct vcpu *v, cpumask_t *hard, cpumask_t *soft);

/* Runstate of @v with the time of the state it is in now added. */
void sched_get_runstate(const struct vcpu *v, struct vcpu_runstate_info *out);
ns_t sched_cpu_time(const struct vcpu *v);	/* time in RUNSTATE_running */
ns_t sched_idle_time(u32 cpu);

/* SCHEDOP_watchdog: 0 or the id; -EINVAL, -EEXIST. */
long sched_watchdog(u32 id, u32 timeout_s);

void sched_dump(void);			/* debug key */

extern const struct domain_hooks sched_hooks;

#endif
