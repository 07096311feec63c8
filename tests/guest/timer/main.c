/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers: never early, at once when the time is past, taken back by zero; poll's time-out as well. */
#include <minios/event.h>
#include <minios/irq.h>
#include <minios/time.h>
#include "tests/guest/lib/test.h"
#include "pvabi/sched.h"
#include "pvabi/vcpu.h"

const char test_title[] = "timers are never early";

static volatile unsigned int fires;
static volatile uint64_t fired_at;

static void on_timer(evtchn_port_t port, void *ctx)
{
	(void)port, (void)ctx;
	fires++;
	fired_at = time_monotonic();
}

static void wait_fire(unsigned int before)
{
	uint64_t end = time_monotonic() + SEC(5);

	while (fires == before && time_monotonic() < end) {
		irq_save();
		if (fires == before)
			priv_idle();
		else
			irq_restore(false);
	}
}

static void try_after(uint64_t delay)
{
	uint64_t deadline = time_monotonic() + delay;
	unsigned int before = fires;

	CHECK(!hypercall_set_timer_op(deadline));
	wait_fire(before);
	CHECK_EQUAL(fires, before + 1);
	if (fired_at < deadline)
		test_failure("%lu ns early of %lu", (unsigned long)(deadline - fired_at),
			     (unsigned long)delay);
}

static void try_past(void)
{
	unsigned int before = fires;

	CHECK(!hypercall_set_timer_op(1));
	wait_fire(before);
	CHECK_EQUAL(fires, before + 1);
}

static void try_cancel(void)
{
	unsigned int before = fires;

	CHECK(!hypercall_set_timer_op(time_monotonic() + MSEC(5)));
	CHECK(!hypercall_set_timer_op(0));
	time_busy_wait(MSEC(20));
	CHECK_EQUAL(fires, before);
}

static void try_poll(void)
{
	struct sched_poll poll = { .nr_ports = 0, .timeout = time_monotonic() + MSEC(3) };

	CHECK(!hypercall_sched_op(SCHEDOP_poll, &poll));
	CHECK(time_monotonic() >= poll.timeout);
}

static void try_singleshot(void)
{
	struct vcpu_set_singleshot_timer shot = { .timeout_abs_ns = time_monotonic() + MSEC(2) };
	unsigned int before = fires;

	CHECK(!hypercall_vcpu_op(VCPUOP_set_singleshot_timer, 0, &shot));
	wait_fire(before);
	CHECK(fires == before + 1 && fired_at >= shot.timeout_abs_ns);
	shot = (struct vcpu_set_singleshot_timer){ .timeout_abs_ns = 1, .flags = VCPU_SSHOTTMR_future };
	before = fires;
	CHECK(!hypercall_vcpu_op(VCPUOP_set_singleshot_timer, 0, &shot));
	CHECK_EQUAL(fires, before + 1);
}

static void try_periodic(void)
{
	struct vcpu_set_periodic_timer period = { .period_ns = MSEC(2) };
	uint64_t start = time_monotonic();
	unsigned int before = fires, i;

	CHECK(!hypercall_vcpu_op(VCPUOP_set_periodic_timer, 0, &period));
	/* It ticks while the vCPU runs: who sleeps is not woken for it. */
	for (i = 0; fires < before + 5 && i < 1000; i++)
		time_busy_wait(NS_PER_MSEC);
	CHECK(fires >= before + 5);
	CHECK(time_monotonic() - start >= MSEC(8));
	period.period_ns = 1000;
	CHECK(hypercall_vcpu_op(VCPUOP_set_periodic_timer, 0, &period) < 0);
	CHECK(!hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL));
}

void test_main(void)
{
	static const uint64_t delays[] = { 1000, 50000, MSEC(1), MSEC(10), MSEC(30), 1 };
	size_t i;

	NEED(event_bind_virq(VIRQ_TIMER, on_timer, NULL) > 0);
	hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	irq_restore(false);
	for (i = 0; i < ARRAY_SIZE(delays); i++)
		try_after(delays[i]);
	try_past();
	try_cancel();
	try_poll();
	try_singleshot();
	try_periodic();
}
