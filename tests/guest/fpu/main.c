/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FPU and SSE state belongs to one vCPU: it starts clean, whoever ran before, and it survives yields,
 * sleep and other domains (the control domain uses its own meanwhile). TS is the guest's to set.
 */
#include <string.h>
#include <minios/time.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/test.h"
#include "pvabi/sched.h"

const char test_title[] = "FPU state is kept, and leaks from nobody";

struct xmm {
	uint8_t bytes[16];
} __attribute__((aligned(16)));

static void store_xmm(struct xmm *x)
{
	__asm__ volatile("movups %%xmm0, (%0)\n movups %%xmm3, 16(%0)\n movups %%xmm7, 32(%0)"
			 : : "r"(x) : "memory");
}

static void load_xmm(const struct xmm *x)
{
	__asm__ volatile("movups (%0), %%xmm0\n movups 16(%0), %%xmm3\n movups 32(%0), %%xmm7"
			 : : "r"(x) : "memory");
}

static void check_initial(void)
{
	struct xmm x[3];
	uint16_t control = 0, status = 0xffff;
	uint32_t mxcsr = 0;
	unsigned int i;

	store_xmm(x);
	for (i = 0; i < sizeof(x); i++)
		if (((uint8_t *)x)[i])
			test_failure("byte %u of the SSE registers is 0x%x", i, ((uint8_t *)x)[i]);
	__asm__ volatile("fnstcw %0\n fnstsw %1\n stmxcsr %2" : "=m"(control), "=m"(status),
			 "=m"(mxcsr));
	CHECK_EQUAL(control, 0x37f);
	CHECK_EQUAL(status, 0);
	CHECK_EQUAL(mxcsr, 0x1f80);
}

static void wait_somehow(unsigned int round)
{
	struct sched_poll poll = { .nr_ports = 0 };

	if (round % 2) {
		hypercall_sched_op(SCHEDOP_yield, NULL);
		return;
	}
	poll.timeout = time_monotonic() + 200 * NS_PER_USEC;
	hypercall_sched_op(SCHEDOP_poll, &poll);
}

static void check_kept(void)
{
	struct xmm want[3], got[3];
	uint16_t control = 0x27f, control_got;
	unsigned int round;

	__asm__ volatile("fldcw %0" : : "m"(control));
	for (round = 0; round < 100; round++) {
		memset(want, 0x80 + round, sizeof(want));
		load_xmm(want);
		wait_somehow(round);
		store_xmm(got);
		if (memcmp(want, got, sizeof(want)))
			test_failure("round %u: SSE registers have changed", round);
	}
	__asm__ volatile("fnstcw %0" : "=m"(control_got));
	CHECK_EQUAL(control_got, control);
}

static void use_fpu(void *arg)
{
	struct xmm x[3];

	(void)arg;
	store_xmm(x);
}

/* With TS set the next use is the guest's to hear of, once. */
static void check_taskswitch(void)
{
	hypercall1(__HYPERVISOR_fpu_taskswitch, 1);
	CHECK_EQUAL(fault_of(use_fpu, NULL), FAULT_NM);
	CHECK_EQUAL(fault_of(use_fpu, NULL), NO_FAULT);
	hypercall1(__HYPERVISOR_fpu_taskswitch, 1);
	hypercall1(__HYPERVISOR_fpu_taskswitch, 0);
	CHECK_EQUAL(fault_of(use_fpu, NULL), NO_FAULT);
}

void test_main(void)
{
	check_initial();
	check_kept();
	check_taskswitch();
}
