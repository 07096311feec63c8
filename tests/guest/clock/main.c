/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Four vCPUs read the time and tell each other: nobody may read less than what another has read
 * before. For two seconds; by the words `minute` and `forever` on the command line for longer.
 */
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"

const char test_title[] = "time does not go back between four vCPUs";

#define READERS	4

static unsigned char lock;	/* guards the next two */
static uint64_t latest, worst;
static unsigned long reads[READERS];
static uint64_t end;

static uint64_t read_in_turn(unsigned int me)
{
	uint64_t t;

	while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
		hypercall_sched_op(SCHEDOP_yield, NULL);
	t = clock_read(me);
	if (t < latest && latest - t > worst)
		worst = latest - t;
	latest = t > latest ? t : latest;
	__atomic_clear(&lock, __ATOMIC_RELEASE);
	return t;
}

static void read_on(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg;

	do
		reads[me]++;
	while (read_in_turn(me) < end && !worst);
}

static uint64_t duration(void)
{
	if (test_variant_is("forever"))
		return SEC(1000000);
	return test_variant_is("minute") ? SEC(60) : SEC(2);
}

void test_main(void)
{
	unsigned int i;

	vcpu_need(READERS);
	end = clock_read(0) + duration();
	for (i = 1; i < READERS; i++)
		vcpu_start_on(i, read_on, (void *)(uintptr_t)i);
	read_on(NULL);
	for (i = 1; i < READERS; i++)
		vcpu_join_on(i);
	if (worst)
		test_failure("time went back by %lu ns", (unsigned long)worst);
	for (i = 0; i < READERS; i++)
		CHECK(reads[i] > 100);
}
