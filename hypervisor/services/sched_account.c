/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accounting: once in a period one CPU goes from queue to queue, collects what was burnt, and gives
 * it back by weights. Each queue is locked by itself and briefly. When nobody competes any more the
 * timer stops, so that an idle machine sleeps.
 */
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/services/sched_cpu.h"
#include "hypervisor/services/time.h"

#define ROUNDS_MAX	4

static struct {
	struct timer timer;		/* on the boot CPU */
	_Atomic bool is_armed;
	ns_t last;
	u32 period;
} account;

static void period_over(void *arg)
{
	(void)arg;
	cpu_raise(this_cpu(), CPU_WORK_SERVICE);
}

void sched_account_init(void)
{
	timer_init(&account.timer, period_over, NULL, 0);
	atomic_store(&account.is_armed, false);
	account.last = now();
}

void sched_account_start(void)
{
	if (likely(atomic_load_explicit(&account.is_armed, memory_order_relaxed)))
		return;
	if (!atomic_exchange(&account.is_armed, true))
		timer_set(&account.timer, now() + CREDIT_PERIOD);
}

static void collect(struct credit_account *acct, ns_t t)
{
	for (u32 i = 0; i < nr_cpus; i++) {
		struct sched_cpu *sc = sched_of(i);

		if (!sc)
			continue;
		lock(&sc->lock);
		runq_collect(&sc->q, t, acct);
		unlock(&sc->lock);
	}
}

static void grant(struct credit_account *acct)
{
	for (u32 i = 0; i < nr_cpus; i++) {
		struct sched_cpu *sc = sched_of(i);

		if (!sc)
			continue;
		lock(&sc->lock);
		runq_grant(&sc->q, acct);
		unlock(&sc->lock);
	}
}

struct balance {
	u32 to_spare;				/* the best class that some queue has for others */
	cpumask_t running[NR_CLASSES + 1];	/* CPUs by the class of what they run */
};

/* Somebody waits that goes before what runs, or comes after a slice that has no end yet. */
static bool must_schedule(const struct sched_cpu *sc)
{
	const struct runq *q = &sc->q;

	return runq_best_class(q) < runq_running_class(q) || (q->nr_waiting && !q->slice_end) ||
	       (q->running && sched_is_drawn_away(sc, q->running));
}

static struct balance settle(const struct credit_account *acct)
{
	struct balance b = { .to_spare = CLASS_IDLE };

	for (u32 i = 0; i < nr_cpus; i++) {
		struct sched_cpu *sc = sched_of(i);

		if (!sc)
			continue;
		lock(&sc->lock);
		runq_settle(&sc->q, acct);
		if (must_schedule(sc))
			sched_prod(sc);
		else if (!sc->is_parked)
			b.running[runq_running_class(&sc->q)] |= sc->q.cpu_mask;
		b.to_spare = MIN(b.to_spare, (u32)runq_best_stealable(&sc->q));
		unlock(&sc->lock);
	}
	return b;
}

/* Who has nothing to run, or what had its share, comes and takes what is better. */
static void balance(struct balance b)
{
	cpumask_t mask = 0;

	for (unsigned c = MAX(b.to_spare, (u32)CLASS_UNDER) + 1; c <= CLASS_IDLE; c++)
		mask |= b.running[c];
	for (u32 i = 0; i < nr_cpus; i++)
		if (mask & BIT(i))
			sched_prod(sched_of(i));
}

void sched_account(void)
{
	ns_t t = now();
	struct credit_account acct = { .period = ++account.period, .length = t - account.last };
	bool more;

	account.last = t;
	/* First of all, so that who begins to compete from here on arms it again. */
	atomic_store(&account.is_armed, false);
	collect(&acct, t);
	more = credit_first_round(&acct);
	for (unsigned i = 0; more && i < ROUNDS_MAX; i++) {
		grant(&acct);
		more = credit_next_round(&acct);
	}
	balance(settle(&acct));
	if (acct.weight)
		sched_account_start();
}
