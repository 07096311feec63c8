/* SPDX-License-Identifier: GPL-2.0-only */
/* The scheduler's parameters, the scheduler's part in a domain's life, and its debug key. */
#include "hypervisor/arch/log.h"
#include "hypervisor/lib/bitmap.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/services/sched_cpu.h"
#include "hypervisor/services/time.h"

#define TSLICE_MIN_MS		1
#define TSLICE_MAX_MS		1000
#define RATELIMIT_MIN_US	100
#define RATELIMIT_MAX_US	500000

/* --- weight, cap, slices ---------------------------------------------------------------------- */

int sched_set_params(struct domain *d, u16 weight, u16 cap)
{
	struct credit_group *g = &d->sched->group;
	struct vcpu *v;

	if (!weight)
		return -EINVAL;
	WRITE_ONCE(g->weight, weight);
	atomic_store(&g->budget, (s64)(CREDIT_PERIOD / 100 * cap));
	WRITE_ONCE(g->cap, cap);
	for_each_vcpu(d, v) {
		struct sched_cpu *sc = sched_lock_of(v);

		entity_set_weight(&sc->q, &v->sched->e, weight);
		/* A slice may now have to end with a bucket. */
		if (v->sched->e.state == ENTITY_RUNNING) {
			sc->q.slice_end = 0;
			sched_prod(sc);
		}
		unlock(&sc->lock);
		/* One that had used its cap up may have become worth taking. */
		sched_call_idle_cpu(v->sched->e.hard);
	}
	return 0;
}

void sched_get_params(const struct domain *d, u16 *weight, u16 *cap)
{
	*weight = d->sched->group.weight;
	*cap = d->sched->group.cap;
}

int sched_set_global(u32 tslice_ms, u32 ratelimit_us)
{
	if (tslice_ms < TSLICE_MIN_MS || tslice_ms > TSLICE_MAX_MS)
		return -EINVAL;
	if (ratelimit_us && (ratelimit_us < RATELIMIT_MIN_US || ratelimit_us > RATELIMIT_MAX_US))
		return -EINVAL;
	if (US(ratelimit_us) > MS(tslice_ms))
		return -EINVAL;
	WRITE_ONCE(sched_limits.tslice, MS(tslice_ms));
	WRITE_ONCE(sched_limits.ratelimit, US(ratelimit_us));
	return 0;
}

void sched_get_global(u32 *tslice_ms, u32 *ratelimit_us)
{
	*tslice_ms = sched_limits.tslice / MS(1);
	*ratelimit_us = sched_limits.ratelimit / US(1);
}

/* --- affinity --------------------------------------------------------------------------------- */

/* With the queue locked. True when @v has to be placed elsewhere by the caller. */
static bool set_hard(struct sched_cpu *sc, struct vcpu *v, cpumask_t hard)
{
	struct entity *e = &v->sched->e;
	bool queued = e->state == ENTITY_WAITING || e->state == ENTITY_PARKED;
	bool may_stay = hard & sc->q.cpu_mask && !sc->is_parked;

	if (queued)
		runq_remove(&sc->q, e);
	e->hard = hard;
	if (queued && may_stay)
		runq_insert(&sc->q, e);
	if (e->state != ENTITY_SLEEPING)
		sched_prod(sc);
	return e->state == ENTITY_SLEEPING && !may_stay;
}

int sched_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft)
{
	struct sched_cpu *sc;
	bool misplaced = false;
	int rc = 0;

	sc = sched_lock_of(v);
	if (hard && !(*hard & sched_usable_cpus()))
		rc = -EINVAL;
	else if (hard && v->sched->is_pinned_for_now)
		rc = -EBUSY;
	if (rc) {
		unlock(&sc->lock);
		return rc;
	}
	if (soft) {
		v->sched->e.soft = *soft;
		if (v->sched->e.state == ENTITY_RUNNING)
			sched_prod(sc);
	}
	if (hard)
		misplaced = set_hard(sc, v, *hard);
	unlock(&sc->lock);
	if (misplaced)
		sched_place(v);
	else if (hard)
		sched_call_idle_cpu(*hard);
	return 0;
}

void sched_get_affinity(const struct vcpu *v, cpumask_t *hard, cpumask_t *soft)
{
	struct sched_cpu *sc = sched_lock_of(v);

	*hard = v->sched->is_pinned_for_now ? v->sched->hard_saved : v->sched->e.hard;
	*soft = v->sched->e.soft;
	unlock(&sc->lock);
}

static int pin(struct sched_cpu *sc, struct vcpu *v, u32 cpu, bool *misplaced)
{
	struct sched_vcpu *s = v->sched;

	if (s->is_pinned_for_now)
		return -EBUSY;
	s->is_pinned_for_now = true;
	s->hard_saved = s->e.hard;
	*misplaced = set_hard(sc, v, BIT(cpu));
	return 0;
}

