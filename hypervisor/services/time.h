/* SPDX-License-Identifier: GPL-2.0-only */
/* System time, wall clock, and the records by which guests read both without asking. */
#ifndef HV_SERVICES_TIME_H
#define HV_SERVICES_TIME_H

#include "hypervisor/domain/hooks.h"
#include "hypervisor/lib/types.h"

struct vcpu;
struct domain;

#define NS_PER_SECOND	1000000000ull

/* Nanoseconds since boot, monotonic across CPUs. 0 until time_init(). */
ns_t now(void);
/* Calibrates the TSC against HPET, PM timer or PIT, reads the RTC; then now() works here. */
void time_init(void);
/* On each other CPU: its clock, in step with the boot CPU's. -ENOMEM. */
int time_cpu_init(u32 cpu);
u64 tsc_khz(void);
/* The current CPU's record for @v, which is current: into its vcpu_info and its time area. */
void time_publish(struct vcpu *v);
/* The record or its place changed: published before @v runs guest code again. */
void time_republish(struct vcpu *v);
/* schedule() switched to @v: its record if it is another one, its periodic timer. */
void time_switch_in(struct vcpu *v);

/* Wall clock of @d's shared_info; and of all after it was set. */
void wallclock_publish(struct domain *d);
void wallclock_set(u64 seconds, u32 nanoseconds, ns_t at_system_time);
u64 wallclock_seconds(void);
/* TSC value of a moment in system time, for programming a deadline; may be a little early. */
u64 ns_to_tsc(ns_t t);

/* vCPU timers: periodic, single-shot, poll. set_timer_op and VCPUOP_*. */
/* A time that is past fires at once. */
void vcpu_set_singleshot(struct vcpu *v, ns_t expires);
void vcpu_stop_singleshot(struct vcpu *v);
/* Ticks only while the vCPU runs, at least a period apart. -EINVAL: below 1 ms or absurd. */
int vcpu_set_periodic(struct vcpu *v, ns_t period);
void vcpu_stop_periodic(struct vcpu *v);
/* SCHEDOP_poll's: sched_poll_timeout(@v) is called at @expires. */
void vcpu_set_poll_timer(struct vcpu *v, ns_t expires);
void vcpu_stop_poll_timer(struct vcpu *v);

extern const struct domain_hooks time_hooks;

#endif
