/* SPDX-License-Identifier: GPL-2.0-only */
/* System time, wall clock, and the records by which guests read both without asking. */
#ifndef HV_SERVICES_TIME_H
#define HV_SERVICES_TIME_H

#include "hypervisor/lib/types.h"

struct vcpu;
struct domain;

/* Nanoseconds since boot, monotonic across CPUs. */
ns_t now(void);
/* Calibrates the TSC against HPET, PM timer or PIT, reads the RTC; then now() works. */
void time_init(void);
int time_cpu_init(u32 cpu);		/* on each CPU */
u64 tsc_khz(void);
/* Publishes the current CPU's record to @v's vcpu_info and its time area. */
void time_publish(struct vcpu *v);
/* Wall clock of @d's shared_info; and of all after it was set. */
void wallclock_publish(struct domain *d);
void wallclock_set(u64 seconds, u32 nanoseconds, ns_t at_system_time);
u64 wallclock_seconds(void);
/* TSC value of a moment in system time, for programming a deadline. */
u64 ns_to_tsc(ns_t t);

/* vCPU timers: periodic, single-shot, poll. set_timer_op and VCPUOP_*. */
int vcpu_set_singleshot(struct vcpu *v, ns_t expires, bool only_future);
void vcpu_stop_singleshot(struct vcpu *v);
int vcpu_set_periodic(struct vcpu *v, ns_t period);
void vcpu_stop_periodic(struct vcpu *v);

extern const struct domain_hooks time_hooks;

#endif
