/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extended state is the kernel's to switch on. It is told that it may (OSXSAVE of the CPUID it forces);
 * until it has, nobody gets at more than x87 and SSE: an application that asks the CPU itself would use
 * registers which its kernel does not save.
 */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "extended state is off until the kernel wants it";

#define FEATURE_XSAVE	(1u << 26)
#define FEATURE_OSXSAVE (1u << 27)
#define CR4_OSXSAVE	(1ul << 18)
#define XCR0_LEGACY	0x3
#define XCR0_AVX	0x4
#define STANDARD_SIZE	576	/* of an image with x87 and SSE only */

struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

static struct leaf cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct leaf l;

	__asm__ volatile("cpuid" : "=a"(l.eax), "=b"(l.ebx), "=c"(l.ecx), "=d"(l.edx)
			 : "a"(leaf), "c"(subleaf));
	return l;
}

static struct leaf forced_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct leaf l;

	__asm__ volatile("ud2; .ascii \"xen\"; cpuid"
			 : "=a"(l.eax), "=b"(l.ebx), "=c"(l.ecx), "=d"(l.edx)
			 : "a"(leaf), "c"(subleaf));
	return l;
}

static void xsetbv(void *arg)
{
	uint64_t value = *(uint64_t *)arg;

	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static unsigned int fault_of_xsetbv(uint64_t value)
{
	return fault_of(xsetbv, &value);
}

static uint64_t xgetbv(void)
{
	uint32_t lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return (uint64_t)hi << 32 | lo;
}

static void use_avx(void *arg)
{
	(void)arg;
	__asm__ volatile("vxorps %ymm0, %ymm0, %ymm0");
}

RING3_CODE(user_avx, "vxorps %ymm0, %ymm0, %ymm0\n" RING3_END);

static void write_cr4(unsigned long set)
{
	unsigned long cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"((cr4 & ~CR4_OSXSAVE) | set));
}

static void check_off(bool has_avx)
{
	/* What a CPU without CPUID faulting tells everybody: there is XCR0 to look at. */
	test_answer("OSXSAVE without force: %u", !!(cpuid(1, 0).ecx & FEATURE_OSXSAVE));
	CHECK_EQUAL(xgetbv(), XCR0_LEGACY);
	CHECK_EQUAL(forced_cpuid(0xd, 0).ebx, STANDARD_SIZE);
	if (!has_avx)
		return;
	CHECK_EQUAL(fault_of(use_avx, NULL), FAULT_UD);
	CHECK_EQUAL(RING3_RUN(user_avx, 0), FAULT_UD);
}

static void check_on(bool has_avx)
{
	static const uint64_t refused[] = { 0, 2, 4, 5, 6, 1ull << 63, ~0ull };
	size_t i;

	CHECK_EQUAL(fault_of_xsetbv(XCR0_LEGACY), FAULT_UD);	/* CR4.OSXSAVE is not set */
	write_cr4(CR4_OSXSAVE);
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		CHECK_EQUAL(fault_of_xsetbv(refused[i]), FAULT_GP);
	CHECK_EQUAL(xgetbv(), XCR0_LEGACY);
	CHECK_EQUAL(fault_of_xsetbv(1), NO_FAULT);
	CHECK_EQUAL(xgetbv(), 1);
	CHECK_EQUAL(fault_of_xsetbv(XCR0_LEGACY), NO_FAULT);
	if (!has_avx)
		return;
	CHECK_EQUAL(fault_of_xsetbv(XCR0_LEGACY | XCR0_AVX), NO_FAULT);
	CHECK_EQUAL(xgetbv(), XCR0_LEGACY | XCR0_AVX);
	CHECK(forced_cpuid(0xd, 0).ebx > STANDARD_SIZE);
	CHECK_EQUAL(fault_of(use_avx, NULL), NO_FAULT);
	CHECK_EQUAL(RING3_RUN(user_avx, 0), TRAP_USER_CALL);
}

void test_main(void)
{
	struct leaf features = forced_cpuid(1, 0), components = forced_cpuid(0xd, 0);
	bool has_avx = components.eax & XCR0_AVX;

	if (!(features.ecx & FEATURE_XSAVE))
		test_skip("this CPU has no XSAVE");
	ring3_init();
	/* Linux takes a clear bit for a hypervisor that has no XSAVE. */
	CHECK(features.ecx & FEATURE_OSXSAVE);
	test_answer("components 0x%x, instructions 0x%x", components.eax,
		    forced_cpuid(0xd, 1).eax);
	check_off(has_avx);
	check_on(has_avx);
}
