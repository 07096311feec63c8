/* SPDX-License-Identifier: GPL-2.0-only */
/* An application cannot touch its kernel's memory, make hypercalls, or leave its ring. */
#include "tests/guest/lib/ring3.h"
#include "tests/guest/lib/test.h"
#include "pvabi/memory.h"
#include "pvabi/physdev.h"
#include "pvabi/sched.h"

const char test_title[] = "ring 3 cannot touch ring 1";

RING3_CODE(load, "movb (" RING3_ARG "), %cl\n" RING3_END);
RING3_CODE(store, "movb $1, (" RING3_ARG ")\n" RING3_END);
RING3_CODE(jump, "jmp *" RING3_ARG "\n");
/* SHUTDOWN by hypercall: the domain would be gone. */
#ifdef __i386__
RING3_CODE(hypercall, "movl $29, %eax; movl $2, %ebx; xorl %ecx, %ecx; int $0x82\n" RING3_END);
RING3_CODE(far_kernel, "ljmp $0xe019, $0xc0000000\n");
RING3_CODE(kernel_ss, "movw $0xe021, %ax; movw %ax, %ss\n" RING3_END);
RING3_CODE(soft_int, "int $14\n" RING3_END);
RING3_CODE(string_in, "movl %eax, %edi; movl $0x80, %edx; cld; insb\n" RING3_END);
RING3_CODE(string_out, "movl %eax, %esi; movl $0x80, %edx; cld; outsb\n" RING3_END);
RING3_CODE(iret_kernel, "pushfl; pushl $0xe019; pushl $0xc0000000; iretl\n");
#else
RING3_CODE(hypercall, "movl $29, %eax; movl $2, %edi; xorl %esi, %esi; syscall\n");
RING3_CODE(far_kernel, "pushq $0xe008; pushq $0; lretq\n");
RING3_CODE(kernel_ss, "movw $0xe010, %ax; movw %ax, %ss\n" RING3_END);
RING3_CODE(soft_int, "int $14\n" RING3_END);
RING3_CODE(string_in, "movl $0x80, %edx; cld; insb\n" RING3_END);
RING3_CODE(string_out, "movq %rdi, %rsi; movl $0x80, %edx; cld; outsb\n" RING3_END);
RING3_CODE(iret_kernel, "pushq $0xe010; pushq %rsp; pushfq; pushq $0xe008; pushq $0; iretq\n");
#endif

static unsigned int secret = 0x5ec7e7;

/* Its port I/O is made for it, when it may have any; but what it names is read and written as its. */
static void try_string_io(void)
{
	struct physdev_set_iopl all = { .iopl = 3 }, none = { .iopl = 0 };

	CHECK_EQUAL(RING3_RUN(string_in, RING3_STACK - 64), FAULT_GP);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (long)&all), 0);
	CHECK_EQUAL(RING3_RUN(string_in, RING3_STACK - 64), TRAP_USER_CALL);
	CHECK_EQUAL(RING3_RUN(string_in, &secret), FAULT_PF);
	CHECK_EQUAL(last_fault.address, (uintptr_t)&secret);
	CHECK_EQUAL(last_fault.error & 6, 6);
	CHECK_EQUAL(RING3_RUN(string_out, &secret), FAULT_PF);
	CHECK_EQUAL(secret, 0x5ec7e7);
	CHECK_EQUAL(hypercall2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (long)&none), 0);
}

static uintptr_t m2p_start(void)
{
	struct xen_machphys_mapping where;

	NEED(!hypercall_memory_op(XENMEM_machphys_mapping, &where));
	return where.v_start;
}

void test_main(void)
{
	uintptr_t kernel[] = {
		(uintptr_t)&secret, (uintptr_t)start_info, (uintptr_t)shared_info,
		start_info->pt_base, (uintptr_t)test_main, (uintptr_t)hypercall_page,
		m2p_start(),
	};
	size_t i;

	ring3_init();
	for (i = 0; i < ARRAY_SIZE(kernel); i++) {
		CHECK_EQUAL(RING3_RUN(load, kernel[i]), FAULT_PF);
		CHECK_EQUAL(last_fault.address, kernel[i]);
		CHECK_EQUAL(last_fault.error & 4, 4);
		CHECK_EQUAL(RING3_RUN(store, kernel[i]), FAULT_PF);
		CHECK_EQUAL(RING3_RUN(jump, kernel[i]), FAULT_PF);
	}
	CHECK_EQUAL(secret, 0x5ec7e7);
#ifdef __i386__
	CHECK_EQUAL(RING3_RUN(hypercall, 0), FAULT_GP);
#else
	/* The instruction is the application's way to its kernel, whatever the number. */
	CHECK_EQUAL(RING3_RUN(hypercall, 0), TRAP_USER_CALL);
#endif
	CHECK_EQUAL(RING3_RUN(far_kernel, 0), FAULT_GP);
	CHECK_EQUAL(RING3_RUN(kernel_ss, 0), FAULT_GP);
	CHECK_EQUAL(RING3_RUN(soft_int, 0), FAULT_GP);
	/* The error code names the gate; one known emulator says it wrong, the hypervisor must not. */
	CHECK_EQUAL(last_fault.error, 14 * 8 + 2);
	CHECK_EQUAL(RING3_RUN(iret_kernel, 0), FAULT_GP);
	try_string_io();
}
