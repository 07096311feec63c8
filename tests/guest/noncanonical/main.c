/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that a 64-bit CPU does not have, wherever a guest may name one. */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/callback.h"
#include "pvabi/vcpu.h"

const char test_title[] = "non-canonical addresses are refused";

#define HOLE 0x0000800000000000ul

static void call_there(void *arg)
{
	((void (*)(void))arg)();
}

static void return_there(void *arg)
{
	__asm__ volatile("push %0; push %1; pushf; push %2; push %3; iretq"
			 : : "i"(FLAT_KERNEL_SS), "r"(&arg), "i"(FLAT_KERNEL_CS), "r"(arg));
}

static void try_callbacks(void)
{
	static const uint16_t types[] = {
		CALLBACKTYPE_event, CALLBACKTYPE_failsafe, CALLBACKTYPE_syscall, CALLBACKTYPE_nmi,
	};
	struct trap_info traps[2] = {
		{ .vector = 200, .cs = FLAT_KERNEL_CS, .address = HOLE },
	};
	struct callback_register reg = { .address = HOLE };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		reg.type = types[i];
		CHECK(hypercall_callback_op(CALLBACKOP_register, &reg) < 0);
	}
	CHECK(hypercall_set_trap_table(traps) < 0);
}

static void try_bases(void)
{
	unsigned int which;

	for (which = SEGBASE_FS; which <= SEGBASE_GS_KERNEL; which++)
		CHECK(hypercall2(__HYPERVISOR_set_segment_base, which, HOLE) < 0);
	CHECK(hypercall2(__HYPERVISOR_set_segment_base, 77, 0) < 0);
}

void test_main(void)
{
	CHECK_EQUAL(fault_of_read(HOLE), FAULT_GP);
	CHECK_EQUAL(fault_of_write(0xffff7fffffffffff), FAULT_GP);
	CHECK_EQUAL(fault_of(call_there, (void *)HOLE), FAULT_GP);
	CHECK_EQUAL(fault_of(return_there, (void *)HOLE), FAULT_GP);
	try_callbacks();
	try_bases();
	CHECK(hypercall_update_va_mapping(HOLE, 0, 0) < 0);
	CHECK_EQUAL(hypercall_xen_version(1, (void *)HOLE), -XEN_EFAULT);
	/* Invalidating such a page is harmless. */
	mmuext_address(MMUEXT_INVLPG_LOCAL, HOLE);
	mmuext_address(MMUEXT_INVLPG_ALL, HOLE);
}
