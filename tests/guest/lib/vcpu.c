/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual CPUs beside the first. */
#include <string.h>
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"
#include "pvabi/vcpu.h"

#define STACK_SIZE (2 * PAGE_SIZE)

static struct vcpu_guest_context context;
static char stacks[VCPUS_MAX][STACK_SIZE] __attribute__((aligned(16)));
static struct {
	void (*fn)(void *);
	void *arg;
	bool done, is_initialised;
} slots[VCPUS_MAX];

static void __attribute__((noreturn)) entry(unsigned long id)
{
	for (;;) {
		slots[id].fn(slots[id].arg);
		__atomic_store_n(&slots[id].done, true, __ATOMIC_SEQ_CST);
		/* It comes back from here when it is brought up again. */
		hypercall_vcpu_op(VCPUOP_down, (int)id, NULL);
	}
}

void vcpu_need(unsigned int count)
{
	long ret = hypercall_vcpu_op(VCPUOP_is_up, (int)count - 1, NULL);

	if (ret == -XEN_ENOENT)
		test_skip("the domain has fewer than %u vCPUs", count);
	NEED(ret == 0);
}

static void fill_context(unsigned int id)
{
	mfn_t root = virt_to_mfn((void *)start_info->pt_base);
	uintptr_t sp = (uintptr_t)stacks[id] + STACK_SIZE - 64;

	memset(&context, 0, sizeof(context));
	context.flags = VGCF_IN_KERNEL;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.user_regs.eflags = 0x202;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = sp;
	context.ctrlreg[3] = xen_pfn_to_cr3(root);
#ifdef __i386__
	context.user_regs.ds = context.user_regs.es = FLAT_KERNEL_DS;
	context.user_regs.eip = (uintptr_t)entry;
	context.user_regs.esp = sp - 4;
	*(unsigned long *)sp = id;
#else
	context.user_regs.rip = (uintptr_t)entry;
	context.user_regs.rsp = sp - 8;
	context.user_regs.rdi = id;
#endif
}

void vcpu_start_on(unsigned int id, void (*fn)(void *), void *arg)
{
	slots[id].fn = fn;
	slots[id].arg = arg;
	__atomic_store_n(&slots[id].done, false, __ATOMIC_SEQ_CST);
	if (!slots[id].is_initialised) {
		fill_context(id);
		NEED(!hypercall_vcpu_op(VCPUOP_initialise, (int)id, &context));
		shared_info->vcpu_info[id].evtchn_upcall_mask = 1;
		slots[id].is_initialised = true;
	}
	NEED(!hypercall_vcpu_op(VCPUOP_up, (int)id, NULL));
}

bool vcpu_on_is_up(unsigned int id)
{
	return hypercall_vcpu_op(VCPUOP_is_up, (int)id, NULL) == 1;
}

void vcpu_join_on(unsigned int id)
{
	while (!__atomic_load_n(&slots[id].done, __ATOMIC_SEQ_CST) || vcpu_on_is_up(id))
		hypercall_sched_op(SCHEDOP_yield, NULL);
}

void vcpu_need_second(void)
{
	vcpu_need(2);
}

void vcpu_start(void (*fn)(void *), void *arg)
{
	vcpu_start_on(VCPU_SECOND, fn, arg);
}

bool vcpu_is_up(void)
{
	return vcpu_on_is_up(VCPU_SECOND);
}

void vcpu_join(void)
{
	vcpu_join_on(VCPU_SECOND);
}
