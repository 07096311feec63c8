/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's decisions: who runs here next, who wakes where, who is taken from a busy CPU.
 *
 * Each CPU has a queue with a lock of its own; nothing else is locked on the way from a guest to
 * the next. A vCPU belongs to the queue of vcpu.processor, which changes only with the locks of
 * both queues held and while running_on says that no CPU holds any of its state. running_on is set
 * under the queue's lock by the CPU that chose it, and cleared by context_switch() when it has
 * left; so a vCPU is never on two CPUs, and who waits for it to leave waits for running_on.
 *
 * No wake-up is lost: who makes a vCPU runnable does so before it takes the lock and looks at the
 * entity's state; schedule() looks at vcpu_runnable() under the same lock before it lets it sleep.
 *
 * No work is left lying: a CPU says that it is idle before it looks whether others have work to
 * spare, and who leaves a vCPU waiting in its queue looks for idle CPUs afterwards.
 */
#include "hypervisor/services/sched.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/switch.h"
#include "hypervisor/lib/bitmap.h"
#include "hypervisor/services/sched_cpu.h"
#include "hypervisor/services/time.h"

#define STEAL_INTERVAL	MS(1)

struct credit_limits sched_limits = { .tslice = MS(30), .ratelimit = MS(1) };
_Atomic u64 idle_cpus;

struct sched_cpu *sched_lock_of(const struct vcpu *v)
{
	for (;;) {
		u32 cpu = READ_ONCE(v->processor);
		struct sched_cpu *sc = sched_of(cpu);

		lock(&sc->lock);
		if (likely(cpu == READ_ONCE(v->processor)))
			return sc;
		unlock(&sc->lock);
	}
}

/* --- from queue to queue ---------------------------------------------------------------------- */

/* With both locks held, of a vCPU that sleeps or moves and is on no CPU. */
static void move(struct sched_cpu *from, struct sched_cpu *to, struct vcpu *v)
{
	entity_move(&from->q, &to->q, &v->sched->e);
	WRITE_ONCE(v->processor, to->id);
	atomic_fetch_sub_explicit(&from->nr_vcpus, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&to->nr_vcpus, 1, memory_order_relaxed);
}

/* A vCPU has come into the queue: make room for it if it goes before what runs. */
static void entered(struct sched_cpu *sc, const struct entity *e)
{
	if (e->class < runq_running_class(&sc->q) || !sc->q.slice_end)
		sched_prod(sc);
	sched_account_start();
}

static void enqueue(struct sched_cpu *sc, struct vcpu *v, ns_t t)
{
	runstate_change(v, RUNSTATE_runnable, t);
	runq_wake(&sc->q, &v->sched->e);
	entered(sc, &v->sched->e);
}

static u32 least_loaded(cpumask_t mask)
{
	u32 best = lowest_bit(mask);

	for (; mask; mask &= mask - 1) {
		u32 cpu = lowest_bit(mask);

		if (atomic_load_explicit(&sched_of(cpu)->nr_vcpus, memory_order_relaxed) <
		    atomic_load_explicit(&sched_of(best)->nr_vcpus, memory_order_relaxed))
			best = cpu;
	}
	return best;
}

u32 sched_least_loaded(void)
{
	return least_loaded(sched_usable_cpus());
}

/* Of @mask what is in @preferred too, if anything is. */
static cpumask_t prefer(cpumask_t mask, cpumask_t preferred)
{
	return mask & preferred ? mask & preferred : mask;
}

u32 sched_pick_cpu(const struct vcpu *v)
{
	const struct entity *e = &v->sched->e;
	u32 here = READ_ONCE(v->processor);
	cpumask_t allowed = e->hard & sched_usable_cpus();
	cpumask_t idle = prefer(allowed & atomic_load(&idle_cpus), e->soft);

	if (idle)
		return idle & BIT(here) ? here : lowest_bit(idle);
	/* None is left: who has just parked the last lifts the affinity in a moment. */
	if (allowed & BIT(here) || !allowed)
		return here;
	return least_loaded(prefer(allowed, e->soft));
}

