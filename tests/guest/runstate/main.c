/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The runstate area is current whenever the kernel runs, also when the vCPU was switched from and to
 * in user mode, whose tables need not map it. Two vCPUs share one CPU here.
 */
#include <minios/time.h>
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/vcpu.h"

const char test_title[] = "the runstate area is current in the kernel";

#define SWITCHES 10

RING3_CODE(spin, "movl $1000000, %ecx\n1: decl %ecx\njnz 1b\n" RING3_END);

static struct vcpu_runstate_info area;
static bool stop;

static void busy(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		;
}

static struct vcpu_runstate_info told(void)
{
	struct vcpu_runstate_info copy = *(volatile struct vcpu_runstate_info *)&area;

	__asm__ volatile("" : : : "memory");
	return copy;
}

/* Whether it was switched away from meanwhile, and not again since it is back in the kernel. */
static bool switched_in_user_mode(void)
{
	struct vcpu_runstate_info before = told(), after, asked, now;

	NEED(RING3_RUN(spin, 0) == TRAP_USER_CALL);
	after = told();
	NEED(!hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &asked));
	now = told();
	if (now.state_entry_time != after.state_entry_time ||
	    asked.state_entry_time == before.state_entry_time)
		return false;
	CHECK_EQUAL(after.state, RUNSTATE_running);
	if (after.state_entry_time != asked.state_entry_time)
		test_failure("the area tells of an earlier time");
	if (after.time[RUNSTATE_runnable] != asked.time[RUNSTATE_runnable])
		test_failure("the area lacks the time it waited");
	return true;
}

void test_main(void)
{
	struct vcpu_register_runstate_memory_area registered = { 0 };
	unsigned int seen = 0;
	uint64_t end;

	vcpu_need_second();
	ring3_init();
	registered.addr.p = (uintptr_t)&area;
	CHECK(!hypercall_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &registered));
	CHECK_EQUAL(told().state, RUNSTATE_running);
	vcpu_start(busy, NULL);
	for (end = time_monotonic() + 60 * NS_PER_SEC; seen < SWITCHES && time_monotonic() < end;)
		seen += switched_in_user_mode();
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	vcpu_join();
	if (seen < SWITCHES)
		test_error("switched from in user mode %u times only", seen);
}
