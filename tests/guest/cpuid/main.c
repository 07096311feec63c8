/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID as the kernel asks the hypervisor for it: the machine's as the first domain; with what cpuid= says
 * in test.mk as an unprivileged one. A description becomes what was given, a feature can be taken away,
 * and cannot be given when there is none of it.
 */
#include "tests/guest/lib/test.h"

const char test_title[] = "CPUID is what the domain was given";

#define FEATURE_VMX	(1u << 5)
#define FEATURE_SSE4_1	(1u << 19)
#define FEATURE_POPCNT	(1u << 23)
#define FEATURE_BMI1	(1u << 3)
#define FEATURE_RDSEED	(1u << 18)
#define FEATURE_SEP	(1u << 11)
#define FEATURE_SYSCALL	(1u << 11)
#define OWN_APIC_ID	0xff000000u
#define SIGNATURE	0x0fff0fffu	/* family, model, stepping */

struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

static struct leaf real(uint32_t leaf)
{
	struct leaf l;

	__asm__ volatile("cpuid" : "=a"(l.eax), "=b"(l.ebx), "=c"(l.ecx), "=d"(l.edx) : "a"(leaf), "c"(0));
	return l;
}

static struct leaf shown(uint32_t leaf)
{
	struct leaf l;

	__asm__ volatile("ud2; .ascii \"xen\"; cpuid"
			 : "=a"(l.eax), "=b"(l.ebx), "=c"(l.ecx), "=d"(l.edx) : "a"(leaf), "c"(0));
	return l;
}

void test_main(void)
{
	struct leaf cpu = real(1), own = shown(1), cpu7 = real(7), own7 = shown(7);
	bool changed = !start_is_control();

	CHECK_EQUAL(own.eax & SIGNATURE, changed ? 0x00a20f12 : cpu.eax & SIGNATURE);
	CHECK_EQUAL(own.ecx & FEATURE_POPCNT, changed ? 0 : cpu.ecx & FEATURE_POPCNT);
	CHECK_EQUAL(own7.ebx & FEATURE_RDSEED, changed ? 0 : cpu7.ebx & FEATURE_RDSEED);
	/* Their neighbours are as they were, and so is a leaf that nobody spoke of. */
	CHECK_EQUAL(own.ecx & FEATURE_SSE4_1, cpu.ecx & FEATURE_SSE4_1);
	CHECK_EQUAL(own7.ebx & FEATURE_BMI1, cpu7.ebx & FEATURE_BMI1);
	CHECK_EQUAL(shown(0x80000002).eax, real(0x80000002).eax);
	CHECK_EQUAL(shown(0).eax, real(0).eax < 0xd ? real(0).eax : 0xd);
	CHECK_EQUAL(own.ecx & FEATURE_VMX, 0);
	/* How many share a package counts where nothing else tells: Linux on Intel starts no more CPUs else. */
	CHECK_EQUAL(own.ebx & ~OWN_APIC_ID, cpu.ebx & ~OWN_APIC_ID);
	test_answer("SYSENTER %d", (own.edx & FEATURE_SEP) != 0);
	test_answer("SYSCALL %d", (shown(0x80000001).edx & FEATURE_SYSCALL) != 0);
}
