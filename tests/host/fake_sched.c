/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated machine under the scheduler's tests: see fake_sched.h. */
#include "tests/host/fake_sched.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/switch.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/time_vcpu.h"

#define NEVER	(~0ull)

struct sim_vcpu *sim_vcpus[SIM_VCPUS_MAX];
unsigned nr_sim_vcpus;
ns_t sim_now;
u64 sim_switches, sim_apic_writes, sim_interrupts;
u32 sim_shutdown_reason;
unsigned sim_virqs;
u64 sim_pending_ports;
bool sim_guest_memory_faults;

struct percpu *cpu_table[MAX_CPUS];
u32 nr_cpus;
struct domain *dom0;
struct domain domain_idle = { .id = DOMID_IDLE, .is_special = true };

static struct percpu *here;
static ns_t deadline[MAX_CPUS];
static struct domain *domains[SIM_VCPUS_MAX];
static unsigned nr_domains;
static u64 random_state = 1;

/* --- small parts ------------------------------------------------------------------------------ */

u64 sim_random(u64 below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return below ? random_state % below : random_state;
}

void sim_seed(u64 seed)
{
	random_state = seed * 0x9e3779b97f4a7c15 + 1;
}

struct percpu *this_cpu(void)
{
	return here;
}

void sim_on_cpu(unsigned cpu)
{
	here = cpu_table[cpu];
}

void cpu_raise(struct percpu *cpu, enum cpu_work work)
{
	atomic_fetch_or(&cpu->work, work);
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
	va_list args;
	char line[256];

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);	/* the sanitizers look on */
	va_end(args);
}

void *kalloc(size_t size)
{
	void *p = aligned_alloc(64, ROUND_UP(size, 64));

	memset(p, 0, size);
	return p;
}

void kfree(void *ptr)
{
	free(ptr);
}

/* --- locks: nobody else is there, so only the order is looked at ------------------------------ */

static const struct spinlock *held[16];
static unsigned nr_held;

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

static void take(struct spinlock *lock, bool second)
{
	for (unsigned i = 0; i < nr_held; i++)
		BUG_ON(held[i] == lock || held[i]->rank > lock->rank ||
		       (held[i]->rank == lock->rank && !(second && held[i] < lock)));
	held[nr_held++] = lock;
}

void lock(struct spinlock *lock)
{
	take(lock, false);
}

void unlock(struct spinlock *lock)
{
	unsigned i = nr_held;

	while (i-- > 0 && held[i] != lock)
		;
	BUG_ON(i >= nr_held);
	memmove(&held[i], &held[i + 1], (--nr_held - i) * sizeof(held[0]));
}

void lock_pair(struct spinlock *a, struct spinlock *b)
{
	take(a < b ? a : b, false);
	if (a != b)
		take(a < b ? b : a, true);
}

void unlock_pair(struct spinlock *a, struct spinlock *b)
{
	unlock(a);
	if (a != b)
		unlock(b);
}

void lock_waited(enum lock_rank rank)
{
	(void)rank;
}

void spin_wait(void)
{
	fprintf(stderr, "waits for another CPU, but nothing else runs\n");
	abort();
}

/* --- levels below and beside ------------------------------------------------------------------ */

ns_t now(void)
{
	return sim_now;
}

u64 ns_to_tsc(ns_t t)
{
	return t;
}

void apic_timer_set(u64 tsc)
{
	deadline[here->id] = tsc;
	sim_apic_writes++;
}

void wallclock_publish(struct domain *d)
{
	(void)d;
}

void time_republish(struct vcpu *v)
{
	(void)v;
}

void time_switch_in(struct vcpu *v)
{
	if (!v->is_idle && atomic_load(&v->timers->period))
		vcpu_periodic_catch_up(v);
}

void send_vcpu_virq(struct vcpu *v, u32 virq)
{
	BUG_ON(virq != VIRQ_TIMER);
	sim_virqs++;
	v->info->evtchn_upcall_pending = 1;
	vcpu_kick(v);
}

int evtchn_any_pending(struct domain *d, const u32 *ports, unsigned nr)
{
	(void)d;
	for (unsigned i = 0; i < nr; i++) {
		if (ports[i] >= 64)
			return -EINVAL;
		if (sim_pending_ports >> ports[i] & 1)
			return 1;
	}
	return 0;
}

void domain_hold(struct domain *d)
{
	atomic_fetch_add(&d->refs, 1);
}

void domain_put(struct domain *d)
{
	atomic_fetch_sub(&d->refs, 1);
}

