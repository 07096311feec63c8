/* SPDX-License-Identifier: GPL-2.0-only */
/* The scheduler on a simulated machine: shares, caps, latency, affinity, and random abuse. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hypervisor/lib/bitmap.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/time.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_sched.h"

#define SECOND	MS(1000)

/* --- shares ----------------------------------------------------------------------------------- */

/*
 * What each is to get of @cpus CPUs by weight, nobody more than its limit (one CPU, or its cap): what
 * one does not take is shared by the others.
 */
static void fair_shares(const u32 *weight, const double *limit, unsigned n, double cpus,
			double *share)
{
	bool full[64] = { false };
	bool again = true;

	while (again) {
		double rest = cpus, sum = 0;

		again = false;
		for (unsigned i = 0; i < n; i++) {
			if (full[i])
				rest -= limit[i];
			else
				sum += weight[i];
		}
		for (unsigned i = 0; i < n; i++) {
			share[i] = full[i] ? limit[i] : rest * weight[i] / sum;
			if (!full[i] && share[i] > limit[i]) {
				full[i] = again = true;
				break;
			}
		}
	}
}

/*
 * Spinning domains of these weights and caps (none: NULL): the error of each share, as a part of the
 * share; of those below a tenth of a CPU, of a tenth of a CPU.
 */
static double worst_error(unsigned cpus, const u32 *weight, const u32 *cap, unsigned n,
			  ns_t warm_up, ns_t time)
{
	struct sim_vcpu *s[64];
	double share[64], limit[64], worst = 0;
	ns_t before[64];

	sim_start(cpus);
	for (unsigned i = 0; i < n; i++) {
		limit[i] = cap && cap[i] ? cap[i] / 100.0 : 1;
		s[i] = sim_add(sim_domain(weight[i], cap ? cap[i] : 0, 1), 0, 0);
	}
	sim_run(warm_up);
	for (unsigned i = 0; i < n; i++)
		before[i] = sched_cpu_time(&s[i]->v);
	sim_run(time);
	sim_check();
	fair_shares(weight, limit, n, cpus, share);
	for (unsigned i = 0; i < n; i++) {
		double got = (double)(sched_cpu_time(&s[i]->v) - before[i]) / time;
		double error = fabs(got - share[i]) / fmax(share[i], 0.1);

		if (getenv("SCHED_TEST_VERBOSE"))
			fprintf(stderr, "  cpus %u weight %u limit %.2f share %.4f got %.4f\n",
				cpus, weight[i], limit[i], share[i], got);
		ck_assert_double_lt(got, 1.02 * limit[i] + 0.001);
		worst = error > worst ? error : worst;
	}
	sim_stop();
	return worst;
}

START_TEST(test_equal_weights)
{
	const u32 equal[] = { 256, 256, 256, 256, 256, 256, 256 };

	for (unsigned cpus = 1; cpus <= 4; cpus++)
		for (unsigned n = cpus; n <= 7; n++)
			ck_assert_double_lt(worst_error(cpus, equal, NULL, n, SECOND,
						       20 * SECOND), 0.02);
}
END_TEST

START_TEST(test_chosen_weights)
{
	static const struct {
		unsigned cpus, n;
		u32 weight[6];
	} cases[] = {
		{ 1, 2, { 256, 512 } },
		{ 1, 3, { 100, 1000, 10000 } },
		{ 1, 2, { 1, 100 } },
		{ 2, 3, { 512, 256, 256 } },
		{ 2, 3, { 10000, 200, 100 } },
		{ 2, 4, { 512, 256, 256, 256 } },
		{ 2, 5, { 300, 200, 100, 100, 100 } },
		{ 4, 6, { 1000, 500, 400, 300, 200, 100 } },
		{ 4, 6, { 60000, 60000, 300, 300, 200, 100 } },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		double e = worst_error(cases[i].cpus, cases[i].weight, NULL, cases[i].n,
				       2 * SECOND, 60 * SECOND);

		ck_assert_msg(e < 0.02, "case %u: error %f", i, e);
	}
}
END_TEST

static unsigned test_rounds(unsigned least)
{
	return least * (getenv("SCHED_TEST_ROUNDS") ? atoi(getenv("SCHED_TEST_ROUNDS")) : 1);
}

/*
 * Random weights, for so long that the 180 ms of credit between who is before and who is behind are less
 * than 2% of the least share. In every third round caps as well. Those run in bursts at the beginning of a
 * period, which take a CPU from somebody even if another idles later: so there are enough without a
 * cap then, and of like weights, that nobody is to have a CPU for itself. Who is held by its cap loses
 * a little of that while it waits for others.
 */
