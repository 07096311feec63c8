/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory_op and control operations need below them: the real frame allocator and frame table
 * over a few MiB, domains without a life of their own, guest memory, and a continuation that is
 * recorded instead of made.
 */
#ifndef TESTS_HOST_FAKE_CONTROL_H
#define TESTS_HOST_FAKE_CONTROL_H

#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/vcpu.h"

/* Guest memory, at addresses below 4 GiB; zeroed by fake_reset(). */
#define FAKE_GUEST_SIZE	65536
extern char *fake_guest;
/* An address no guest has. */
#define FAKE_BAD_ADDR	0xdead0000ull
#define FAKE_GRANT_FRAMES	64		/* of anybody's table at most; its frames from this number on: */
#define FAKE_GRANT_MFN		0x777

/* Drops all domains (their frames must come back), clears guest memory and counters. */
void fake_reset(void);
/* A domain in the table with one reference, @vcpus vCPUs and room for @max_pages. */
struct domain *fake_domain(domid_t id, bool privileged, bool is_pv32, u32 max_pages);
/* Its vCPU 0 runs on this CPU. */
void fake_run(struct domain *d);
/* The next @n preemption points say no, then one says yes. Negative: never. */
void fake_preempt_after(int n);

/* What another vCPU does while guest memory is read at @addr, or TLBs are flushed; NULL: nothing. */
extern void (*fake_meanwhile)(gva_t addr);

/* What hypercalls return when they are to be continued, and with which arguments. */
#define FAKE_CONTINUED	(-100000)
extern u64 fake_args[6];

/* How often, and with what, the lower levels were called. */
struct fake_calls {
	int kill_restarts;		/* domain_kill() returns -ERESTART that often */
	int park_restarts;		/* the same of sched_park_cpu() */
	int grant_limits_rc;		/* what grant_set_limits() answers */
	bool limits_while_visible;	/* grant_set_limits() of a domain that others could find */
	int context_rc;
	int killed, paused, unpaused, resumed, wallclocks, republished, kicks, contexts;
	u32 max_port, grant_frames, maptrack_frames, grant_version;
	u16 weight, cap;
	cpumask_t hard, soft;
};
extern struct fake_calls fake_calls;

u64 fake_m2p(mfn_t mfn);

/* What guest_log() was given since fake_log_reset(). */
extern unsigned fake_log_lines;
extern char fake_log_last[256];
void fake_log_reset(void);

#endif