struct domain *domain_get(domid_t id)
{
	for (unsigned i = 0; i < nr_domains; i++)
		if (domains[i]->id == id) {
			domain_hold(domains[i]);
			return domains[i];
		}
	return NULL;
}

struct domain *domain_get_next(u32 id)
{
	for (unsigned i = 0; i < nr_domains; i++)
		if (domains[i]->id >= id)
			return domain_get(domains[i]->id);
	return NULL;
}

void domain_shutdown(struct domain *d, u8 reason)
{
	u32 announced = atomic_load(&d->announced_code);

	d->is_shut_down = true;
	sim_shutdown_reason = announced ? announced - 1 : reason;
}

void domain_announce_shutdown(struct domain *d, u8 code)
{
	atomic_store(&d->announced_code, code + 1u);
}

/* As domain/vcpu.c does it. */
void vcpu_kick(struct vcpu *v)
{
	if (atomic_load(&v->pause_flags) & PAUSE_BLOCKED) {
		atomic_fetch_and(&v->pause_flags, ~PAUSE_BLOCKED);
		sched_wake(v);
	}
}

int copy_from_guest(void *dst, gva_t src, size_t len)
{
	if (sim_guest_memory_faults || (len && src < 4096))
		return -EFAULT;
	memcpy(dst, (void *)src, len);
	return 0;
}

int copy_to_guest(gva_t dst, const void *src, size_t len)
{
	if (sim_guest_memory_faults || (len && dst < 4096))
		return -EFAULT;
	memcpy((void *)dst, src, len);
	return 0;
}

bool guest_range_ok(gva_t addr, size_t len)
{
	return addr + len >= addr && addr < 0x800000000000;
}

struct vcpu *idle_vcpu_create(u32 cpu)
{
	struct vcpu *v = kalloc(sizeof(*v));

	v->is_idle = true;
	v->domain = &domain_idle;
	v->id = v->processor = cpu;
	return v;
}

/* --- guests ----------------------------------------------------------------------------------- */

struct sim_vcpu *sim_of(struct vcpu *v)
{
	return container_of(v, struct sim_vcpu, v);
}

static void stopped(struct vcpu *v)
{
	struct sim_vcpu *s = sim_of(v);
	ns_t ran = sim_now - s->on_cpu_since;

	s->ran += ran;
	s->left = s->left > ran ? s->left - ran : 0;
	if (vcpu_runnable(v))
		s->waits_since = sim_now + 1;
}

static void started(struct vcpu *v)
{
	struct sim_vcpu *s = sim_of(v);

	s->on_cpu_since = sim_now;
	s->times_run++;
	s->woken_and_not_run = false;
	if (s->waits_since)
		s->longest_wait = MAX(s->longest_wait, sim_now + 1 - s->waits_since);
	s->waits_since = 0;
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	BUG_ON(nr_held);
	BUG_ON(here->vcpu != prev || prev == next);
	BUG_ON(next->processor != here->id);
	BUG_ON(atomic_load(&next->running_on) != here->id + 1);
	BUG_ON(!next->is_idle && !(next->sched->e.hard & BIT(here->id)));
	for (unsigned i = 0; i < nr_cpus; i++)
		BUG_ON(cpu_table[i]->vcpu == next);
	here->vcpu = next;
	if (!prev->is_idle)
		stopped(prev);
	if (!next->is_idle)
		started(next);
	atomic_store(&prev->running_on, 0);
	sim_switches++;
}

void sim_wake(struct sim_vcpu *s)
{
	sim_on_cpu(sim_random(nr_cpus));
	s->wakes_at = NEVER;
	s->times_woken++;
	s->woken_and_not_run = !atomic_load(&s->v.running_on);
	if (s->sleeps_by_poll) {
		sim_pending_ports |= 2;
		sched_poll_wake(s->v.domain, 1);
	} else {
		s->info.evtchn_upcall_pending = 1;
		vcpu_kick(&s->v);
	}
	if (vcpu_runnable(&s->v) && !s->waits_since && !atomic_load(&s->v.running_on))
		s->waits_since = sim_now + 1;
}

/* The end of a computation, on the vCPU's own CPU. */
static void computed(struct sim_vcpu *s)
{
	const u32 port = 1;

	stopped(&s->v);
	s->waits_since = 0;
	s->on_cpu_since = sim_now;
	s->left = s->compute_ns;
	if (s->yields) {
		sched_give_way();
		return;
	}
	s->wakes_at = sim_now + s->sleep_ns;
	if (s->sleeps_by_poll) {
		sim_pending_ports = 0;
		BUG_ON(sched_poll(&port, 1, 0));
	} else {
		s->info.evtchn_upcall_pending = 0;
		s->info.evtchn_upcall_mask = 1;
		sched_block();
	}
}

