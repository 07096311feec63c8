/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * While it runs this domain is paused and unpaused over and over. System time runs on meanwhile, and
 * never goes back on any vCPU or between four; a pause is told as RUNSTATE_offline, and the four
 * runstates together are the time that passed; the wall clock is not moved in relation to system time;
 * a timer that expires in a pause fires after it, once.
 */
#include <minios/event.h>
#include <minios/irq.h>
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"
#include "pvabi/vcpu.h"

const char test_title[] = "time runs on while a domain is paused";

#define READERS	4
#define PAUSES	5
#define PERIOD	MSEC(20)	/* of the timer: short beside a pause */
#define PATIENCE SEC(300)
#define SLACK	1000		/* ns by which two readings of a clock that Xen adjusts may differ */

static bool over;
static volatile unsigned int fires;
static unsigned int arms;
static uint64_t deadline;

/* What the hypervisor says of this vCPU, at a moment between two readings of the clock. */
struct sight {
	uint64_t before, after, total;
	struct vcpu_runstate_info runstate;
};

static struct sight look(void)
{
	struct sight s = { .before = clock_read(0) };
	unsigned int i;

	NEED(!hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &s.runstate));
	s.after = clock_read(0);
	for (i = 0; i < ARRAY_SIZE(s.runstate.time); i++)
		s.total += s.runstate.time[i];
	return s;
}

/* How long the domain was paused between the two. */
static uint64_t compare(const struct sight *last, const struct sight *now)
{
	uint64_t passed = now->total - last->total;

	CHECK_EQUAL(now->runstate.state, RUNSTATE_running);
	if (passed + SLACK < now->before - last->after || passed > now->after - last->before + SLACK)
		test_failure("the runstates have %lu ns of %lu to %lu", (unsigned long)passed,
			     (unsigned long)(now->before - last->after),
			     (unsigned long)(now->after - last->before));
	return now->runstate.time[RUNSTATE_offline] - last->runstate.time[RUNSTATE_offline];
}

static void on_timer(evtchn_port_t port, void *ctx)
{
	(void)port, (void)ctx;
	if (clock_read(0) < deadline)
		test_failure("the timer was early");
	fires++;
}

static void arm(void)
{
	CHECK_EQUAL(fires, arms);
	arms++;
	deadline = clock_read(0) + PERIOD;
	CHECK(!hypercall_set_timer_op(deadline));
}

static void read_on(void *arg)
{
	while (!__atomic_load_n(&over, __ATOMIC_SEQ_CST))
		clock_read_in_turn((unsigned int)(uintptr_t)arg);
}

static void watch(uint64_t end)
{
	struct sight last = look(), now;
	unsigned int pauses = 0;

	while (pauses < PAUSES && clock_read_in_turn(0) < end) {
		now = look();
		pauses += compare(&last, &now) != 0;
		last = now;
		if (fires == arms)
			arm();
	}
	if (pauses < PAUSES)
		test_error("paused %u times only", pauses);
}

static void wait_for_timer(uint64_t end)
{
	while (fires < arms && clock_read(0) < end)
		;
	CHECK_EQUAL(fires, arms);
}

void test_main(void)
{
	uint64_t end = clock_read(0) + PATIENCE;
	uint32_t version = shared_info->wc_version;
	unsigned int i;

	vcpu_need(READERS);
	NEED(event_bind_virq(VIRQ_TIMER, on_timer, NULL) > 0);
	hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	irq_restore(false);
	for (i = 1; i < READERS; i++)
		vcpu_start_on(i, read_on, (void *)(uintptr_t)i);
	watch(end);
	__atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
	for (i = 1; i < READERS; i++)
		vcpu_join_on(i);
	wait_for_timer(end);
	if (clock_went_back())
		test_failure("time went back by %lu ns", (unsigned long)clock_went_back());
	CHECK_EQUAL(shared_info->wc_version, version);
}
