/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler under real concurrency: each CPU is a thread, the locks are the real ones. vCPUs
 * pass tokens round by events and sleep when they have none, so one lost wake-up stops the round;
 * and each says when it runs, so two CPUs that run one are seen.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/switch.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/sched_cpu.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/time_vcpu.h"
#include "tests/host/check_main.h"

#define CPUS		4
#define VCPUS		10
#define TOKENS		4
#define HOPS		60000
#define PATIENCE	60	/* seconds without a hop: the round has stopped */

struct percpu *cpu_table[MAX_CPUS];
u32 nr_cpus;
struct domain domain_idle = { .id = DOMID_IDLE };

static _Thread_local struct percpu *here;
static _Atomic u64 deadline[CPUS + 1];
static struct runner {
	struct vcpu v;
	struct vcpu_info info;
	_Atomic bool runs;
	_Atomic u32 tokens;
} runners[VCPUS];
static struct domain domains[VCPUS];
static _Atomic u64 hops;
static _Atomic bool finish;

/* --- levels below ----------------------------------------------------------------------------- */

struct percpu *this_cpu(void)
{
	return here;
}

ns_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_SECOND + ts.tv_nsec;
}

u64 ns_to_tsc(ns_t t)
{
	return t;
}

void apic_timer_set(u64 tsc)
{
	atomic_store(&deadline[here->id], tsc);
}

void cpu_raise(struct percpu *cpu, enum cpu_work work)
{
	atomic_fetch_or(&cpu->work, work);
}

void tlb_serve(void)
{
}

void bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "BUG at %s:%d: %s\n", file, line, what);
	abort();
}