static void do_work(struct percpu *cpu)
{
	u32 work = atomic_exchange(&cpu->work, 0);

	here = cpu;
	if (work & CPU_WORK_TIMER)
		timer_run();
	if (work & CPU_WORK_SERVICE)
		sched_account();
	if (work & CPU_WORK_SCHEDULE)
		schedule();
}

void sim_settle(void)
{
	bool busy = true;

	while (busy) {
		unsigned first = sim_random(nr_cpus);

		busy = false;
		for (unsigned i = 0; i < nr_cpus; i++) {
			struct percpu *cpu = cpu_table[(first + i) % nr_cpus];

			if (atomic_load(&cpu->work)) {
				do_work(cpu);
				busy = true;
			}
		}
	}
}

static ns_t next_event(ns_t end)
{
	ns_t t = end;

	for (unsigned i = 0; i < nr_cpus; i++) {
		struct vcpu *v = cpu_table[i]->vcpu;

		t = MIN(t, deadline[i]);
		if (!v->is_idle && sim_of(v)->compute_ns)
			t = MIN(t, sim_of(v)->on_cpu_since + sim_of(v)->left);
	}
	for (unsigned i = 0; i < nr_sim_vcpus; i++)
		t = MIN(t, sim_vcpus[i]->wakes_at);
	return MAX(t, sim_now);
}

static void events(void)
{
	for (unsigned i = 0; i < nr_cpus; i++) {
		struct vcpu *v = cpu_table[i]->vcpu;
		struct sim_vcpu *s = sim_of(v);

		if (deadline[i] <= sim_now) {
			deadline[i] = NEVER;
			sim_interrupts++;
			atomic_fetch_or(&cpu_table[i]->work, CPU_WORK_TIMER);
		}
		if (!v->is_idle && s->compute_ns && s->on_cpu_since + s->left <= sim_now) {
			here = cpu_table[i];
			computed(s);
		}
	}
	for (unsigned i = 0; i < nr_sim_vcpus; i++)
		if (sim_vcpus[i]->wakes_at <= sim_now)
			sim_wake(sim_vcpus[i]);
}

void sim_run(ns_t ns)
{
	ns_t end = sim_now + ns;

	sim_settle();
	while (sim_now < end) {
		sim_now = next_event(end);
		events();
		sim_settle();
	}
}

/* --- invariants ------------------------------------------------------------------------------- */

static void check_vcpu(struct sim_vcpu *s)
{
	struct vcpu *v = &s->v;
	struct vcpu_runstate_info r;
	bool runs = cpu_table[v->processor]->vcpu == v;
	u64 idle = atomic_load(&idle_cpus) & v->sched->e.hard;
	int state = v->sched->e.state;

	sched_get_runstate(v, &r);
	/* All of its life is in one state or another. */
	BUG_ON(r.time[0] + r.time[1] + r.time[2] + r.time[3] != sim_now);
	BUG_ON(runs != (state == ENTITY_RUNNING));
	BUG_ON(runs != (atomic_load(&v->running_on) == v->processor + 1));
	BUG_ON(runs != (r.state == RUNSTATE_running));
	BUG_ON(vcpu_runnable(v) != (state != ENTITY_SLEEPING));
	BUG_ON(state == ENTITY_MOVING);
	/* A parked CPU has nobody left, but those that slept through it. */
	BUG_ON(state != ENTITY_SLEEPING && !(sched_usable_cpus() >> v->processor & 1));
	/* Nobody waits while a CPU it may use does nothing; and nobody sleeps through an event. */
	if (state == ENTITY_WAITING && idle && !entity_is_capped_out(&v->sched->e)) {
		fprintf(stderr, "d%u waits on CPU %u, class %u, may use %lx, of which %lx idle\n",
			v->domain->id, v->processor, v->sched->e.class, v->sched->e.hard, idle);
		abort();
	}
	BUG_ON(vcpu_event_deliverable(v) && (atomic_load(&v->pause_flags) & PAUSE_BLOCKED));
}

void sim_check(void)
{
	ns_t idle = 0, ran = 0;

	sim_settle();
	BUG_ON(nr_held);
	for (unsigned i = 0; i < nr_cpus; i++) {
		BUG_ON((atomic_load(&idle_cpus) >> i & 1) !=
		       (cpu_table[i]->vcpu->is_idle && !sched_of(i)->is_parked));
		idle += sched_idle_time(i);
	}
	for (unsigned i = 0; i < nr_sim_vcpus; i++) {
		check_vcpu(sim_vcpus[i]);
		ran += sched_cpu_time(&sim_vcpus[i]->v);
	}
	BUG_ON(idle + ran != sim_now * nr_cpus);
}