static bool may_run_here(const struct sched_cpu *sc, const struct entity *e)
{
	return e->hard & sc->q.cpu_mask && !sc->is_parked;
}

/*
 * Where it was is where its cache is warm: it stays unless it may not, or has to wait there while
 * another CPU idles. Its state must have left the CPU to go elsewhere; on the way out it stays.
 */
static bool stays_here(const struct sched_cpu *sc, struct vcpu *v)
{
	const struct entity *e = &v->sched->e;
	cpumask_t idle;

	if (!may_run_here(sc, e))
		return false;
	if (atomic_load(&v->running_on))
		return true;
	idle = prefer(atomic_load_explicit(&idle_cpus, memory_order_relaxed) & e->hard, e->soft);
	return !idle || (idle & sc->q.cpu_mask && !sc->q.nr_waiting);
}

/*
 * Who waits here holds locks perhaps; the CPU that is switching it out takes none until it is out.
 */
static void wait_until_off_cpu(struct vcpu *v)
{
	while (atomic_load_explicit(&v->running_on, memory_order_acquire))
		spin_wait();
}

/* Locks @v's queue and another that may be better for it. */
static struct sched_cpu *lock_from_and_to(struct vcpu *v, struct sched_cpu **to)
{
	for (;;) {
		struct sched_cpu *from = sched_of(READ_ONCE(v->processor));

		*to = sched_of(sched_pick_cpu(v));
		if (from != *to)
			wait_until_off_cpu(v);
		lock_pair(&from->lock, &(*to)->lock);
		if (from->id == v->processor && may_run_here(*to, &v->sched->e) &&
		    (from == *to || !atomic_load(&v->running_on)))
			return from;
		unlock_pair(&from->lock, &(*to)->lock);
	}
}

void sched_place(struct vcpu *v)
{
	struct sched_cpu *to, *from = lock_from_and_to(v, &to);
	struct entity *e = &v->sched->e;

	if (e->state == ENTITY_SLEEPING || e->state == ENTITY_MOVING) {
		e->state = ENTITY_SLEEPING;
		if (from != to)
			move(from, to, v);
		if (vcpu_runnable(v))
			enqueue(to, v, now());
	}
	unlock_pair(&from->lock, &to->lock);
}

/* --- waking and sleeping ---------------------------------------------------------------------- */

void sched_wake(struct vcpu *v)
{
	struct sched_cpu *sc;

	if (v->is_idle)
		return;
	sc = sched_lock_of(v);
	if (v->sched->e.state != ENTITY_SLEEPING) {
		unlock(&sc->lock);
		return;
	}
	if (!vcpu_runnable(v))
		runstate_change(v, runstate_off_cpu(v), now());
	else if (likely(stays_here(sc, v)))
		enqueue(sc, v, now());
	else
		goto elsewhere;
	unlock(&sc->lock);
	return;
elsewhere:
	unlock(&sc->lock);
	sched_place(v);
}

void sched_sleep(struct vcpu *v)
{
	struct sched_cpu *sc = sched_lock_of(v);
	struct entity *e = &v->sched->e;

	if (vcpu_runnable(v)) {
		unlock(&sc->lock);
		return;
	}
	if (e->state == ENTITY_RUNNING) {
		sched_prod(sc);
	} else if (e->state != ENTITY_MOVING) {
		if (e->state != ENTITY_SLEEPING)
			runq_remove(&sc->q, e);
		runstate_change(v, runstate_off_cpu(v), now());
	}
	unlock(&sc->lock);
}

void sched_sleep_sync(struct vcpu *v)
{
	BUG_ON(v == current);
	sched_sleep(v);
	wait_until_off_cpu(v);
}

/* --- stealing --------------------------------------------------------------------------------- */

static bool is_off_cpu(const struct entity *e)
{
	return !atomic_load(&to_sched_vcpu(e)->v->running_on);
}

