/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest tells of its entry points, stacks, segments and CPU state: right and wrong values for
 * each call. That wrong ones do no harm is for the test to see; which error each gets, for Xen to say.
 */
#include <string.h>
#include <minios/arch/arch.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/callback.h"
#include "pvabi/nmi.h"
#include "pvabi/physdev.h"

const char test_title[] = "entry points and CPU state: each value has its answer";

#ifdef __i386__
#define ENTRY(p) { .cs = FLAT_KERNEL_CS, .eip = (uintptr_t)(p) }
#define HOLE	 0xf5800000ul	/* what a guest's selectors do not stop, paging does */
#else
#define ENTRY(p) (uintptr_t)(p)
#define HOLE	 0x0000800000000000ul
#endif

/* Entered by nobody: events stay masked, and what would lead here is not done. */
static void nowhere(void)
{
}

static void try_callbacks(void)
{
	struct callback_register reg = { .address = ENTRY(nowhere) };
	struct callback_unregister unreg = { 0 };
	unsigned int type;

	/* Those this kernel lives by it keeps, so no event, failsafe or system call. */
	for (type = CALLBACKTYPE_sysenter_deprecated; type < 10; type++) {
		if (type == CALLBACKTYPE_syscall)
			continue;
		reg.type = type;
		test_answer("register callback %u: %ld", type,
			    hypercall_callback_op(CALLBACKOP_register, &reg));
	}
	for (type = 0; type < 10; type++) {
		unreg.type = type;
		test_answer("unregister callback %u: %ld", type,
			    hypercall_callback_op(CALLBACKOP_unregister, &unreg));
	}
	test_answer("callback_op 2: %ld", hypercall_callback_op(2, &reg));
}

static void try_trap_table(void)
{
	struct trap_info traps[3] = {
		{ .vector = 200, .flags = 3, .cs = FLAT_KERNEL_CS, .address = (uintptr_t)nowhere },
		{ .vector = 201, .flags = 3, .cs = 0, .address = (uintptr_t)nowhere },
	};
	static const uint16_t selectors[] = { 0, 3, 8, 0xe008, 0xe030, 0xffff, FLAT_USER_CS };
	size_t i;

	CHECK(!hypercall_set_trap_table(traps));
	for (i = 0; i < ARRAY_SIZE(selectors); i++) {
		traps[1].cs = selectors[i];
		test_answer("trap table, selector 0x%x: %ld", selectors[i],
			    hypercall_set_trap_table(traps));
	}
	traps[1].cs = FLAT_KERNEL_CS;
	traps[1].address = HOLE;
	test_answer("trap table, address in the hole: %ld", hypercall_set_trap_table(traps));
	traps[1].address = (uintptr_t)nowhere;
	traps[1].flags = 0xff;
	test_answer("trap table, all flags: %ld", hypercall_set_trap_table(traps));
}

static void try_stack_switch(void)
{
	static const struct {
		unsigned long ss, sp;
	} stacks[] = {
		{ 0, 0x1000 }, { FLAT_KERNEL_SS, 0 }, { FLAT_USER_SS, 0x1000 }, { 0xe010, 0x1000 },
		{ 8, 0x1000 }, { FLAT_KERNEL_SS, HOLE }, { 0xffff, ~0ul },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(stacks); i++)
		test_answer("stack_switch 0x%lx 0x%lx: %ld", stacks[i].ss, stacks[i].sp,
			    hypercall_stack_switch(stacks[i].ss, stacks[i].sp));
}

static void try_privilege(void)
{
	struct physdev_set_iopl iopl;
	struct physdev_set_iobitmap bitmap = { .nr_ports = 65537 };
	unsigned int level;

	for (level = 5; level-- > 0;) {
		iopl.iopl = level;
		test_answer("set_iopl %u: %ld", level,
			    hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (long)&iopl));
	}
	test_answer("set_iobitmap of too many: %ld",
		    hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, (long)&bitmap));
	bitmap.nr_ports = 0;
	test_answer("set_iobitmap of none: %ld",
		    hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, (long)&bitmap));
}

static void try_assists(void)
{
	/* But for the one that this kernel may rely on. */
	static const unsigned int types[] = { 0, 1, 3, 4, 5, 6, 31, 32, 33, 63, 64, ~0u };
	unsigned int cmd;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (cmd = 0; cmd < 3; cmd++)
			test_answer("vm_assist %u %u: %ld", cmd, types[i],
				    hypercall_vm_assist(cmd, types[i]));
}

