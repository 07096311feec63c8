/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Four vCPUs read the time and tell each other: nobody may read less than what another has read
 * before. For two seconds; by the words `minute` and `forever` on the command line for longer.
 */
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"

const char test_title[] = "time does not go back between four vCPUs";

#define READERS	4

static unsigned long reads[READERS];
static uint64_t end;

static void read_on(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg;

	do
		reads[me]++;
	while (clock_read_in_turn(me) < end && !clock_went_back());
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
	if (clock_went_back())
		test_failure("time went back by %lu ns", (unsigned long)clock_went_back());
	for (i = 0; i < READERS; i++)
		CHECK(reads[i] > 100);
}
