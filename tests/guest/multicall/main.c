/* SPDX-License-Identifier: GPL-2.0-only */
/* multicall: done in order, each with its own result; bad lists are refused; none within another. */
#include <string.h>
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/sched.h"
#include "pvabi/version.h"

const char test_title[] = "multicall";

#define MANY 500

static struct multicall_entry calls[MANY];

static void set(struct multicall_entry *c, unsigned int op, unsigned long a, unsigned long b)
{
	memset(c, 0, sizeof(*c));
	c->op = op;
	c->args[0] = a;
	c->args[1] = b;
	c->result = 0x55;
}

/* A list that runs into a page that is not there: what stood before it was done. */
static void try_endless(void)
{
	char *window = window_alloc(2);
	struct multicall_entry *last = (void *)(window + PAGE_SIZE - sizeof(*last));

	NEED(window && !map_prepare(window, 2));
	NEED(!map_set(window, make_pte(virt_to_mfn(page_alloc_zero()), PTE_KERNEL)));
	set(last, __HYPERVISOR_xen_version, XENVER_version, 0);
	CHECK_EQUAL(hypercall_multicall(last, 0xffffffff), -XEN_EFAULT);
	test_answer("before the end of an endless list: %ld", (long)last->result);
}

/* Runs a list in which an iret leads to what follows here; what is in eax then. */
static long iret_within(struct multicall_entry *list, unsigned long count)
{
	long ret;

#ifdef __x86_64__
	__asm__ volatile("movq %%rsp, %%rdx\n pushq %[ss]\n pushq %%rdx\n pushq $2\n pushq %[cs]\n"
			 "leaq 1f(%%rip), %%rdx\n pushq %%rdx\n pushq $0\n pushq $0\n pushq $0\n"
			 "pushq $0x77\n syscall\n ud2\n1:"
			 : "=a"(ret)
			 : "0"((long)__HYPERVISOR_multicall), "D"(list), "S"(count),
			   [ss] "i"(FLAT_KERNEL_SS), [cs] "i"(FLAT_KERNEL_CS & ~3)
			 : "rcx", "rdx", "r11", "memory", "cc");
#else
	__asm__ volatile("pushl $2\n pushl %[cs]\n pushl $1f\n pushl $0x77\n int $0x82\n ud2\n1:"
			 : "=a"(ret)
			 : "0"((long)__HYPERVISOR_multicall), "b"(list), "c"(count),
			   [cs] "i"(FLAT_KERNEL_CS)
			 : "memory", "cc");
#endif
	return ret;
}

/* With it the list is over: the registers are another frame's. */
static void try_iret(long version)
{
	set(&calls[0], __HYPERVISOR_xen_version, XENVER_version, 0);
	set(&calls[1], __HYPERVISOR_iret, 0, 0);
	set(&calls[2], __HYPERVISOR_xen_version, XENVER_version, 0);
	CHECK_EQUAL(iret_within(calls, 3), 0x77);
	CHECK_EQUAL(calls[0].result, version);
	CHECK_EQUAL(calls[2].result, 0x55);
	test_answer("the result of iret: %lx", (unsigned long)calls[1].result);
	CHECK_EQUAL(hypercall_multicall(calls, 1), 0);
}

void test_main(void)
{
	long version = hypercall_xen_version(XENVER_version, NULL);
	unsigned int i;

	set(&calls[0], __HYPERVISOR_xen_version, XENVER_version, 0);
	set(&calls[1], 999, 0, 0);
	set(&calls[2], __HYPERVISOR_xen_version, 12345, 0);
	set(&calls[3], __HYPERVISOR_multicall, (unsigned long)calls, 1);
	set(&calls[4], __HYPERVISOR_xen_version, XENVER_version, 0);
	CHECK(!hypercall_multicall(calls, 5));
	CHECK_EQUAL(calls[0].result, version);
	CHECK_EQUAL((long)calls[1].result, -XEN_ENOSYS);
	CHECK_EQUAL((long)calls[2].result, -XEN_ENOSYS);
	CHECK((long)calls[3].result < 0);
	CHECK_EQUAL(calls[4].result, version);

	CHECK(!hypercall_multicall(calls, 0));
	CHECK_EQUAL(hypercall_multicall((void *)16, 1), -XEN_EFAULT);
	try_endless();
	try_iret(version);
	/* Results that cannot be written. */
	CHECK_EQUAL(hypercall_multicall((void *)test_title, 1), -XEN_EFAULT);

	/* So many, with yields in between, that it is preempted on the way. */
	for (i = 0; i < MANY; i++)
		set(&calls[i], i % 2 ? __HYPERVISOR_sched_op : __HYPERVISOR_xen_version,
		    i % 2 ? SCHEDOP_yield : XENVER_version, 0);
	CHECK(!hypercall_multicall(calls, MANY));
	for (i = 0; i < MANY; i++)
		CHECK_EQUAL((long)calls[i].result, i % 2 ? 0 : version);
}
