/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug registers: a guest's own, never over the hypervisor, and single steps arrive. */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/test.h"
#include "pvabi/physdev.h"

const char test_title[] = "debug registers watch the guest only";

static unsigned long watched;

static long set(unsigned int reg, unsigned long value)
{
	return hypercall2(__HYPERVISOR_set_debugreg, reg, (long)value);
}

static unsigned long get(unsigned int reg)
{
	return hypercall1(__HYPERVISOR_get_debugreg, reg);
}

static void touch(void *arg)
{
	(void)arg;
	*(volatile unsigned long *)&watched = 1;
	__asm__ volatile("nop; nop");
}

static void step(void *arg)
{
	unsigned long flags;

	(void)arg;
	__asm__ volatile("pushf; pop %0" : "=r"(flags));
	__asm__ volatile("push %0; popf; nop; nop" : : "r"(flags | 0x100) : "memory", "cc");
}

#define CR4_DE 8ul
#define WATCH_PORT (0x1 | 0x2 << 16)	/* by register 0, one byte */

static void out(void *arg)
{
	(void)arg;
	__asm__ volatile("outb %%al, $0x80; nop; nop" : : "a"(0));
}

static void write_cr4(unsigned long value)
{
	__asm__ volatile("mov %0, %%cr4" : : "r"(value));
}

/* A watch over a port: with CR4.DE only, and whoever carries out the instruction. */
static void try_port(void)
{
	struct physdev_set_iopl all = { .iopl = 3 }, none = { .iopl = 0 };
	unsigned long cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	NEED(!hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (long)&all));
	write_cr4(cr4 & ~CR4_DE);
	CHECK(!set(0, 0x80));
	CHECK(set(7, WATCH_PORT) < 0);
	write_cr4(cr4 | CR4_DE);
	CHECK(!set(7, WATCH_PORT));
	CHECK_EQUAL(fault_of(out, NULL), FAULT_DB);
	CHECK(get(6) & 1);
	CHECK(!set(0, 0x81));
	CHECK_EQUAL(fault_of(out, NULL), NO_FAULT);
	CHECK(!set(7, 0));
	write_cr4(cr4);
	NEED(!hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (long)&none));
}

void test_main(void)
{
	/* A 32-bit address cannot name the hypervisor. */
	static const uint64_t forbidden[] = {
		0xffff800000000000, 0xffff82d080000000, 0xffff87ffffffffff,
	};
	size_t i;

	for (i = 0; sizeof(long) == 8 && i < ARRAY_SIZE(forbidden); i++)
		CHECK(set(0, forbidden[i]) < 0);
	CHECK(set(8, 0) < 0);
	CHECK(set(99, 0) < 0);
	/* A write watch over one word. */
	CHECK(!set(0, (unsigned long)&watched));
	CHECK(!set(7, 0x1 | 0x1 << 16 | 0x3 << 18));
	CHECK_EQUAL(get(0), (unsigned long)&watched);
	CHECK_EQUAL(fault_of(touch, NULL), FAULT_DB);
	CHECK(get(6) & 1);
	CHECK(!set(7, 0));
	CHECK_EQUAL(fault_of(touch, NULL), NO_FAULT);
	/* General detect and breakpoints on I/O are not for guests. */
	set(7, 0x2000);
	CHECK_EQUAL(get(7) & 0x2000, 0);
	set(7, 0);
	CHECK_EQUAL(fault_of(step, NULL), FAULT_DB);
	try_port();
}