START_TEST(test_random_weights_and_caps)
{
	for (unsigned i = 0; i < test_rounds(200); i++) {
		unsigned cpus = 1 + i % 4, n, uncapped;
		bool caps = i % 3 == 0;
		u32 weight[64], cap[64];
		double e;

		sim_seed(i + 1);
		uncapped = caps ? 2 * cpus : cpus;
		n = uncapped + sim_random(12);
		for (unsigned k = 0; k < n; k++) {
			weight[k] = caps ? 256 + sim_random(256) : 64 + sim_random(1000);
			cap[k] = caps && k >= uncapped ? 1 + sim_random(99) : 0;
		}
		e = worst_error(cpus, weight, cap, n, 2 * SECOND, 100 * SECOND);
		ck_assert_msg(e < (caps ? 0.03 : 0.02), "round %u, %u CPUs, %u vCPUs: error %f",
			      i, cpus, n, e);
	}
}
END_TEST

/* Those that sleep a lot get what they ask for, at once; the rest is shared by weight. */
START_TEST(test_sleepers_among_spinners)
{
	for (unsigned cpus = 1; cpus <= 2; cpus++) {
		struct sim_vcpu *io, *a, *b;

		sim_start(cpus);
		a = sim_add(sim_domain(512, 0, 1), 0, 0);
		b = sim_add(sim_domain(256, 0, 1), 0, 0);
		if (cpus == 2)
			sim_add(sim_domain(256, 0, 1), 0, 0);
		io = sim_add(sim_domain(256, 0, 1), US(200), US(1800));
		sim_run(SECOND / 2);
		io->longest_wait = 0;
		sim_run(20 * SECOND);
		sim_check();
		/* 200 us of computation each 2 ms, delayed by no more than the rate limit. */
		ck_assert_uint_lt(io->longest_wait, US(1100));
		ck_assert_uint_gt(io->times_woken, 20 * 1000 / 3);
		ck_assert_double_eq_tol((double)a->ran / b->ran, cpus == 1 ? 2 : 1.9, 0.11);
		sim_stop();
	}
}
END_TEST

/* --- caps ------------------------------------------------------------------------------------- */

START_TEST(test_caps)
{
	static const struct {
		unsigned cpus, vcpus, cap;
	} cases[] = {
		{ 1, 1, 1 }, { 1, 1, 10 }, { 1, 1, 50 }, { 1, 1, 99 }, { 2, 1, 30 }, { 2, 2, 40 },
		{ 2, 2, 150 }, { 4, 4, 25 }, { 4, 3, 210 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		for (unsigned rivals = 0; rivals < 3; rivals++) {
			struct domain *d;
			double want = cases[i].cap / 100.0, got;
			ns_t ran = 0;

			sim_start(cases[i].cpus);
			d = sim_domain(65535, cases[i].cap, cases[i].vcpus);
			for (unsigned k = 0; k < cases[i].vcpus; k++)
				sim_add(d, 0, 0);
			for (unsigned k = 0; k < rivals; k++)
				sim_add(sim_domain(256, 0, 1), 0, 0);
			sim_run(30 * SECOND);
			sim_check();
			for (unsigned k = 0; k < cases[i].vcpus; k++)
				ran += sched_cpu_time(d->vcpu[k]);
			got = (double)ran / (30 * SECOND);
			ck_assert_msg(fabs(got - want) < 0.02 * want + 0.001,
				      "case %u with %u rivals: %f", i, rivals, got);
			sim_stop();
		}
}
END_TEST

START_TEST(test_cap_is_lifted)
{
	struct sim_vcpu *s;
	struct domain *d;
	ns_t before;
	u16 weight, cap;

	sim_start(1);
	d = sim_domain(256, 5, 1);
	s = sim_add(d, 0, 0);
	sim_run(SECOND);
	ck_assert_int_eq(sched_set_params(d, 300, 0), 0);
	sched_get_params(d, &weight, &cap);
	ck_assert_uint_eq(weight, 300);
	ck_assert_uint_eq(cap, 0);
	sim_run(MS(60));
	before = sched_cpu_time(&s->v);
	sim_run(SECOND);
	ck_assert_uint_eq(sched_cpu_time(&s->v) - before, SECOND);
	ck_assert_int_eq(sched_set_params(d, 0, 0), -EINVAL);
	sim_stop();
}
END_TEST

/* --- latency and slices ----------------------------------------------------------------------- */

START_TEST(test_nobody_starves)
{
	sim_start(2);
	for (unsigned i = 0; i < 20; i++)
		sim_add(sim_domain(i % 4 ? 256 : 2000, 0, 1), 0, 0);
	for (unsigned i = 0; i < 10; i++)
		sim_add(sim_domain(256, 0, 1), US(500 + 100 * i), MS(2 + i));
	sim_run(30 * SECOND);
	sim_check();
	for (unsigned i = 0; i < nr_sim_vcpus; i++) {
		ck_assert_uint_gt(sim_vcpus[i]->times_run, 50);
		ck_assert_uint_lt(sim_vcpus[i]->longest_wait, SECOND);
	}
	sim_stop();
}
END_TEST

/*
 * Nor does one that has credit where others are always woken before it, while the other CPU's go round
 * among one that yields and one that has had more than its share.
 */
START_TEST(test_yielding_starves_nobody)
{
	cpumask_t cpu0 = BIT(0), cpu1 = BIT(1), all = ~0ull;
	struct sim_vcpu *s, *yielder;

	sim_start(2);
	for (unsigned i = 0; i < 5; i++) {
		s = sim_add(sim_domain(10000, 0, 1), MS(3), MS(7));
		ck_assert_int_eq(sched_set_affinity(&s->v, &cpu0, NULL), 0);
	}
	s = sim_add(sim_domain(64, 0, 1), 0, 0);
	ck_assert_int_eq(sched_set_affinity(&s->v, &cpu1, NULL), 0);
	yielder = sim_add(sim_domain(10000, 0, 1), US(100), 0);
	yielder->yields = true;
	ck_assert_int_eq(sched_set_affinity(&yielder->v, &cpu1, NULL), 0);
	s = sim_add(sim_domain(1000, 0, 1), 0, 0);
	ck_assert_int_eq(sched_set_affinity(&s->v, &cpu0, NULL), 0);
	sim_run(SECOND);
	ck_assert_uint_lt(sched_cpu_time(&s->v), MS(30));
	ck_assert_int_eq(sched_set_affinity(&s->v, &all, NULL), 0);
	sim_run(SECOND);
	ck_assert_uint_gt(sched_cpu_time(&s->v), MS(30));
	sim_check();
	sim_stop();
}
END_TEST

START_TEST(test_wake_preempts_after_the_rate_limit)
{
	struct sim_vcpu *hog, *io;

	sim_start(1);
	hog = sim_add(sim_domain(256, 0, 1), 0, 0);
	io = sim_add(sim_domain(256, 0, 1), US(100), 1000 * SECOND);
	sim_run(MS(500));
	ck_assert_int_eq(io->v.runstate.state, RUNSTATE_blocked);
	sim_wake(io);
	sim_settle();
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &io->v);
	sim_run(US(100));
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &hog->v);
	sim_run(US(10));
	sim_wake(io);
	sim_settle();
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &hog->v);
	sim_run(US(990));
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &io->v);
	sim_stop();
}
END_TEST