/* --- making and ending it --------------------------------------------------------------------- */

void sim_start(unsigned cpus)
{
	sim_now = 0;
	sim_switches = sim_apic_writes = sim_interrupts = 0;
	sim_shutdown_reason = ~0u;
	sim_virqs = 0;
	sim_pending_ports = 0;
	sim_guest_memory_faults = false;
	nr_sim_vcpus = nr_domains = 0;
	sched_limits = (struct credit_limits){ .tslice = MS(30), .ratelimit = MS(1) };
	atomic_store(&idle_cpus, 0);
	atomic_store(&usable_cpus, 0);
	for (nr_cpus = 0; nr_cpus < cpus; nr_cpus++) {
		struct percpu *cpu = kalloc(sizeof(*cpu));

		cpu->id = nr_cpus;
		atomic_store(&cpu->online, true);
		cpu_table[nr_cpus] = cpu;
		deadline[nr_cpus] = NEVER;
		here = cpu;
		BUG_ON(timer_cpu_init(cpu->id) || sched_cpu_init(cpu->id));
		sched_cpu_online(cpu->id);
		cpu->vcpu = cpu->idle;
		atomic_store(&cpu->work, CPU_WORK_SCHEDULE);
	}
	sim_on_cpu(0);
	sim_settle();
}

struct domain *sim_domain(u16 weight, u16 cap, unsigned vcpus)
{
	struct domain *d = kalloc(sizeof(*d));

	d->id = nr_domains + 1;
	d->max_vcpus = vcpus;
	BUG_ON(sched_hooks.domain_create(d) || sched_set_params(d, weight, cap));
	domains[nr_domains++] = d;
	return d;
}

struct sim_vcpu *sim_add(struct domain *d, ns_t compute_ns, ns_t sleep_ns)
{
	struct sim_vcpu *s = kalloc(sizeof(*s));
	struct vcpu *v = &s->v;
	unsigned id = 0;

	while (d->vcpu[id])
		id++;
	s->compute_ns = s->left = compute_ns;
	s->sleep_ns = sleep_ns;
	s->wakes_at = NEVER;
	v->domain = d;
	v->id = id;
	v->info = &s->info;
	v->in_kernel = true;
	atomic_store(&v->pause_flags, PAUSE_DOWN);
	BUG_ON(sched_hooks.vcpu_create(v) || time_hooks.vcpu_create(v));
	vcpu_stop_periodic(v);
	d->vcpu[id] = v;
	v->is_initialised = true;
	sim_vcpus[nr_sim_vcpus++] = s;
	v->runstate.time[RUNSTATE_offline] = sim_now;	/* as if it had been there all the time */
	atomic_store(&v->pause_flags, 0);
	s->waits_since = sim_now + 1;
	sched_wake(v);
	return s;
}

/* Stops every vCPU and takes everything down; what is not given back the sanitizer finds. */
void sim_stop(void)
{
	for (unsigned i = 0; i < nr_sim_vcpus; i++) {
		sim_vcpus[i]->wakes_at = NEVER;
		atomic_fetch_or(&sim_vcpus[i]->v.pause_flags, PAUSE_DOWN);
		sched_sleep(&sim_vcpus[i]->v);
	}
	sim_settle();
	for (unsigned i = 0; i < nr_sim_vcpus; i++) {
		time_hooks.vcpu_destroy(&sim_vcpus[i]->v);
		sched_hooks.vcpu_destroy(&sim_vcpus[i]->v);
		free(sim_vcpus[i]);
	}
	nr_sim_vcpus = 0;
	for (unsigned i = 0; i < nr_domains; i++) {
		BUG_ON(sched_hooks.domain_kill(domains[i]));
		sched_hooks.domain_destroy(domains[i]);
		free(domains[i]);
	}
	/* The accounting timer, which is nobody's, finds nothing to do and stops. */
	sim_run(MS(200));
	for (unsigned i = 0; i < nr_cpus; i++) {
		BUG_ON(!cpu_table[i]->vcpu->is_idle || cpu_table[i]->sched->q.active_weight ||
		       deadline[i] != NEVER);
		free(cpu_table[i]->idle);
		free(cpu_table[i]->sched);
		free(cpu_table[i]->timers);
		free(cpu_table[i]);
	}
}
