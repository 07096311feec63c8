/* SPDX-License-Identifier: GPL-2.0-only */
/* Returns to frames that make no sense: a fault or the failsafe callback, in this domain, not above. */
#include <string.h>
#include <minios/arch/arch.h>
#include <minios/trap.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"

const char test_title[] = "returns to impossible frames are refused";

struct target {
	unsigned long ip, cs, flags, sp, ss;
};

#ifdef __i386__
static void do_iret(void *arg)
{
	const struct target *t = arg;

	__asm__ volatile("pushl %0; pushl %1; pushl %2; pushl %3; pushl %4; iretl"
			 : : "m"(t->ss), "m"(t->sp), "m"(t->flags), "m"(t->cs), "m"(t->ip));
}
#else
static void do_iret(void *arg)
{
	const struct target *t = arg;

	__asm__ volatile("mov %0, %%rax\n"
			 "pushq 32(%%rax); pushq 24(%%rax); pushq 16(%%rax); pushq 8(%%rax)\n"
			 "pushq 0(%%rax); iretq" : : "r"(t) : "rax");
}
#endif

static const struct target targets[] = {
	{ 0x1000, 0xe008, 0x202, 0x2000, 0xe010 },	/* ring 0's selectors */
	{ 0x1000, 0x0008, 0x202, 0x2000, 0x0010 },
	{ 0x1000, 0xffff, 0x202, 0x2000, 0xffff },
	{ 0x1000, 0x0000, 0x202, 0x2000, 0x0000 },
	{ 0x1000, FLAT_USER_CS, 0x202, 0x2000, 0x0000 },
	{ 0x1000, FLAT_USER_CS, 0x202, 0x2000, 0xe008 },
	{ 0x1000, FLAT_USER_SS, 0x202, 0x2000, FLAT_USER_SS },
	{ 0x1000, 0x1003, 0x202, 0x2000, FLAT_USER_SS },
};

static unsigned long flags(void)
{
	unsigned long f;

	__asm__ volatile("pushf; pop %0" : "=r"(f));
	return f;
}

/* Flags that are not the guest's: what is asked for is not given. */
static void try_flags(void)
{
	__asm__ volatile("push %0; popf" : : "r"(0x3002ul) : "cc");
	CHECK(flags() & 0x200);
	CHECK_EQUAL(flags() & 0x3000, 0);
	CHECK_EQUAL(flags() & (1ul << 14 | 1ul << 17 | 1ul << 19 | 1ul << 20), 0);
}

#ifdef __i386__
#define VM (1u << 17)

static trap_handler_t next_handler;
static struct {
	struct trap_frame frame;
	uint32_t selectors[4];
	const void *end;
} vm86;
static uint32_t vm86_stack[1024];

static bool on_vm86(struct trap_frame *f)
{
	vm86.frame = *f;
	memcpy(vm86.selectors, f + 1, sizeof(vm86.selectors));
	vm86.end = (const uint32_t *)(f + 1) + 4;
	f->cs = FLAT_KERNEL_CS;
	f->eflags &= ~VM;
	return next_handler(f);
}

static void to_vm86(void *arg)
{
	(void)arg;
	__asm__ volatile("pushl $6; pushl $5; pushl $4; pushl $3; pushl $0x10; pushl $0x100\n"
			 "pushl $0x20302; pushl $0x1000; pushl $0x1234; jmp *%0"
			 : : "r"(hypercall_page + __HYPERVISOR_iret * 32));
}

/* There is no such mode: #GP at the first instruction of it, on the kernel's stack. */
static void try_vm86(void)
{
	next_handler = trap_set_handler(FAULT_GP, on_vm86);
	NEED(!hypercall2(__HYPERVISOR_stack_switch, FLAT_KERNEL_SS,
			 (long)(vm86_stack + ARRAY_SIZE(vm86_stack))));
	CHECK_EQUAL(fault_of(to_vm86, NULL), FAULT_GP);
	trap_set_handler(FAULT_GP, next_handler);
	CHECK_EQUAL(vm86.frame.error, 0);
	CHECK_EQUAL(vm86.frame.eip, 0x1234);
	CHECK_EQUAL(vm86.frame.cs, 0x1000);
	CHECK_EQUAL(vm86.frame.eflags, 0x20302);
	CHECK_EQUAL(vm86.frame.esp, 0x100);
	CHECK_EQUAL(vm86.frame.ss, 0x10);
	CHECK(vm86.selectors[0] == 3 && vm86.selectors[1] == 4 && vm86.selectors[2] == 5 &&
	      vm86.selectors[3] == 6);
	CHECK(vm86.end == vm86_stack + ARRAY_SIZE(vm86_stack));
}
#else
static void try_vm86(void)
{
}
#endif

void test_main(void)
{
	size_t i;

	ring3_init();
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		unsigned int vector = fault_of(do_iret, (void *)&targets[i]);

		if (vector != FAULT_GP && vector != FAULT_NP && vector != FAULT_SS)
			test_failure("target %u: vector %d", (unsigned int)i, (int)vector);
	}
	try_flags();
	try_vm86();
}
