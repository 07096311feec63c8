/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that break what they need to live: each crashes, and crashes alone. */
#include <string.h>
#include <minios/arch/arch.h>
#include <minios/arch/priv.h>
#include "tests/guest/lib/callback.h"
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"
#include "pvabi/sched.h"

const char test_title[] = "a broken guest crashes alone";

RING3_CODE(touch, "movb (" RING3_ARG "), %cl\n");
RING3_CODE(call_kernel, RING3_END);

static void page_fault(void)
{
	__asm__ volatile("movb $0, 16");
}

/* An exception whose handler is not mapped, whose handling faults again, and so on. */
static void break_trap_table(void)
{
	struct trap_info traps[2] = {
		{ .vector = FAULT_PF, .flags = 4, .cs = FLAT_KERNEL_CS, .address = 0x10 },
	};

	NEED(!hypercall_set_trap_table(traps));
	test_expect_crash();
	page_fault();
}

/* No handler at all. */
static void break_no_handler(void)
{
	NEED(!hypercall_set_trap_table(NULL));
	test_expect_crash();
	page_fault();
}

/* From ring 3, by an exception or by a system call, the frame goes to a stack that is not there. */
static void break_kernel_stack_by(const char *code, const char *end, uintptr_t sp)
{
	ring3_init();
	memcpy((void *)RING3_PAGE, code, end - code);
	test_expect_crash();
	/* user_run() would set a good one: so go in by hand. */
	hypercall_stack_switch(FLAT_KERNEL_SS, sp);
#ifdef __i386__
	__asm__ volatile("pushl %0; pushl %1; pushl $0x202; pushl %2; pushl %3; iretl"
			 : : "i"(FLAT_USER_SS), "r"(RING3_STACK - 64), "i"(FLAT_USER_CS),
			 "r"(RING3_PAGE));
#else
	struct iret_context iret = {
		.rip = RING3_PAGE, .cs = FLAT_USER_CS, .rflags = 0x202,
		.rsp = RING3_STACK - 64, .ss = FLAT_USER_SS,
	};

	__asm__ volatile("mov %0, %%rsp; mov %1, %%eax; syscall"
			 : : "r"(&iret), "i"(__HYPERVISOR_iret) : "memory");
#endif
}

static void break_kernel_stack(uintptr_t sp)
{
	break_kernel_stack_by(touch, touch_end, sp);
}

/* The first words of the frame have room, the others fault. */
static void break_kernel_stack_midway(void)
{
	char *window = window_alloc(2);

	NEED(window && !map_prepare(window, 2));
	NEED(!map_set(window + PAGE_SIZE, make_pte(virt_to_mfn(page_alloc_zero()), PTE_KERNEL)));
	break_kernel_stack((uintptr_t)window + PAGE_SIZE + 2 * sizeof(long));
}

/* The stack itself is bad when an exception comes. */
static void break_stack(void)
{
	test_expect_crash();
#ifdef __i386__
	__asm__ volatile("movl $0x1000, %esp; ud2");
#else
	/* On a non-canonical stack. */
	__asm__ volatile("movabs $0x8000000000000000, %rsp; ud2");
#endif
}

/* Without its own descriptors: what it has loaded goes on, what it loads faults. */
static void break_gdt(void)
{
	struct trap_info traps[2] = {
		{ .vector = FAULT_PF, .flags = 4, .cs = 0x1003, .address = (unsigned long)page_fault },
	};
	void *gdt = table_alloc();
	unsigned long mfn = virt_to_mfn(gdt);

	NEED(!hypercall_set_gdt(&mfn, 512));
	test_expect_crash();
	hypercall_set_trap_table(traps);
	page_fault();
}

/* Events go to an address that is not there. */
static void break_callback(void)
{
	NEED(!callback_register(CALLBACKTYPE_event, 0x10, 0));
	test_expect_crash();
	shared_info->vcpu_info[0].evtchn_upcall_pending = 1;
	shared_info->vcpu_info[0].evtchn_upcall_mask = 0;
	/* Delivered on the way back from any hypercall. */
	hypercall_xen_version(0, NULL);
}

/* All that is mapped goes away under its feet. */
static void break_root(void)
{
	const pte_t *e = pt_walk(VIRT_BASE, 2);

	test_expect_crash();
	pt_update(pt_machine(e), 0);
	priv_tlb_flush();
}

void test_main(void)
{
	if (test_variant_is("trap-table"))
		break_trap_table();
	else if (test_variant_is("no-handler"))
		break_no_handler();
	else if (test_variant_is("kernel-stack"))
		break_kernel_stack(0x3000);
	else if (test_variant_is("kernel-stack-read-only"))
		break_kernel_stack((uintptr_t)hypercall_page + 2048);
	else if (test_variant_is("kernel-stack-hv"))
#ifdef __i386__
		break_kernel_stack(0xf5800800);
#else
		break_kernel_stack(0xffff800000000800);
#endif
	else if (test_variant_is("kernel-stack-midway"))
		break_kernel_stack_midway();
	else if (test_variant_is("kernel-stack-wrapping"))
		break_kernel_stack(2 * sizeof(long));
	else if (test_variant_is("kernel-stack-of-call"))
		break_kernel_stack_by(call_kernel, call_kernel_end, 0x3000);
	else if (test_variant_is("stack"))
		break_stack();
	else if (test_variant_is("gdt"))
		break_gdt();
	else if (test_variant_is("callback"))
		break_callback();
	else if (test_variant_is("root"))
		break_root();
	else
		test_error("unknown variant");
}