START_TEST(test_global_limits)
{
	u32 tslice, ratelimit;

	sim_start(1);
	ck_assert_int_eq(sched_set_global(0, 0), -EINVAL);
	ck_assert_int_eq(sched_set_global(1001, 0), -EINVAL);
	ck_assert_int_eq(sched_set_global(30, 99), -EINVAL);
	ck_assert_int_eq(sched_set_global(1000, 500001), -EINVAL);
	ck_assert_int_eq(sched_set_global(1, 1001), -EINVAL);
	ck_assert_int_eq(sched_set_global(5, 0), 0);
	sched_get_global(&tslice, &ratelimit);
	ck_assert_uint_eq(tslice, 5);
	ck_assert_uint_eq(ratelimit, 0);
	sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_run(SECOND);
	ck_assert_uint_ge(sim_switches, 190);
	sim_stop();
}
END_TEST

/*
 * A CPU with one vCPU and nobody else needs no ticks but the accounting; an idle one none at all.
 */
START_TEST(test_few_interrupts)
{
	struct sim_vcpu *s;

	sim_start(2);
	s = sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_run(SECOND);
	ck_assert_uint_le(sim_interrupts, 36);
	atomic_store(&s->v.pause_flags, PAUSE_DOWN);
	sched_sleep(&s->v);
	sim_run(SECOND);
	sim_interrupts = 0;
	sim_run(100 * SECOND);
	ck_assert_uint_eq(sim_interrupts, 0);
	sim_stop();
}
END_TEST

START_TEST(test_yield)
{
	struct sim_vcpu *a, *b;

	sim_start(1);
	a = sim_add(sim_domain(256, 0, 1), US(10), 0);
	a->yields = true;
	sim_run(MS(10));
	ck_assert_uint_eq(sim_switches, 1);	/* alone: it goes on */
	b = sim_add(sim_domain(256, 0, 1), US(10), 0);
	b->yields = true;
	sim_run(MS(10));
	ck_assert_uint_gt(sim_switches, 900);
	ck_assert_uint_gt(b->ran, MS(4));
	/* Many short turns leave the APIC alone. */
	ck_assert_uint_lt(sim_apic_writes, 20);
	sim_stop();
}
END_TEST

/* --- waiting ---------------------------------------------------------------------------------- */

