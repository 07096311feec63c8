/* SPDX-License-Identifier: GPL-2.0-only */
/* System time never goes back, on one vCPU or between two, and goes on at the rate of the TSC. */
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"

const char test_title[] = "system time is monotonic";

#define ROUNDS 200000

static void check_one(void)
{
	uint64_t last = clock_read(0), now;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		now = clock_read(0);
		if (now < last)
			test_failure("time went back by %lu ns", (unsigned long)(last - now));
		last = now;
		if (i % 1000 == 0)
			hypercall_sched_op(SCHEDOP_yield, NULL);
	}
}

/* The two hand a clock value to each other: neither may see one from its own future. */
static uint64_t baton[2];
static uint32_t turn;
static uint64_t worst;

static void runner(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg, i;
	uint64_t now;

	for (i = 0; i < 5000; i++) {
		while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != me)
			hypercall_sched_op(SCHEDOP_yield, NULL);
		now = clock_read(me);
		if (now < baton[!me] && baton[!me] - now > worst)
			worst = baton[!me] - now;
		baton[me] = clock_read(me);
		__atomic_store_n(&turn, !me, __ATOMIC_RELEASE);
	}
}

static void check_wall_clock(void)
{
	uint64_t first = time_wall();

	CHECK(first / NS_PER_SEC > 1600000000);
	CHECK(time_wall() >= first);
	CHECK(!(shared_info->wc_version & 1));
	CHECK(shared_info->wc_nsec < 1000000000);
}

void test_main(void)
{
	check_one();
	check_wall_clock();
	vcpu_need_second();
	vcpu_start(runner, (void *)1);
	runner((void *)0);
	vcpu_join();
	/* Calibration may differ by a few ticks. */
	if (worst > 1000)
		test_failure("another vCPU's time was %lu ns ahead", (unsigned long)worst);
}
