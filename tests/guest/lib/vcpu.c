/* SPDX-License-Identifier: GPL-2.0-only */
/* A second virtual CPU. */
#include <string.h>
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"
#include "pvabi/vcpu.h"

static struct vcpu_guest_context context;
static char stack[4 * PAGE_SIZE] __attribute__((aligned(16)));
static void (*entry_fn)(void *);
static void *entry_arg;
static bool entry_done;

static void __attribute__((noreturn)) entry(void)
{
	entry_fn(entry_arg);
	__atomic_store_n(&entry_done, true, __ATOMIC_SEQ_CST);
	for (;;)
		hypercall_vcpu_op(VCPUOP_down, VCPU_SECOND, NULL);
}

void vcpu_need_second(void)
{
	long ret = hypercall_vcpu_op(VCPUOP_is_up, VCPU_SECOND, NULL);

	if (ret == -XEN_ENOENT)
		test_skip("the domain has one vCPU");
	NEED(ret == 0);
}

static void fill_context(void)
{
	mfn_t root = virt_to_mfn((void *)start_info->pt_base);
	uintptr_t sp = (uintptr_t)stack + sizeof(stack) - 64;

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
#else
	context.user_regs.rip = (uintptr_t)entry;
	context.user_regs.rsp = sp - 8;
#endif
}

void vcpu_start(void (*fn)(void *), void *arg)
{
	/* A vCPU is initialised once in its life. */
	NEED(!entry_fn);
	entry_fn = fn;
	entry_arg = arg;
	entry_done = false;
	fill_context();
	NEED(!hypercall_vcpu_op(VCPUOP_initialise, VCPU_SECOND, &context));
	shared_info->vcpu_info[VCPU_SECOND].evtchn_upcall_mask = 1;
	NEED(!hypercall_vcpu_op(VCPUOP_up, VCPU_SECOND, NULL));
}

bool vcpu_is_up(void)
{
	return hypercall_vcpu_op(VCPUOP_is_up, VCPU_SECOND, NULL) == 1;
}

void vcpu_join(void)
{
	while (!__atomic_load_n(&entry_done, __ATOMIC_SEQ_CST) || vcpu_is_up())
		hypercall_sched_op(SCHEDOP_yield, NULL);
}