START_TEST(test_block_with_event_pending)
{
	struct sim_vcpu *s;

	sim_start(1);
	s = sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_settle();
	s->info.evtchn_upcall_pending = 1;
	s->info.evtchn_upcall_mask = 1;
	sched_block();
	ck_assert_uint_eq(s->info.evtchn_upcall_mask, 0);
	ck_assert_uint_eq(atomic_load(&s->v.pause_flags), 0);
	s->info.evtchn_upcall_pending = 0;
	atomic_store(&s->v.work, VCPU_WORK_NMI);
	sched_block();
	ck_assert_uint_eq(atomic_load(&s->v.pause_flags), 0);
	atomic_store(&s->v.work, 0);
	sched_block();
	ck_assert_uint_eq(atomic_load(&s->v.pause_flags), PAUSE_BLOCKED);
	/* The event comes before schedule() has run: it must not sleep. */
	vcpu_kick(&s->v);
	sim_settle();
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &s->v);
	sim_stop();
}
END_TEST

static struct sim_vcpu *poller(void)
{
	struct sim_vcpu *s;

	sim_start(1);
	s = sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_settle();
	s->info.evtchn_upcall_mask = 1;
	return s;
}

START_TEST(test_poll_returns_at_once)
{
	const u32 ports[] = { 3, 5 }, bad[] = { 3, 64 };
	struct sim_vcpu *s = poller();

	sim_pending_ports = 1 << 5;
	ck_assert_int_eq(sched_poll(ports, 2, 0), 0);
	ck_assert_uint_eq(atomic_load(&s->v.pause_flags), 0);
	ck_assert_int_eq(sched_poll(bad, 2, 0), -EINVAL);
	ck_assert_uint_eq(atomic_load(&s->v.pause_flags), 0);
	s->info.evtchn_upcall_mask = 0;
	s->info.evtchn_upcall_pending = 1;
	ck_assert_int_eq(sched_poll(bad, 2, 0), 0);	/* an event is deliverable: not looked at */
	ck_assert_uint_eq(atomic_load(&s->v.pause_flags), 0);
	ck_assert_uint_eq(atomic_load(&s->v.domain->sched->pollers), 0);
	sim_stop();
}
END_TEST

START_TEST(test_poll_is_woken)
{
	const u32 ports[] = { 3, 5 };
	struct sim_vcpu *s = poller();

	ck_assert_int_eq(sched_poll(ports, 1, 0), 0);
	sim_settle();
	ck_assert(cpu_table[0]->vcpu->is_idle);
	sched_poll_wake(s->v.domain, 5);
	sim_settle();
	ck_assert(cpu_table[0]->vcpu->is_idle);
	sched_poll_wake(s->v.domain, 3);
	sim_settle();
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &s->v);
	/* With several ports any one may be it. */
	ck_assert_int_eq(sched_poll(ports, 2, 0), 0);
	sim_settle();
	sched_poll_wake(s->v.domain, 5);
	sim_settle();
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &s->v);
	sim_stop();
}
END_TEST

START_TEST(test_poll_times_out)
{
	const u32 port = 3;
	struct sim_vcpu *s = poller();

	ck_assert_int_eq(sched_poll(&port, 1, sim_now + MS(5)), 0);
	sim_run(MS(5) - 1);
	ck_assert(cpu_table[0]->vcpu->is_idle);
	sim_run(US(11));
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &s->v);
	ck_assert_uint_eq(atomic_load(&s->v.domain->sched->pollers), 0);
	/* A time already past; and one that is left over does not end a later poll without. */
	ck_assert_int_eq(sched_poll(&port, 1, 1), 0);
	sim_run(US(20));
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &s->v);
	ck_assert_int_eq(sched_poll(&port, 1, sim_now + MS(5)), 0);
	sim_settle();
	sched_poll_wake(s->v.domain, 3);
	sim_settle();
	ck_assert_int_eq(sched_poll(&port, 1, 0), 0);
	sim_run(MS(20));
	ck_assert(cpu_table[0]->vcpu->is_idle);
	/* Nor does it end a later block. */
	sched_poll_wake(s->v.domain, 3);
	sim_settle();
	ck_assert_int_eq(sched_poll(&port, 1, sim_now + MS(5)), 0);
	sim_settle();
	sched_poll_wake(s->v.domain, 3);
	sim_settle();
	sched_block();
	sim_run(MS(20));
	ck_assert(cpu_table[0]->vcpu->is_idle);
	sim_stop();
}
END_TEST

/* --- placement and affinity ------------------------------------------------------------------- */

START_TEST(test_new_vcpus_are_spread)
{
	sim_start(4);
	for (unsigned i = 0; i < 8; i++)
		sim_add(sim_domain(256, 0, 1), 0, 0);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(atomic_load(&sched_of(i)->nr_vcpus), 2);
	sim_stop();
}
END_TEST