void hv_log(enum log_level level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

void hv_print(const char *fmt, ...)
{
	(void)fmt;
}

void *kalloc(size_t size)
{
	void *p = aligned_alloc(64, ROUND_UP(size, 64));

	return memset(p, 0, size);
}

void kfree(void *ptr)
{
	free(ptr);
}

int copy_to_guest(gva_t dst, const void *src, size_t len)
{
	memcpy((void *)dst, src, len);
	return 0;
}

int evtchn_any_pending(struct domain *d, const u32 *ports, unsigned nr)
{
	(void)ports;
	(void)nr;
	return atomic_load(&runners[d->id].tokens) != 0;
}

void wallclock_publish(struct domain *d)
{
	(void)d;
}

void time_switch_in(struct vcpu *v)
{
	(void)v;
}

void send_vcpu_virq(struct vcpu *v, u32 virq)
{
	(void)v;
	(void)virq;
	BUG();
}

void domain_hold(struct domain *d)
{
	atomic_fetch_add(&d->refs, 1);
}

void domain_put(struct domain *d)
{
	atomic_fetch_sub(&d->refs, 1);
}

struct domain *domain_get_next(u32 id)
{
	if (id >= VCPUS)
		return NULL;
	domain_hold(&domains[id]);
	return &domains[id];
}

void domain_shutdown(struct domain *d, u8 reason)
{
	(void)d;
	(void)reason;
	BUG();
}

struct vcpu *idle_vcpu_create(u32 cpu)
{
	struct vcpu *v = kalloc(sizeof(*v));

	v->is_idle = true;
	v->domain = &domain_idle;
	v->processor = cpu;
	return v;
}

static struct runner *runner_of(struct vcpu *v)
{
	return container_of(v, struct runner, v);
}

/* Leaves some time between choosing and being there, and between leaving and being gone. */
void context_switch(struct vcpu *prev, struct vcpu *next)
{
	BUG_ON(here->vcpu != prev || atomic_load(&next->running_on) != here->id + 1);
	if (!prev->is_idle)
		BUG_ON(!atomic_exchange(&runner_of(prev)->runs, false));
	here->vcpu = next;
	if (!next->is_idle)
		BUG_ON(atomic_exchange(&runner_of(next)->runs, true));
	atomic_store_explicit(&prev->running_on, 0, memory_order_release);
}

/* --- guests ----------------------------------------------------------------------------------- */

static void give_token(struct runner *to)
{
	atomic_fetch_add(&to->tokens, 1);
	__atomic_store_n(&to->info.evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
	sched_poll_wake(to->v.domain, 1);
	if (atomic_load(&to->v.pause_flags) & PAUSE_BLOCKED) {
		atomic_fetch_and(&to->v.pause_flags, ~PAUSE_BLOCKED);
		sched_wake(&to->v);
	}
}

/* What a vCPU does each time it is let run: pass one token on, or wait for one. */
static void guest_step(struct runner *r, unsigned *seed)
{
	const u32 port = 1;
	bool masked = rand_r(seed) % 2;

	BUG_ON(!atomic_load(&r->runs));
	r->info.evtchn_upcall_mask = masked;
	__atomic_store_n(&r->info.evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	if (atomic_load(&r->tokens)) {
		atomic_fetch_sub(&r->tokens, 1);
		atomic_fetch_add(&hops, 1);
		give_token(&runners[(r->v.domain->id + 1) % VCPUS]);
	} else if (masked) {
		BUG_ON(sched_poll(&port, 1, rand_r(seed) % 2 ? now() + US(200) : 0));
	} else {
		sched_block();
	}
}

/* --- CPUs ------------------------------------------------------------------------------------- */

static void *cpu_main(void *arg)
{
	unsigned seed = 1;

	here = arg;
	seed += here->id;
	while (!atomic_load(&finish)) {
		u32 work;

		if (now() >= atomic_load(&deadline[here->id])) {
			atomic_store(&deadline[here->id], ~0ull);
			cpu_raise(here, CPU_WORK_TIMER);
		}
		work = atomic_exchange(&here->work, 0);
		if (work & CPU_WORK_TIMER)
			timer_run();
		if (work & CPU_WORK_SERVICE)
			sched_account();
		if (work & CPU_WORK_SCHEDULE)
			schedule();
		if (work)
			continue;
		if (here->vcpu->is_idle)
			usleep(1);
		else
			guest_step(runner_of(here->vcpu), &seed);
	}
	return NULL;
}

/* Once it is parked no vCPU runs there, for as long as it takes. */
static void park_and_unpark(u32 cpu)
{
	while (sched_park_cpu(cpu))
		spin_wait();
	for (unsigned i = 0; i < 100; i++) {
		for (unsigned k = 0; k < VCPUS; k++)
			BUG_ON(atomic_load(&runners[k].v.running_on) == cpu + 1 &&
			       sched_of(cpu)->q.running);
		spin_wait();
	}
	BUG_ON(sched_unpark_cpu(cpu));
}

/* Another thread, as a CPU of its own, pauses them and moves them about. */
static void disturb(unsigned *seed)
{
	struct vcpu *v = &runners[rand_r(seed) % VCPUS].v;
	cpumask_t mask = 1 + rand_r(seed) % 15;

	switch (rand_r(seed) % 4) {
	case 0:
		atomic_fetch_add(&v->pause_count, 1);
		sched_sleep_sync(v);
		BUG_ON(atomic_load(&runner_of(v)->runs));
		atomic_fetch_sub(&v->pause_count, 1);
		sched_wake(v);
		break;
	case 1:
		BUG_ON(sched_set_affinity(v, &mask, NULL));
		break;
	case 2:
		park_and_unpark(1 + rand_r(seed) % (CPUS - 1));
		break;
	default:
		BUG_ON(sched_set_params(v->domain, 1 + rand_r(seed) % 1000, 0));
	}
	usleep(50);
}

static void create_vcpu(unsigned i)
{
	struct runner *r = &runners[i];
	struct domain *d = &domains[i];

	d->id = i;
	d->max_vcpus = 1;
	BUG_ON(sched_hooks.domain_create(d));
	r->v.domain = d;
	r->v.id = 0;
	r->v.info = &r->info;
	BUG_ON(sched_hooks.vcpu_create(&r->v) || time_hooks.vcpu_create(&r->v));
	d->vcpu[0] = &r->v;
}

static void start_cpu(unsigned i)
{
	struct percpu *cpu = kalloc(sizeof(*cpu));

	cpu->id = nr_cpus;
	cpu_table[nr_cpus++] = cpu;
	atomic_store(&cpu->online, i < CPUS);
	here = cpu;
	BUG_ON(timer_cpu_init(i) || sched_cpu_init(i));
	if (i < CPUS)
		sched_cpu_online(i);
	cpu->vcpu = cpu->idle;
	atomic_store(&cpu->work, CPU_WORK_SCHEDULE);
	if (i < CPUS)
		atomic_store(&deadline[i], ~0ull);
}

static void tear_down(void)
{
	here = cpu_table[CPUS];
	for (unsigned i = 0; i < VCPUS; i++) {
		runners[i].v.sched->e.state = ENTITY_SLEEPING;
		kfree(runners[i].v.timers);
		kfree(runners[i].v.sched);
		kfree(domains[i].sched);
	}
	for (unsigned i = 0; i <= CPUS; i++) {
		kfree(cpu_table[i]->idle);
		kfree(cpu_table[i]->sched);
		kfree(cpu_table[i]->timers);
		kfree(cpu_table[i]);
	}
}

START_TEST(test_tokens_go_round)
{
	unsigned seed = 7;
	pthread_t threads[CPUS];
	u64 last = 0;
	ns_t last_hop;

	/* The last one is this thread: not online, so nothing is placed there. */
	for (unsigned i = 0; i <= CPUS; i++)
		start_cpu(i);
	for (unsigned i = 0; i < VCPUS; i++)
		create_vcpu(i);
	for (unsigned i = 0; i < TOKENS; i++)
		atomic_store(&runners[i * 2].tokens, 1);
	for (unsigned i = 0; i < CPUS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, cpu_main, cpu_table[i]), 0);
	for (unsigned i = 0; i < VCPUS; i++)
		sched_wake(&runners[i].v);
	last_hop = now();
	while (atomic_load(&hops) < HOPS) {
		if (atomic_load(&hops) != last) {
			last = atomic_load(&hops);
			last_hop = now();
		}
		ck_assert_msg(now() - last_hop < PATIENCE * NS_PER_SECOND, "stopped after %lu hops",
			      last);
		disturb(&seed);
	}
	atomic_store(&finish, true);
	for (unsigned i = 0; i < CPUS; i++)
		pthread_join(threads[i], NULL);
	tear_down();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sched_race");
	TCase *tc = tcase_create("sched_race");

	tcase_set_timeout(tc, 600);
	tcase_add_test(tc, test_tokens_go_round);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
