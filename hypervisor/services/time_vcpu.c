/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPU timers: what a guest asks for by set_timer_op and VCPUOP_*; they end in VIRQ_TIMER.
 *
 * A timer is set on the CPU where the vCPU runs, and stays there when the vCPU moves until it is
 * set again. The periodic one ticks only while the vCPU runs: a guest that sleeps is not woken for
 * it.
 */
#include "hypervisor/services/time_vcpu.h"

#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/hooks.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/time_tsc.h"

#define PERIOD_DEFAULT	10000000	/* 100 Hz until the guest says otherwise */
#define PERIOD_MIN	1000000
#define PERIOD_MAX	(1ull << 62)

/* --- single-shot ------------------------------------------------------------------------------ */

static void singleshot_expired(void *arg)
{
	send_vcpu_virq(arg, VIRQ_TIMER);
}

void vcpu_set_singleshot(struct vcpu *v, ns_t expires)
{
	struct timer *t = &v->timers->singleshot;

	if (unlikely(expires <= now())) {
		vcpu_stop_singleshot(v);
		send_vcpu_virq(v, VIRQ_TIMER);
		return;
	}
	timer_set_here(t, expires);
}

void vcpu_stop_singleshot(struct vcpu *v)
{
	struct timer *t = &v->timers->singleshot;

	timer_stop(t);
}

/* --- periodic --------------------------------------------------------------------------------- */

static bool runs_here(const struct vcpu *v)
{
	return v == current;
}

void vcpu_periodic_catch_up(struct vcpu *v)
{
	struct timer_vcpu *tv = v->timers;
	ns_t t = now(), next = atomic_load(&tv->last_tick) + atomic_load(&tv->period);

	if (t >= next) {
		atomic_store(&tv->last_tick, t);
		next = t + atomic_load(&tv->period);
		send_vcpu_virq(v, VIRQ_TIMER);
	}
	if (!timer_is_set(&tv->periodic) || timer_expires(&tv->periodic) != next ||
	    atomic_load(&tv->periodic.cpu) != this_cpu()->id)
		timer_set_here(&tv->periodic, next);
}

/* On a CPU where the vCPU does not run there is nothing to do: it catches up when it runs again. */
static void periodic_expired(void *arg)
{
	struct vcpu *v = arg;

	if (runs_here(v) && atomic_load(&v->timers->period))
		vcpu_periodic_catch_up(v);
}

int vcpu_set_periodic(struct vcpu *v, ns_t period)
{
	struct timer_vcpu *tv = v->timers;

	if (period < PERIOD_MIN || period > PERIOD_MAX)
		return -EINVAL;
	atomic_store(&tv->last_tick, now());
	atomic_store(&tv->period, period);
	/* Where it runs: a timer left on the CPU it ran on last would find it away, and not come back. */
	if (v == current)
		timer_set_here(&tv->periodic, now() + period);
	else
		timer_set(&tv->periodic, now() + period);
	return 0;
}

void vcpu_stop_periodic(struct vcpu *v)
{
	atomic_store(&v->timers->period, 0);
	timer_stop(&v->timers->periodic);
}

/* --- poll ------------------------------------------------------------------------------------- */

static void poll_expired(void *arg)
{
	sched_poll_timeout(arg);
}

void vcpu_set_poll_timer(struct vcpu *v, ns_t expires)
{
	timer_set_here(&v->timers->poll, expires);
}

void vcpu_stop_poll_timer(struct vcpu *v)
{
	if (timer_is_set(&v->timers->poll))
		timer_stop(&v->timers->poll);
}

/* --- life ------------------------------------------------------------------------------------- */

static int time_domain_create(struct domain *d)
{
	d->time = kalloc(sizeof(*d->time));
	return d->time ? 0 : -ENOMEM;
}

static void time_domain_destroy(struct domain *d)
{
	kfree(d->time);
	d->time = NULL;
}

static int time_vcpu_create(struct vcpu *v)
{
	struct timer_vcpu *tv = kalloc(sizeof(*tv));

	if (!tv)
		return -ENOMEM;
	timer_init(&tv->singleshot, singleshot_expired, v, v->processor);
	timer_init(&tv->periodic, periodic_expired, v, v->processor);
	timer_init(&tv->poll, poll_expired, v, v->processor);
	atomic_store(&tv->period, PERIOD_DEFAULT);
	v->timers = tv;
	/* The domain's width, and with it the layout, is settled by now. */
	if (v->id == 0)
		wallclock_publish(v->domain);
	return 0;
}

static void kill_timers(struct vcpu *v)
{
	timer_kill(&v->timers->singleshot);
	timer_kill(&v->timers->periodic);
	timer_kill(&v->timers->poll);
}

static int time_domain_kill(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v)
		kill_timers(v);
	return 0;
}

static void time_vcpu_destroy(struct vcpu *v)
{
	kill_timers(v);
	kfree(v->timers);
	v->timers = NULL;
}

const struct domain_hooks time_hooks = {
	.domain_create = time_domain_create,
	.vcpu_create = time_vcpu_create,
	.domain_kill = time_domain_kill,
	.vcpu_destroy = time_vcpu_destroy,
	.domain_destroy = time_domain_destroy,
};