START_TEST(test_affinity_moves)
{
	cpumask_t cpu2 = BIT(2), none = BIT(40), all = ~0ull, hard, soft;
	struct sim_vcpu *running, *asleep;

	sim_start(4);
	running = sim_add(sim_domain(256, 0, 1), 0, 0);
	asleep = sim_add(sim_domain(256, 0, 1), US(10), MS(1000));
	sim_run(MS(10));
	ck_assert_int_eq(sched_set_affinity(&running->v, &none, NULL), -EINVAL);
	ck_assert_int_eq(sched_set_affinity(&running->v, &cpu2, NULL), 0);
	ck_assert_int_eq(sched_set_affinity(&asleep->v, &cpu2, &cpu2), 0);
	sim_settle();
	ck_assert_ptr_eq(cpu_table[2]->vcpu, &running->v);
	ck_assert_uint_eq(asleep->v.processor, 2);
	sim_wake(asleep);
	sim_run(MS(20));
	ck_assert_uint_eq(asleep->times_run, 2);
	ck_assert_int_eq(sched_set_affinity(&running->v, &all, &cpu2), 0);
	sched_get_affinity(&running->v, &hard, &soft);
	ck_assert(hard == ~0ull && soft == cpu2);
	sim_check();
	sim_stop();
}
END_TEST

static void try_soft_affinity(void)
{
	cpumask_t cpu1 = BIT(1), cpu2 = BIT(2), cpus01 = BIT(0) | BIT(1);
	struct sim_vcpu *s, *rival, *sleeper;
	ns_t before;

	sim_start(3);
	s = sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_run(MS(100));
	ck_assert_uint_ne(s->v.processor, 2);
	/* One that never sleeps goes as soon as it is told. */
	ck_assert_int_eq(sched_set_affinity(&s->v, NULL, &cpu2), 0);
	sim_settle();
	ck_assert_ptr_eq(cpu_table[2]->vcpu, &s->v);
	/* One that sleeps goes when it wakes. */
	sleeper = sim_add(sim_domain(256, 0, 1), US(100), MS(1));
	ck_assert_int_eq(sched_set_affinity(&sleeper->v, NULL, &cpu1), 0);
	sim_run(MS(10));
	before = sched_idle_time(0);
	sim_run(SECOND);
	ck_assert_uint_eq(sched_idle_time(0) - before, SECOND);
	/* Two that like the same CPU: each runs all the time, one of them elsewhere. */
	rival = sim_add(sim_domain(256, 0, 1), 0, 0);
	ck_assert_int_eq(sched_set_affinity(&rival->v, NULL, &cpu2), 0);
	sim_run(MS(100));
	before = sched_cpu_time(&s->v) + sched_cpu_time(&rival->v);
	sim_run(SECOND);
	ck_assert_uint_ge(sched_cpu_time(&s->v) + sched_cpu_time(&rival->v) - before,
			  2 * SECOND - MS(20));
	/* The CPU it likes is free again: it comes back, and what it may not use it never does. */
	atomic_store(&s->v.pause_flags, PAUSE_DOWN);
	sched_sleep(&s->v);
	sim_run(MS(31));
	ck_assert_ptr_eq(cpu_table[2]->vcpu, &rival->v);
	ck_assert_int_eq(sched_set_affinity(&rival->v, &cpus01, NULL), 0);
	sim_run(MS(100));
	ck_assert_uint_ne(rival->v.processor, 2);
	sim_check();
	sim_stop();
}

/* Who runs elsewhere goes where it likes to be, in whatever order CPUs look; who would wait does not. */
START_TEST(test_soft_affinity)
{
	for (unsigned i = 1; i <= 50; i++) {
		sim_seed(i);
		try_soft_affinity();
	}
}
END_TEST

