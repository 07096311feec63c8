/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TSC: the machine's own, as the first domain always, or an emulated one, as the variant's tsc_mode
 * says. Either goes on, agrees with system time, and is refused to user mode by CR4.TSD alone.
 */
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "the time stamp counter is what the domain was given";

#define TSC_LEAF	0x40000003
#define EMULATED	1
#define MODE_DEFAULT	0
#define MODE_EMULATE	1
#define MODE_NATIVE	2
#define CR4_TSD		4
#define FEATURE_RDTSCP	(1u << 27)
#define ROUNDS		2000

RING3_CODE(user_rdtsc, "rdtsc\n" RING3_END);
RING3_CODE(user_rdtscp, "rdtscp\n" RING3_END);

struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

/* As Xen has a guest ask for its own: the prefix is emulated. */
static struct leaf cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct leaf r = { leaf, 0, subleaf, 0 };

	__asm__ volatile("ud2; .ascii \"xen\"; cpuid"
			 : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
	return r;
}

static void set_tsd(bool on)
{
	unsigned long cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 = on ? cr4 | CR4_TSD : cr4 & ~(unsigned long)CR4_TSD;
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
}

static unsigned int mode(void)
{
	if (start_is_control() || test_variant_is("default"))
		return MODE_DEFAULT;
	return test_variant_is("native") ? MODE_NATIVE : MODE_EMULATE;
}

static void check_leaf(void)
{
	struct leaf own = cpuid(TSC_LEAF, 0);

	CHECK_EQUAL(own.eax & EMULATED, mode() == MODE_EMULATE ? EMULATED : 0);
	CHECK_EQUAL(own.ebx, mode());
	CHECK(own.ecx >= 1000);
	CHECK_EQUAL(own.ecx, cpuid(TSC_LEAF, 2).eax);
}

/* An emulated one began with the domain. */
static void check_start(void)
{
	uint64_t age = time_cycles() / cpuid(TSC_LEAF, 0).ecx;

	if (mode() == MODE_EMULATE)
		CHECK(age < clock_read(0) / NS_PER_MSEC);
}

static void check_rate(void)
{
	uint64_t khz = cpuid(TSC_LEAF, 0).ecx, before = time_cycles(), ns = clock_read(0), last, now;
	uint64_t ticks_by_clock, margin;
	unsigned int i;

	for (last = before, i = 0; i < ROUNDS; i++, last = now) {
		now = time_cycles();
		if (now < last)
			test_failure("the TSC went back");
	}
	ticks_by_clock = (clock_read(0) - ns) * khz / 1000000;
	now = time_cycles();
	/* Read one after the other, on a machine that may stop between two: only ever too many. */
	margin = ticks_by_clock / 1000 + 1000;
	if (now - before + margin < ticks_by_clock)
		test_failure("%lu ticks in the time of %lu", (unsigned long)(now - before),
			     (unsigned long)ticks_by_clock);
}

static void check_user(bool may)
{
	unsigned int want = may ? TRAP_USER_CALL : FAULT_GP;

	CHECK_EQUAL(RING3_RUN(user_rdtsc, 0), want);
	if (cpuid(0x80000001, 0).edx & FEATURE_RDTSCP)
		CHECK_EQUAL(RING3_RUN(user_rdtscp, 0), want);
}

void test_main(void)
{
	ring3_init();
	check_leaf();
	check_start();
	check_rate();
	check_user(true);
	set_tsd(true);
	check_user(false);
	check_rate();
	set_tsd(false);
	check_user(true);
}