static bool steal_from(struct sched_cpu *sc, struct sched_cpu *victim, enum credit_class worst)
{
	struct entity *e;

	lock_pair(&sc->lock, &victim->lock);
	e = sc->is_parked ? NULL : runq_find_stealable(&victim->q, sc->q.cpu_mask, worst,
						       is_off_cpu);
	if (e) {
		runq_remove(&victim->q, e);
		move(victim, sc, to_sched_vcpu(e)->v);
		runq_insert(&sc->q, e);
	}
	unlock_pair(&sc->lock, &victim->lock);
	return e != NULL;
}

static bool steal(struct sched_cpu *sc, enum credit_class worst)
{
	for (u32 i = 1, cpu = sc->id; i < nr_cpus; i++) {
		struct sched_cpu *victim;

		cpu = cpu + 1 < nr_cpus ? cpu + 1 : 0;
		victim = sched_of(cpu);
		if (victim && runq_best_stealable(&victim->q) <= worst &&
		    steal_from(sc, victim, worst))
			return true;
	}
	return false;
}

/* The class of what this CPU has to run next by itself. Without the lock: a hint. */
static enum credit_class best_here(const struct sched_cpu *sc, const struct vcpu *prev, ns_t t)
{
	enum credit_class best = runq_best_class(&sc->q), mine;
	const struct entity *e;
	ns_t unburnt;

	if (prev->is_idle || !vcpu_runnable(prev))
		return best;
	e = &prev->sched->e;
	unburnt = t - e->burnt_to;
	if (entity_reaches_cap(e, unburnt) || (prev->sched->wants_to_yield && best != CLASS_IDLE))
		return best;
	mine = class_of_credit(e->credit - (s64)unburnt);
	return MIN(best, mine);
}

/*
 * Before it idles a CPU takes what others have waiting. One that has only those to run that had
 * their share looks, now and then, for others that had less: that evens shares out between CPUs.
 */
static bool look_elsewhere(struct sched_cpu *sc, const struct vcpu *prev, ns_t t)
{
	enum credit_class best = best_here(sc, prev, t);

	if (likely(best <= CLASS_UNDER))
		return false;
	if (best != CLASS_IDLE) {
		if (t < sc->next_steal)
			return false;
		sc->next_steal = t + STEAL_INTERVAL;
	}
	return steal(sc, best - 1);
}

/* --- the decision ----------------------------------------------------------------------------- */

struct decision {
	struct vcpu *next;
	cpumask_t to_spare_for;		/* idle CPUs that may run somebody who waits here */
	bool prev_must_move;
};

static void switch_state(struct sched_cpu *sc, struct vcpu *prev, struct vcpu *next, ns_t t)
{
	runstate_change(prev, prev->is_idle ? RUNSTATE_runnable : runstate_off_cpu(prev), t);
	runstate_change(next, RUNSTATE_running, t);
	atomic_store(&next->running_on, sc->id + 1);
	if (prev->is_idle)
		atomic_fetch_and(&idle_cpus, ~sc->q.cpu_mask);
	if (next->is_idle && !sc->is_parked)
		atomic_fetch_or(&idle_cpus, sc->q.cpu_mask);
}

/*
 * Idle CPUs that could run some of what waits here: hardly ever any, since they come by themselves;
 * but one may idle that could take nothing before, or two were woken for the same idle CPU.
 */
static cpumask_t to_spare_for(const struct sched_cpu *sc)
{
	cpumask_t idle = atomic_load_explicit(&idle_cpus, memory_order_relaxed) & ~sc->q.cpu_mask;

	if (likely(!idle))
		return 0;
	return idle & runq_stealable_mask(&sc->q);
}

/* With the queue locked. */
static struct decision decide(struct sched_cpu *sc, struct vcpu *prev, ns_t t)
{
	struct sched_vcpu *s = prev->is_idle ? NULL : prev->sched;
	bool stays = false, yields = false;
	struct decision d = { 0 };
	struct entity *e;

