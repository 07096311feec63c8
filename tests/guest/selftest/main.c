/* SPDX-License-Identifier: GPL-2.0-only */
/* The tools of the other tests: faults are caught with the right details, ring 3 comes back. */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "exceptions arrive as they should";

RING3_CODE(nothing, RING3_END);
RING3_CODE(illegal, "ud2\n");
RING3_CODE(touch, "movb (" RING3_ARG "), %cl\n" RING3_END);

static void do_ud(void *arg)
{
	(void)arg;
	__asm__ volatile("ud2");
}

static void do_breakpoint(void *arg)
{
	(void)arg;
	__asm__ volatile("int3");
}

static void do_divide(void *arg)
{
	__asm__ volatile("divl %0" : : "m"(*(unsigned int *)arg) : "eax", "edx", "cc");
}

static void do_nothing(void *arg)
{
	*(bool *)arg = true;
}

void test_main(void)
{
	uintptr_t va = scratch_address();
	static unsigned int zero;
	bool called = false;

	CHECK_EQUAL(fault_of(do_nothing, &called), NO_FAULT);
	CHECK(called);
	CHECK_EQUAL(fault_of(do_ud, NULL), FAULT_UD);
	CHECK_EQUAL(fault_of(do_breakpoint, NULL), FAULT_BP);
	CHECK_EQUAL(fault_of(do_divide, &zero), FAULT_DE);
	CHECK_EQUAL(fault_of_read(va + 5), FAULT_PF);
	CHECK_EQUAL(last_fault.address, va + 5);
	CHECK_EQUAL(last_fault.error & 3, 0);
	CHECK_EQUAL(fault_of_write((uintptr_t)test_title), FAULT_PF);
	CHECK_EQUAL(last_fault.address, (uintptr_t)test_title);
	CHECK_EQUAL(last_fault.error & 3, 3);

	ring3_init();
	CHECK_EQUAL(RING3_RUN(nothing, 0), TRAP_USER_CALL);
	CHECK_EQUAL(RING3_RUN(illegal, 0), FAULT_UD);
	CHECK(last_fault.user && last_fault.ip == RING3_PAGE);
	CHECK_EQUAL(RING3_RUN(touch, va), FAULT_PF);
	CHECK_EQUAL(last_fault.address, va);
	CHECK_EQUAL(RING3_RUN(touch, RING3_PAGE), TRAP_USER_CALL);
}
