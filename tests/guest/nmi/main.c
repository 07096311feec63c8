/* SPDX-License-Identifier: GPL-2.0-only */
/* NMIs come by their callback, and never into its handler: one that comes meanwhile waits for its iret. */
#include "tests/guest/lib/callback.h"
#include "tests/guest/lib/test.h"
#include "pvabi/vcpu.h"

const char test_title[] = "an NMI waits for the handler of the one before";

static unsigned int taken, at_once, depth;

static void send(void)
{
	CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_send_nmi, 0, NULL), 0);
}

/* Called by the entry below. Several that come while one is handled are one. */
void on_nmi(void);
void on_nmi(void)
{
	CHECK_EQUAL(depth, 0);
	depth++;
	if (++taken == 1) {
		send();
		send();
		at_once = taken;
	}
	depth--;
}

#define STRING(x) #x
#define IRET(nr)  "jmp hypercall_page + " STRING(nr) " * 32\n"

void nmi_entry(void);
#ifdef __x86_64__
__asm__("nmi_entry:\n"
	" popq %rcx\n popq %r11\n"
	" pushq %rax\n pushq %rcx\n pushq %rdx\n pushq %rsi\n pushq %rdi\n"
	" pushq %r8\n pushq %r9\n pushq %r10\n pushq %r11\n"
	" pushq %rbp\n movq %rsp, %rbp\n andq $-16, %rsp\n cld\n call on_nmi\n"
	" movq %rbp, %rsp\n popq %rbp\n"
	" popq %r11\n popq %r10\n popq %r9\n popq %r8\n"
	" popq %rdi\n popq %rsi\n popq %rdx\n popq %rcx\n popq %rax\n"
	" pushq $0\n" IRET(23));
#else
__asm__("nmi_entry:\n"
	" pushl %eax\n pushl %ecx\n pushl %edx\n cld\n call on_nmi\n"
	" popl %edx\n popl %ecx\n popl %eax\n" IRET(23));
#endif

void test_main(void)
{
	NEED(!callback_register(CALLBACKTYPE_nmi, (uintptr_t)nmi_entry, 0));
	send();
	CHECK_EQUAL(at_once, 1);
	CHECK_EQUAL(taken, 2);
	/* And it is as it was: the next one comes at once again. */
	send();
	CHECK_EQUAL(taken, 3);
}