	if (s) {
		runq_burn(&sc->q, t);
		d.prev_must_move = !may_run_here(sc, &s->e) || sched_is_drawn_away(sc, &s->e);
		stays = vcpu_runnable(prev) && !d.prev_must_move;
		yields = s->wants_to_yield;
		s->wants_to_yield = false;
	}
	e = runq_next(&sc->q, t, stays, yields, &sched_limits);
	d.next = e ? to_sched_vcpu(e)->v : sc->idle;
	d.to_spare_for = to_spare_for(sc);
	if (d.next == prev) {
		/* For the first time: it has just been started, or taken back. */
		if (prev->is_idle && !sc->is_parked)
			atomic_fetch_or(&idle_cpus, sc->q.cpu_mask);
		return d;
	}
	if (d.prev_must_move)
		s->e.state = ENTITY_MOVING;
	switch_state(sc, prev, d.next, t);
	return d;
}

/*
 * The timer may be set for an earlier moment, from the slice of somebody else: then it fires too
 * early, is set again, and many short turns have cost nothing.
 */
static void arm_slice(struct sched_cpu *sc)
{
	ns_t end = sc->q.slice_end;

	if (end && (!timer_is_set(&sc->slice) || timer_expires(&sc->slice) > end))
		timer_set(&sc->slice, end);
}

/*
 * One that is called already or has something waiting itself would not come for this. Should it get
 * something meanwhile, it passes the call on, see schedule().
 */
void sched_call_idle_cpu(cpumask_t mask)
{
	for (mask &= atomic_load(&idle_cpus); unlikely(mask); mask &= mask - 1) {
		struct sched_cpu *sc = sched_of(lowest_bit(mask));

		if (READ_ONCE(sc->q.nr_waiting) || atomic_exchange(&sc->is_called, true))
			continue;
		sched_prod(sc);
		return;
	}
}

static bool was_called(struct sched_cpu *sc)
{
	return atomic_load_explicit(&sc->is_called, memory_order_relaxed) &&
	       atomic_exchange(&sc->is_called, false);
}

static void call_all_idle_cpus(void)
{
	for (cpumask_t mask = atomic_load(&idle_cpus); mask; mask &= mask - 1)
		sched_prod(sched_of(lowest_bit(mask)));
}

/* prev's area is written while its address space is loaded, next's when that is. */
static void switch_to(struct vcpu *prev, struct vcpu *next)
{
	if (unlikely(prev->runstate_area))
		sched_publish_runstate(prev);
	context_switch(prev, next);
	if (unlikely(next->runstate_area))
		sched_publish_runstate(next);
	time_switch_in(next);
}

/* Off its CPU, prev may be destroyed at any time; so who must be moved is held meanwhile. */
static void change(struct sched_cpu *sc, struct vcpu *prev, const struct decision *d)
{
	if (unlikely(d->prev_must_move)) {
		domain_hold(prev->domain);
		switch_to(prev, d->next);
		sched_place(prev);
		domain_put(prev->domain);
	} else {
		switch_to(prev, d->next);
	}
	/* Work that came up elsewhere before this CPU was known to be idle. */
	if (d->next->is_idle)
		sched_prod(sc);
}

void schedule(void)
{
	struct percpu *cpu = this_cpu();
	struct sched_cpu *sc = cpu->sched;
	struct vcpu *prev = cpu->vcpu;
	ns_t t = now();
	bool called = was_called(sc), came = look_elsewhere(sc, prev, t);
	struct decision d;

	lock(&sc->lock);
	d = decide(sc, prev, t);
	unlock(&sc->lock);
	arm_slice(sc);
	if (d.next != prev)
		change(sc, prev, &d);
	if (unlikely(d.to_spare_for))
		sched_call_idle_cpu(d.to_spare_for);
	if (unlikely(called && !came && !d.next->is_idle))
		call_all_idle_cpus();
}
