/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for the scheduler and the timers to run on: CPUs, virtual time, and guests that compute
 * and sleep as they are told. One thread; time passes only in sim_run().
 */
#ifndef TESTS_HOST_FAKE_SCHED_H
#define TESTS_HOST_FAKE_SCHED_H

#include "hypervisor/domain/vcpu.h"
#include "hypervisor/services/sched_cpu.h"
#include "pvabi/vcpu.h"

#define SIM_VCPUS_MAX	1200

struct sim_vcpu {
	struct vcpu v;
	struct vcpu_info info;
	/* Computes for compute_ns, then blocks for sleep_ns; 0: never blocks. */
	ns_t compute_ns, sleep_ns;
	bool sleeps_by_poll;
	bool yields;			/* at the end of each computation, in place of blocking */
	ns_t left;			/* of this computation */
	ns_t wakes_at;			/* ~0: nobody will wake it */
	ns_t on_cpu_since;
	ns_t ran;
	ns_t waits_since;		/* runnable but not running; 0: not so */
	ns_t longest_wait;
	u64 times_run, times_woken;
	bool woken_and_not_run;
};

extern struct sim_vcpu *sim_vcpus[SIM_VCPUS_MAX];
extern unsigned nr_sim_vcpus;
extern ns_t sim_now;
extern u64 sim_switches, sim_apic_writes, sim_interrupts;
extern u32 sim_shutdown_reason;		/* of the last domain_shutdown(), ~0: none */
extern unsigned sim_virqs;		/* VIRQ_TIMERs sent */
extern u64 sim_pending_ports;		/* bit n: port n is pending */
extern bool sim_guest_memory_faults;

void sim_start(unsigned cpus);
void sim_stop(void);
struct domain *sim_domain(u16 weight, u16 cap, unsigned vcpus);
/* One more vCPU of @d, brought up. */
struct sim_vcpu *sim_add(struct domain *d, ns_t compute_ns, ns_t sleep_ns);
struct sim_vcpu *sim_of(struct vcpu *v);
void sim_run(ns_t ns);			/* lets so much time pass */
void sim_settle(void);			/* all pending work, no time */
void sim_on_cpu(unsigned cpu);		/* what is called now runs there */
/* An event for @s, from a random CPU. */
void sim_wake(struct sim_vcpu *s);
/* Every invariant that must hold whenever no work is pending; ends the program if not. */
void sim_check(void);
u64 sim_random(u64 below);
void sim_seed(u64 seed);

#endif
