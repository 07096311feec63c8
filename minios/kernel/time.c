/* SPDX-License-Identifier: MIT */
/*
 * Time from the shared pages, and timers.
 *
 * The hypervisor publishes, under a version that is odd while it writes: a TSC value, the system
 * time at that value, and the factor from ticks to nanoseconds. A reader that saw an odd version or
 * two different ones reads again.
 */
#include <minios/arch/arch.h>
#include <minios/event.h>
#include <minios/hypercall.h>
#include <minios/irq.h>
#include <minios/panic.h>
#include <minios/start.h>
#include <minios/time.h>
#include <minios/wait.h>
#include "pvabi/vcpu.h"

/* The pending timers by deadline: the list is short, and its head is what matters. */
static struct timer *timers;

uint64_t time_cycles(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* ticks * 2^shift * mul / 2^32, with 96 bits in between. */
static uint64_t scale(uint64_t ticks, uint32_t mul, int shift)
{
	ticks = shift < 0 ? ticks >> -shift : ticks << shift;
	return (ticks >> 32) * mul + (((ticks & 0xffffffff) * mul) >> 32);
}

static uint32_t version_begin(const uint32_t *version)
{
	return __atomic_load_n(version, __ATOMIC_ACQUIRE);
}

/* True when what was read since version_begin() is of one piece. */
static bool version_whole(const uint32_t *version, uint32_t began)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !(began & 1) && __atomic_load_n(version, __ATOMIC_RELAXED) == began;
}

/* System time may step back a little when the hypervisor corrects its factor: stand still then. */
static uint64_t never_back(uint64_t now)
{
	static uint64_t last;
	bool masked = irq_save();

	if (now < last)
		now = last;
	last = now;
	irq_restore(masked);
	return now;
}

uint64_t time_monotonic(void)
{
	const struct vcpu_time_info *t = &priv_vcpu_info()->time;
	uint64_t base, now;
	uint32_t version;

	do {
		version = version_begin(&t->version);
		base = t->system_time;
		now = base + scale(time_cycles() - t->tsc_timestamp, t->tsc_to_system_mul,
				   t->tsc_shift);
	} while (!version_whole(&t->version, version));
	return never_back(now);
}

uint64_t time_cycles_to_ns(uint64_t cycles)
{
	const struct vcpu_time_info *t = &priv_vcpu_info()->time;

	return scale(cycles, t->tsc_to_system_mul, t->tsc_shift);
}

/* The wall clock is published as its value at system time 0. */
uint64_t time_wall(void)
{
	uint64_t sec;
	uint32_t version, nsec;

	do {
		version = version_begin(&shared_info->wc_version);
		sec = shared_info->wc_sec | (uint64_t)shared_info->xen_wc_sec_hi << 32;
		nsec = shared_info->wc_nsec;
	} while (!version_whole(&shared_info->wc_version, version));
	return sec * NS_PER_SEC + nsec + time_monotonic();
}

void time_busy_wait(uint64_t ns)
{
	uint64_t end = time_monotonic() + ns;

	while (time_monotonic() < end)
		__asm__ volatile("pause");
}

void timer_init(struct timer *t, void (*fn)(struct timer *, void *), void *ctx)
{
	*t = (struct timer){ .fn = fn, .ctx = ctx };
}

static bool unlink_timer(struct timer *t)
{
	struct timer **p;

	if (!t->pending)
		return false;
	for (p = &timers; *p != t; p = &(*p)->next)
		;
	*p = t->next;
	t->pending = false;
	return true;
}

void timer_set(struct timer *t, uint64_t deadline)
{
	bool masked = irq_save();
	struct timer **p = &timers;

	unlink_timer(t);
	while (*p && (*p)->deadline <= deadline)
		p = &(*p)->next;
	t->deadline = deadline;
	t->next = *p;
	t->pending = true;
	*p = t;
	if (timers == t)
		priv_set_timer(deadline);
	irq_restore(masked);
}

/* A cancelled head leaves one VIRQ_TIMER too many, which finds nothing to do. */
bool timer_cancel(struct timer *t)
{
	bool masked = irq_save();
	bool was = unlink_timer(t);

	irq_restore(masked);
	return was;
}

uint64_t timer_next_deadline(void)
{
	return timers ? timers->deadline : NO_DEADLINE;
}

static void timer_event(evtchn_port_t port, void *ctx)
{
	struct timer *t;

	(void)port, (void)ctx;
	while ((t = timers) && t->deadline <= time_monotonic()) {
		unlink_timer(t);
		t->fn(t, t->ctx);
	}
	if (timers)
		priv_set_timer(timers->deadline);
}

void time_init(void)
{
	int port = event_bind_virq(VIRQ_TIMER, timer_event, NULL);

	BUG_ON(port < 0);
	hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
}