/* CPUs that become idle take first who likes them, though it waits behind others. */
START_TEST(test_soft_affinity_when_taken)
{
	cpumask_t all = ~0ull, cpu2 = BIT(2), mask;
	struct sim_vcpu *hog[3], *likes[2];

	sim_start(3);
	for (unsigned i = 0; i < 3; i++) {
		hog[i] = sim_add(sim_domain(256, 0, 1), 0, 0);
		mask = BIT(i);
		ck_assert_int_eq(sched_set_affinity(&hog[i]->v, &mask, NULL), 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		likes[i] = sim_add(sim_domain(256, 0, 1), 0, 0);
		mask = BIT(i);
		ck_assert_int_eq(sched_set_affinity(&likes[i]->v, &cpu2, &mask), 0);
	}
	sim_run(MS(100));
	ck_assert_int_eq(sched_set_affinity(&likes[1]->v, &all, NULL), 0);
	ck_assert_int_eq(sched_set_affinity(&likes[0]->v, &all, NULL), 0);
	for (unsigned i = 0; i < 2; i++) {
		atomic_store(&hog[i]->v.pause_flags, PAUSE_DOWN);
		sched_sleep(&hog[i]->v);
	}
	sim_run(MS(100));
	for (unsigned i = 0; i < 2; i++)
		ck_assert_ptr_eq(cpu_table[i]->vcpu, &likes[i]->v);
	sim_check();
	sim_stop();
}
END_TEST

START_TEST(test_pinned_ones_share_their_cpu)
{
	cpumask_t cpu0 = BIT(0);
	struct sim_vcpu *s[3], *other;

	sim_start(2);
	for (unsigned i = 0; i < 3; i++) {
		s[i] = sim_add(sim_domain(256 << i, 0, 1), 0, 0);
		ck_assert_int_eq(sched_set_affinity(&s[i]->v, &cpu0, NULL), 0);
	}
	other = sim_add(sim_domain(16, 0, 1), 0, 0);
	sim_run(40 * SECOND);
	sim_check();
	for (unsigned i = 0; i < 3; i++)
		ck_assert_double_eq_tol((double)sched_cpu_time(&s[i]->v) / (40 * SECOND),
					(1 << i) / 7.0, 0.02);
	ck_assert_uint_gt(sched_cpu_time(&other->v), 39 * SECOND);
	sim_stop();
}
END_TEST

START_TEST(test_pin_override)
{
	cpumask_t cpu1 = BIT(1), hard, soft;
	struct sim_vcpu *s;

	sim_start(2);
	s = sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_settle();
	ck_assert_int_eq(sched_pin_override(&s->v, -1), -EINVAL);
	ck_assert_int_eq(sched_pin_override(&s->v, 2), -EINVAL);
	ck_assert_int_eq(sched_pin_override(&s->v, MAX_CPUS), -EINVAL);
	ck_assert_int_eq(sched_pin_override(&s->v, 1), 0);
	sim_settle();
	ck_assert_ptr_eq(cpu_table[1]->vcpu, &s->v);
	ck_assert_int_eq(sched_pin_override(&s->v, 0), -EBUSY);
	ck_assert_int_eq(sched_set_affinity(&s->v, &cpu1, NULL), -EBUSY);
	sched_get_affinity(&s->v, &hard, &soft);
	ck_assert(hard == ~0ull);
	ck_assert_int_eq(sched_pin_override(&s->v, -7), 0);
	ck_assert(s->v.sched->e.hard == ~0ull);
	sim_stop();
}
END_TEST

/* --- abuse ------------------------------------------------------------------------------------ */

/* As the control domain does, which calls again until it is done. */
static void park(u32 cpu)
{
	int rc;

	while ((rc = sched_park_cpu(cpu)) == -ERESTART)
		sim_settle();
	ck_assert_int_eq(rc, 0);
	ck_assert(cpu_table[cpu]->vcpu->is_idle);
	ck_assert_uint_eq(atomic_load(&sched_of(cpu)->nr_vcpus), 0);
}

static void abuse_one(struct sim_vcpu *s)
{
	struct vcpu *v = &s->v;
	cpumask_t mask;

	sim_on_cpu(sim_random(nr_cpus));
	switch (sim_random(14)) {
	case 0:
	case 1:
		atomic_fetch_add(&v->pause_count, 1);
		sched_sleep(v);
		break;
	case 2:
	case 3:
	case 4:
		if (atomic_load(&v->pause_count) && atomic_fetch_sub(&v->pause_count, 1) == 1)
			sched_wake(v);
		break;
	case 5:
		mask = 1 + sim_random(BIT(nr_cpus) - 1);
		ck_assert_int_eq(sched_set_affinity(v, &mask, NULL),
				 mask & sched_usable_cpus() ? 0 : -EINVAL);
		break;
	case 6:
		mask = sim_random(0);
		ck_assert_int_eq(sched_set_affinity(v, NULL, &mask), 0);
		break;
	case 7:
		ck_assert_int_eq(sched_set_params(v->domain, 1 + sim_random(65535),
						  sim_random(3) ? 0 : 1 + sim_random(200)), 0);
		break;
	case 8:
		if (atomic_fetch_or(&v->pause_flags, PAUSE_DOWN) & PAUSE_DOWN) {
			atomic_fetch_and(&v->pause_flags, ~PAUSE_DOWN);
			sched_wake(v);
		} else {
			sched_sleep(v);
		}
		break;
	case 9:
		atomic_fetch_add(&v->domain->pause_count, 1);
		sched_sleep(v);
		sim_run(sim_random(MS(3)));
		atomic_fetch_sub(&v->domain->pause_count, 1);
		sched_wake(v);
		break;
	case 10:
		sim_wake(s);
		break;
	case 11:
		sched_prod(sched_of(sim_random(nr_cpus)));
		break;
	case 12:
		if (nr_cpus > 1)
			park(1 + sim_random(nr_cpus - 1));
		break;
	case 13:
		if (nr_cpus > 1)
			sched_unpark_cpu(1 + sim_random(nr_cpus - 1));
		break;
	}
}

/* Afterwards everybody may run again, and does: no wake-up was lost on the way. */
static void all_run_again(void)
{
	cpumask_t all = ~0ull;
	u64 before[64];

	for (unsigned i = 1; i < nr_cpus; i++)
		sched_unpark_cpu(i);

	for (unsigned i = 0; i < nr_sim_vcpus; i++) {
		struct vcpu *v = &sim_vcpus[i]->v;

		sched_set_params(v->domain, 256, 0);
		sched_set_affinity(v, &all, NULL);
		atomic_store(&v->pause_count, 0);
		atomic_fetch_and(&v->pause_flags, ~PAUSE_DOWN);
		sched_wake(v);
		sim_wake(sim_vcpus[i]);
	}
	sim_run(SECOND);
	for (unsigned i = 0; i < nr_sim_vcpus; i++)
		before[i] = sched_cpu_time(&sim_vcpus[i]->v);
	sim_run(5 * SECOND);
	sim_check();
	for (unsigned i = 0; i < nr_sim_vcpus; i++) {
		struct sim_vcpu *s = sim_vcpus[i];

		ck_assert_msg(sched_cpu_time(&s->v) > before[i],
			      "vCPU %u: flags %x, state %d, wakes at %ld, pending %d, polls %d", i,
			      atomic_load(&s->v.pause_flags), s->v.sched->e.state,
			      (long)(s->wakes_at - sim_now), s->info.evtchn_upcall_pending,
			      s->sleeps_by_poll);
	}
}

START_TEST(test_abuse)
{
	for (unsigned round = 0; round < test_rounds(500); round++) {
		unsigned n;

		sim_seed(1000 + round);
		sim_start(1 + sim_random(6));
		n = 1 + sim_random(24);
		for (unsigned i = 0; i < n; i++) {
			struct sim_vcpu *s = sim_add(sim_domain(1 + sim_random(2000), 0, 1),
						     sim_random(3) ? 1 + sim_random(MS(4)) : 0,
						     1 + sim_random(MS(8)));

			s->yields = sim_random(4) == 0;
			s->sleeps_by_poll = sim_random(4) == 0;
		}
		for (unsigned i = 0; i < 4000; i++) {
			abuse_one(sim_vcpus[sim_random(n)]);
			sim_run(sim_random(MS(2)));
			if (i % 16 == 0)
				sim_check();
		}
		all_run_again();
		sim_stop();
	}
}
END_TEST

START_TEST(test_parking)
{
	cpumask_t cpu1 = BIT(1), cpu0 = BIT(0), hard, soft;
	struct sim_vcpu *pinned, *asleep, *s[4];
	ns_t idle;

	sim_start(2);
	for (unsigned i = 0; i < 4; i++)
		s[i] = sim_add(sim_domain(256, 0, 1), 0, 0);
	pinned = sim_add(sim_domain(256, 0, 1), 0, 0);
	ck_assert_int_eq(sched_set_affinity(&pinned->v, &cpu1, NULL), 0);
	asleep = sim_add(sim_domain(256, 0, 1), US(10), MS(50));
	ck_assert_int_eq(sched_set_affinity(&asleep->v, &cpu1, NULL), 0);
	sim_run(MS(100));
	ck_assert_int_eq(sched_park_cpu(0), -EINVAL);
	ck_assert_int_eq(sched_park_cpu(2), -EINVAL);
	ck_assert_int_eq(sched_unpark_cpu(1), -EEXIST);
	ck_assert_int_eq(sched_unpark_cpu(2), -EINVAL);
	park(1);
	sim_check();
	ck_assert_uint_eq(sched_usable_cpus(), cpu0);
	ck_assert_int_eq(sched_set_affinity(&pinned->v, &cpu1, NULL), -EINVAL);
	ck_assert_int_eq(sched_pin_override(&pinned->v, 1), -EINVAL);
	/* What was pinned there may run anywhere now, and does; the parked CPU does nothing. */
	sched_get_affinity(&pinned->v, &hard, &soft);
	ck_assert(hard == ~0ull);
	idle = sched_idle_time(1);
	asleep->times_run = 0;
	sim_run(SECOND);
	ck_assert_uint_eq(sched_idle_time(1) - idle, SECOND);
	ck_assert_uint_ge(asleep->times_run, 10);
	sim_check();
	ck_assert_int_eq(sched_unpark_cpu(1), 0);
	sim_run(SECOND);
	ck_assert_uint_eq(sched_idle_time(1) - idle, SECOND);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_gt(sched_cpu_time(&s[i]->v), SECOND / 3);
	sim_check();
	sim_stop();
}
END_TEST

/* With a thousand waiting, a decision costs no more than it must. */
START_TEST(test_a_thousand_runnable)
{
	sim_start(1);
	for (unsigned i = 0; i < 1000; i++)
		sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_run(10 * SECOND);
	for (unsigned i = 0; i < 1000; i++)
		ck_assert_uint_ge(sched_cpu_time(&sim_vcpus[i]->v), MS(6));
	sched_dump();
	sim_stop();
}
END_TEST

/* --- the rest --------------------------------------------------------------------------------- */

START_TEST(test_watchdogs)
{
	struct domain *d;

	sim_start(1);
	d = sim_domain(256, 0, 1);
	sim_add(d, 0, 0);
	sim_settle();
	ck_assert_int_eq(sched_watchdog(3, 1), -EINVAL);
	ck_assert_int_eq(sched_watchdog(1, 1), -EINVAL);
	ck_assert_int_eq(sched_watchdog(0, 1), 1);
	ck_assert_int_eq(sched_watchdog(0, 2), 2);
	ck_assert_int_eq(sched_watchdog(0, 2), -ENOSPC);
	sim_run(MS(900));
	ck_assert_int_eq(sched_watchdog(1, 1), 0);
	ck_assert_int_eq(sched_watchdog(2, 0), 0);
	sim_run(MS(990));
	ck_assert_uint_eq(sim_shutdown_reason, ~0u);
	ck_assert_int_eq(sched_watchdog(0, 100), 2);
	sim_run(MS(11));
	ck_assert_uint_eq(sim_shutdown_reason, 4);	/* SHUTDOWN_watchdog */
	sim_stop();
}
END_TEST

START_TEST(test_runstate_area)
{
	struct vcpu_runstate_info info;
	u8 compat[44 + 4];
	u64 entry;
	struct sim_vcpu *s;

	sim_start(1);
	s = sim_add(sim_domain(256, 0, 1), MS(1), MS(2));
	s->v.runstate_area = (u64)&info;
	sim_run(MS(10));
	/* Runs at 0-1, 3-4, 6-7, 9-10 and has just blocked. */
	ck_assert_int_eq(info.state, RUNSTATE_blocked);
	ck_assert_uint_eq(info.state_entry_time, MS(10));
	ck_assert_uint_eq(info.time[RUNSTATE_running], MS(4));
	ck_assert_uint_eq(info.time[RUNSTATE_blocked], MS(6));
	s->v.domain->is_pv32 = true;
	s->v.domain->vm_assist = BIT(VMASST_TYPE_runstate_update_flag);
	s->v.runstate_area = (u64)compat;
	memset(compat, 0xee, sizeof(compat));
	sim_run(MS(3));
	memcpy(&entry, compat + 4, 8);
	ck_assert_uint_eq(compat[0], RUNSTATE_blocked);
	ck_assert_uint_eq(entry, MS(13));	/* the flag is gone again */
	ck_assert_uint_eq(compat[44], 0xee);
	sim_guest_memory_faults = true;
	sim_run(MS(10));
	sim_guest_memory_faults = false;
	sim_check();
	sim_stop();
}
END_TEST

/* Nobody takes a vCPU's time away: what the CPUs did adds up. sim_check() has the sums. */
START_TEST(test_time_adds_up)
{
	sim_start(3);
	for (unsigned i = 0; i < 7; i++)
		sim_add(sim_domain(256, i == 6 ? 20 : 0, 1), US(10 + 77 * i), US(100 + 13 * i));
	for (unsigned i = 0; i < 2000; i++) {
		sim_run(sim_random(US(500)));
		sim_check();
	}
	sim_stop();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sched");
	TCase *shares = tcase_create("shares"), *calls = tcase_create("calls");

	tcase_set_timeout(shares, 600);
	tcase_add_test(shares, test_equal_weights);
	tcase_add_test(shares, test_chosen_weights);
	tcase_add_test(shares, test_random_weights_and_caps);
	tcase_add_test(shares, test_sleepers_among_spinners);
	tcase_add_test(shares, test_caps);
	tcase_add_test(shares, test_cap_is_lifted);
	tcase_add_test(shares, test_nobody_starves);
	tcase_add_test(shares, test_yielding_starves_nobody);
	tcase_add_test(shares, test_pinned_ones_share_their_cpu);
	tcase_add_test(shares, test_a_thousand_runnable);
	tcase_add_test(shares, test_abuse);
	suite_add_tcase(s, shares);
	tcase_add_test(calls, test_wake_preempts_after_the_rate_limit);
	tcase_add_test(calls, test_global_limits);
	tcase_add_test(calls, test_few_interrupts);
	tcase_add_test(calls, test_yield);
	tcase_add_test(calls, test_block_with_event_pending);
	tcase_add_test(calls, test_poll_returns_at_once);
	tcase_add_test(calls, test_poll_is_woken);
	tcase_add_test(calls, test_poll_times_out);
	tcase_add_test(calls, test_new_vcpus_are_spread);
	tcase_add_test(calls, test_affinity_moves);
	tcase_add_test(calls, test_soft_affinity);
	tcase_add_test(calls, test_soft_affinity_when_taken);
	tcase_add_test(calls, test_parking);
	tcase_add_test(calls, test_pin_override);
	tcase_add_test(calls, test_watchdogs);
	tcase_add_test(calls, test_runstate_area);
	tcase_add_test(calls, test_time_adds_up);
	suite_add_tcase(s, calls);
	return s;
}

CHECK_MAIN(suite)
