/* SPDX-License-Identifier: GPL-2.0-only */
/* Every number, known or not, with arguments that make no sense: an answer, never an accident. */
#include "tests/guest/lib/test.h"

const char test_title[] = "hypercalls with senseless arguments are answered";

/* Calls that a senseless argument may make end or stop us, as they should. */
static bool harmful(unsigned int nr)
{
	switch (nr) {
	case __HYPERVISOR_iret:
	case __HYPERVISOR_sched_op:
	case __HYPERVISOR_sched_op_compat:
	case __HYPERVISOR_stack_switch:
	case __HYPERVISOR_set_callbacks:
	case __HYPERVISOR_set_trap_table:
	case __HYPERVISOR_set_segment_base:
	case __HYPERVISOR_console_io:
		return true;
	/* The first domain is trusted with these: they do what they are told. */
	case __HYPERVISOR_platform_op:
	case __HYPERVISOR_kexec_op:
	case __HYPERVISOR_physdev_op:
	case __HYPERVISOR_arch_0:
		return start_is_control();
	default:
		return false;
	}
}

static long call(unsigned int nr, long a)
{
#ifdef __i386__
	long b = a, c = a, d = a, s = a, ret;

	__asm__ volatile("int $0x82"
			 : "=a"(ret), "+b"(a), "+c"(b), "+d"(c), "+S"(d), "+D"(s)
			 : "0"(nr) : "memory");
	return ret;
#else
	register long r10 __asm__("r10") = a;
	register long r8 __asm__("r8") = a;
	register long r9 __asm__("r9") = a;
	long b = a, c = a, ret;

	__asm__ volatile("syscall"
			 : "=a"(ret), "+D"(a), "+S"(b), "+d"(c), "+r"(r10), "+r"(r8), "+r"(r9)
			 : "0"((unsigned long)nr) : "rcx", "r11", "memory");
	return ret;
#endif
}

void test_main(void)
{
	static const long values[] = {
		-1, -2, -4096, 0x7fffffff, (long)0x80000000, 0x1234567, 0x41, -8192,
		(long)(~0ul >> 1), (long)(1ul << (8 * sizeof(long) - 1)),
	};
	unsigned int nr;
	size_t i;

	for (nr = 0; nr < 128; nr++) {
		if (harmful(nr))
			continue;
		for (i = 0; i < ARRAY_SIZE(values); i++)
			call(nr, values[i]);
	}
	for (nr = 56; nr < 300; nr++)
		CHECK_EQUAL(call(nr, 0), -XEN_ENOSYS);
	CHECK_EQUAL(call(0x7fffffff, 0), -XEN_ENOSYS);
	CHECK_EQUAL(call(0x80000000, 0), -XEN_ENOSYS);
	CHECK_EQUAL(call(0xffffffff, 0), -XEN_ENOSYS);
	/* The domain is as it was. */
	CHECK(hypercall_xen_version(0, NULL) >= 0x40000);
}
