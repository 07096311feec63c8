/* SPDX-License-Identifier: GPL-2.0-only */
/* System time by a vCPU's record in the shared page. */
#include <minios/hypercall.h>
#include <minios/start.h>
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "pvabi/sched.h"

static unsigned char lock;	/* guards the next two */
static uint64_t latest, worst;

/* As the interface says: ticks << shift (or >> -shift), times mul, by 2^32. */
uint64_t clock_read(unsigned int vcpu)
{
	const struct vcpu_time_info *t = &shared_info->vcpu_info[vcpu].time;
	uint64_t delta, result;
	uint32_t version;

	do {
		version = __atomic_load_n(&t->version, __ATOMIC_ACQUIRE);
		delta = time_cycles() - t->tsc_timestamp;
		delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
		result = t->system_time + (delta >> 32) * t->tsc_to_system_mul +
			 (((delta & 0xffffffff) * t->tsc_to_system_mul) >> 32);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || version != __atomic_load_n(&t->version, __ATOMIC_RELAXED));
	return result;
}

uint64_t clock_read_in_turn(unsigned int vcpu)
{
	uint64_t t;

	while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
		hypercall_sched_op(SCHEDOP_yield, NULL);
	t = clock_read(vcpu);
	if (t < latest && latest - t > worst)
		worst = latest - t;
	latest = t > latest ? t : latest;
	__atomic_clear(&lock, __ATOMIC_RELEASE);
	return t;
}

uint64_t clock_went_back(void)
{
	return worst;
}
