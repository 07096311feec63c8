/* SPDX-License-Identifier: GPL-2.0-only */
/* A hypercall page made by the MSR that CPUID names works; what may not become one is refused. */
#include <string.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/version.h"

const char test_title[] = "the hypercall page's MSR";

#define MSR_HYPERCALL 0x40000000u
#define SLOT_SIZE     32

static void write_msr(void *arg)
{
	uint64_t value = *(uint64_t *)arg;

	__asm__ volatile("wrmsr"
			 :: "c"(MSR_HYPERCALL), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static unsigned int fault_of_msr(uint64_t value)
{
	return fault_of(write_msr, &value);
}

static uint64_t machine(const void *page)
{
	return (uint64_t)virt_to_mfn(page) << PAGE_SHIFT;
}

/* A call through the page, whose code is the guest's to execute like any other of its pages. */
static long version_by(const char *page)
{
	const char *slot = page + __HYPERVISOR_xen_version * SLOT_SIZE;
	long result;

#ifdef __i386__
	__asm__ volatile("call *%1"
			 : "=a"(result) : "r"(slot), "b"(XENVER_version), "c"(0) : "memory");
#else
	register const char *target __asm__("r8") = slot;

	__asm__ volatile("call *%1"
			 : "=a"(result) : "r"(target), "D"((long)XENVER_version), "S"(0l)
			 : "rcx", "r11", "memory");
#endif
	return result;
}

void test_main(void)
{
	char *page = page_alloc_zero();
	void *table;

	CHECK_EQUAL(fault_of_msr(machine(page)), NO_FAULT);
	CHECK_EQUAL((unsigned char)page[PAGE_SIZE - 1], 0xcc);
	CHECK_EQUAL(version_by(page), hypercall_xen_version(XENVER_version, NULL));
	/* There is one page, so no other index. */
	memset(page, 0, PAGE_SIZE);
	CHECK_EQUAL(fault_of_msr(machine(page) | 1), FAULT_GP);
	CHECK_EQUAL(page[0], 0);
	/* Frames that nobody has, and a page table. */
	CHECK_EQUAL(fault_of_msr((uint64_t)machine_frames() << PAGE_SHIFT), FAULT_GP);
	CHECK_EQUAL(fault_of_msr(~0ull << PAGE_SHIFT), FAULT_GP);
	table = (void *)start_info->pt_base;
	CHECK_EQUAL(fault_of_msr(machine(table)), FAULT_GP);
	page_free(page);
}