static int unpin(struct sched_cpu *sc, struct vcpu *v, bool *misplaced)
{
	struct sched_vcpu *s = v->sched;

	if (!s->is_pinned_for_now)
		return -EINVAL;
	s->is_pinned_for_now = false;
	*misplaced = set_hard(sc, v, s->hard_saved);
	return 0;
}

int sched_pin_override(struct vcpu *v, s32 cpu)
{
	bool misplaced = false;
	struct sched_cpu *sc;
	int rc;

	if (cpu >= MAX_CPUS)
		return -EINVAL;
	sc = sched_lock_of(v);
	if (cpu < 0)
		rc = unpin(sc, v, &misplaced);
	else if (!(sched_usable_cpus() & BIT(cpu)))
		rc = -EINVAL;
	else
		rc = pin(sc, v, (u32)cpu, &misplaced);
	unlock(&sc->lock);
	if (misplaced)
		sched_place(v);
	return rc;
}

/* --- life ------------------------------------------------------------------------------------- */

static int sched_domain_create(struct domain *d)
{
	struct sched_domain *sd = kalloc(sizeof(*sd));

	if (!sd)
		return -ENOMEM;
	sd->group.weight = WEIGHT_DEFAULT;
	sd->d = d;
	watchdog_create(sd);
	d->sched = sd;
	return 0;
}

static int sched_domain_kill(struct domain *d)
{
	watchdog_kill(d->sched);
	return 0;
}

static void sched_domain_destroy(struct domain *d)
{
	watchdog_kill(d->sched);
	kfree(d->sched);
	d->sched = NULL;
}

/* It belongs to the CPU with the fewest, and sleeps there until it is brought up. */
static int sched_vcpu_create(struct vcpu *v)
{
	struct sched_vcpu *s = kalloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->v = v;
	entity_init(&s->e, &v->domain->sched->group);
	v->sched = s;
	v->processor = sched_least_loaded();
	atomic_fetch_add(&sched_of(v->processor)->nr_vcpus, 1);
	v->runstate.state = RUNSTATE_offline;
	v->runstate.state_entry_time = now();
	return 0;
}

static void sched_vcpu_destroy(struct vcpu *v)
{
	struct sched_cpu *sc = sched_lock_of(v);

	entity_leave(&sc->q, &v->sched->e);
	atomic_fetch_sub(&sc->nr_vcpus, 1);
	unlock(&sc->lock);
	kfree(v->sched);
	v->sched = NULL;
}

const struct domain_hooks sched_hooks = {
	.domain_create = sched_domain_create,
	.vcpu_create = sched_vcpu_create,
	.domain_kill = sched_domain_kill,
	.vcpu_destroy = sched_vcpu_destroy,
	.domain_destroy = sched_domain_destroy,
};

/* --- CPUs ------------------------------------------------------------------------------------- */

static void slice_over(void *arg)
{
	sched_prod(arg);
}

int sched_cpu_init(u32 cpu)
{
	struct sched_cpu *sc = kalloc(sizeof(*sc));

	if (!sc)
		return -ENOMEM;
	sc->idle = idle_vcpu_create(cpu);
	if (!sc->idle) {
		kfree(sc);
		return -ENOMEM;
	}
	spin_init(&sc->lock, "run queue", RANK_SCHED);
	sc->id = cpu;
	runq_init(&sc->q, cpu);
	timer_init(&sc->slice, slice_over, sc, cpu);
	if (cpu == 0)
		sched_account_init();
	cpu_table[cpu]->idle = sc->idle;
	cpu_table[cpu]->sched = sc;
	return 0;
}

/* --- debug key -------------------------------------------------------------------------------- */

static void dump_entity(const char *what, const struct entity *e)
{
	static const char *const classes[] = { "boost", "under", "over", "far over" };
	const struct vcpu *v = to_sched_vcpu(e)->v;

	hv_print("    %s d%uv%u %s weight %u credit %ld us, hard %lx soft %lx\n", what,
		 v->domain->id, v->id, classes[e->class], e->weight, e->credit / 1000, e->hard,
		 e->soft);
}

static void dump_cpu(struct sched_cpu *sc)
{
	static const char *const states[] = { "sleeps", "waits", "parked", "runs", "moves" };
	struct entity *e;

	lock(&sc->lock);
	hv_print("  CPU %u: %u vCPUs, %u wait, lock contended %u times\n", sc->id,
		 atomic_load(&sc->nr_vcpus), sc->q.nr_waiting, atomic_load(&sc->lock.contended));
	list_for_each(e, &sc->q.active, active_link)
		dump_entity(states[e->state], e);
	unlock(&sc->lock);
}

void sched_dump(void)
{
	hv_print("run queues at %lu ms, slice %lu ms, rate limit %lu us, idle CPUs %lx\n",
		 now() / MS(1), sched_limits.tslice / MS(1), sched_limits.ratelimit / US(1),
		 atomic_load(&idle_cpus));
	for (u32 i = 0; i < nr_cpus; i++)
		if (sched_of(i))
			dump_cpu(sched_of(i));
}