static void try_debug_registers(void)
{
	static const unsigned long values[] = { 0, 0x1000, 0x400, 0x2000, 0xd000, 0x20001, ~0ul };
	unsigned int reg;
	size_t i;

	for (reg = 0; reg < 10; reg++)
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			long ret = hypercall2(__HYPERVISOR_set_debugreg, reg, (long)values[i]);

			test_answer("debug register %u = 0x%lx: %ld, 0x%lx", reg, values[i], ret,
				    hypercall1(__HYPERVISOR_get_debugreg, reg));
		}
	for (reg = 8; reg-- > 0;)
		hypercall2(__HYPERVISOR_set_debugreg, reg, 0);
}

static void try_nmi(void)
{
	struct xennmi_callback cb = { .handler_address = (uintptr_t)nowhere };

	test_answer("nmi_op register: %ld",
		    hypercall2(__HYPERVISOR_nmi_op, XENNMI_register_callback, (long)&cb));
	cb.handler_address = HOLE;
	test_answer("nmi_op register the hole: %ld",
		    hypercall2(__HYPERVISOR_nmi_op, XENNMI_register_callback, (long)&cb));
	test_answer("nmi_op unregister: %ld",
		    hypercall2(__HYPERVISOR_nmi_op, XENNMI_unregister_callback, 0));
	test_answer("nmi_op 2: %ld", hypercall2(__HYPERVISOR_nmi_op, 2, 0));
}

#ifndef __i386__
static void try_bases(void)
{
	static const unsigned long bases[] = { 0, 0x1000, 0x7fffffffffff, HOLE, ~0ul };
	unsigned int which;
	size_t i;

	for (which = 0; which < 5; which++)
		for (i = 0; i < ARRAY_SIZE(bases); i++)
			test_answer("segment base %u 0x%lx: %ld", which, bases[i],
				    hypercall2(__HYPERVISOR_set_segment_base, which,
					       (long)bases[i]));
	for (which = 0; which < 3; which++)
		hypercall2(__HYPERVISOR_set_segment_base, which, 0);
}
#endif

static void try_tables(void)
{
	static const unsigned int sizes[] = { 0, 1, 512, 513, 7168, 7169, 8192, ~0u };
	static unsigned long frames[16];
	void *page = table_alloc();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(frames); i++)
		frames[i] = virt_to_mfn(page);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct mmuext_op ldt = { .cmd = MMUEXT_SET_LDT,
					 .arg1.linear_addr = (uintptr_t)page,
					 .arg2.nr_ents = sizes[i] };

		test_answer("set_gdt of %u: %ld", sizes[i], hypercall_set_gdt(frames, sizes[i]));
		test_answer("set_ldt of %u: %ld", sizes[i],
			    hypercall_mmuext_op(&ldt, 1, NULL, DOMID_SELF));
		ldt.arg1.linear_addr += 8;
		test_answer("set_ldt of %u off a page: %ld", sizes[i],
			    hypercall_mmuext_op(&ldt, 1, NULL, DOMID_SELF));
		ldt.arg1.linear_addr = HOLE;
		test_answer("set_ldt of %u in the hole: %ld", sizes[i],
			    hypercall_mmuext_op(&ldt, 1, NULL, DOMID_SELF));
	}
	CHECK(!hypercall_set_gdt(NULL, 0));
	frames[0] = ~0ul >> 13;
	test_answer("set_gdt of no frame: %ld", hypercall_set_gdt(frames, 1));
	frames[0] = virt_to_mfn((void *)start_info);
	test_answer("set_gdt of a writable frame: %ld", hypercall_set_gdt(frames, 1));
	frames[0] = virt_to_mfn((void *)start_info->pt_base);
	test_answer("set_gdt of a page table: %ld", hypercall_set_gdt(frames, 1));
}

void test_main(void)
{
	try_trap_table();
	try_stack_switch();
	try_privilege();
	try_assists();
	try_debug_registers();
	try_nmi();
	try_tables();
#ifndef __i386__
	try_bases();
#endif
	try_callbacks();
	/* Exceptions still come to us. */
	CHECK_EQUAL(fault_of_read(16), FAULT_PF);
}
