/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A selector is loaded, its descriptor taken away, and the vCPU switched away and back. The selector
 * cannot be loaded again: it is null then, and the failsafe callback is told in its frame which ones
 * were to be loaded. Linux tells by the difference that no IRET has failed.
 */
#include "tests/guest/lib/callback.h"
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/descriptor.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"

const char test_title[] = "the failsafe callback learns which selectors were refused";

#define BUSY		3	/* further vCPUs; the tests run on at most two CPUs */
#define SLOT		1
#define NR_DESCRIPTORS	512
#ifdef __i386__
#define RING 1
#else
#define RING 3
#endif
#define SELECTOR	(SLOT << 3 | RING)
#define FLAT_DATA	(0x00cf92000000ffffull | (uint64_t)RING << 45)

void failsafe_record(void);
unsigned long frame[4], now;	/* ds es fs gs; fs as it is in the callback */
unsigned int calls;

#ifdef __i386__
__asm__(".text\n"
	"failsafe_record:\n"
	"	pushl %eax\n"
	"	movl 4(%esp), %eax\n"
	"	movl %eax, frame\n"
	"	movl 8(%esp), %eax\n"
	"	movl %eax, frame + 4\n"
	"	movl 12(%esp), %eax\n"
	"	movl %eax, frame + 8\n"
	"	movl 16(%esp), %eax\n"
	"	movl %eax, frame + 12\n"
	"	movl %fs, %eax\n"
	"	movl %eax, now\n"
	"	incl calls\n"
	"	popl %eax\n"
	"	addl $16, %esp\n"
	"	pushl %eax\n"
	"	movl $23, %eax\n"		/* __HYPERVISOR_iret */
	"	int $0x82\n");
#else
__asm__(".text\n"
	"failsafe_record:\n"
	"	pushq %rax\n"
	"	movq 24(%rsp), %rax\n"
	"	movq %rax, frame\n"
	"	movq 32(%rsp), %rax\n"
	"	movq %rax, frame + 8\n"
	"	movq 40(%rsp), %rax\n"
	"	movq %rax, frame + 16\n"
	"	movq 48(%rsp), %rax\n"
	"	movq %rax, frame + 24\n"
	"	movl %fs, %eax\n"
	"	movq %rax, now\n"
	"	incl calls\n"
	"	popq %rax\n"
	"	popq %rcx\n"
	"	popq %r11\n"
	"	addq $32, %rsp\n"
	"	pushq $0\n"
	"	pushq %rcx\n"
	"	pushq %r11\n"
	"	pushq %rax\n"
	"	movl $23, %eax\n"		/* __HYPERVISOR_iret */
	"	syscall\n");
#endif

/* More vCPUs than there are CPUs, all busy: no CPU idles with our selectors loaded. */
static bool done;

static void be_busy(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST))
		hypercall_sched_op(SCHEDOP_yield, NULL);
}

static void sleep_a_while(void)
{
	struct sched_poll poll = { .timeout = clock_read(0) + 50000000 };

	while (clock_read(0) < poll.timeout)
		hypercall_sched_op(SCHEDOP_poll, &poll);
}

void test_main(void)
{
	uint64_t *gdt = page_alloc_zero();
	unsigned long mfn = virt_to_mfn(gdt);
	unsigned int i;

	vcpu_need(BUSY + 1);
	for (i = 1; i <= BUSY; i++)
		vcpu_start_on(i, be_busy, NULL);
	NEED(!callback_register(CALLBACKTYPE_failsafe, (uintptr_t)failsafe_record, 0));
	NEED(!page_protect(gdt));
	NEED(!hypercall_set_gdt(&mfn, NR_DESCRIPTORS));
	NEED(!descriptor_update(&gdt[SLOT], FLAT_DATA));
	__asm__ volatile("movl %0, %%fs" : : "r"(SELECTOR));
	NEED(!descriptor_update(&gdt[SLOT], 0));
	sleep_a_while();
	__atomic_store_n(&done, true, __ATOMIC_SEQ_CST);
	for (i = 1; i <= BUSY; i++)
		vcpu_join_on(i);
	CHECK_EQUAL(calls, 1);
	CHECK_EQUAL(frame[2], SELECTOR);
	CHECK_EQUAL(now, 0);
	__asm__ volatile("movl %0, %%fs" : : "r"(0));
	NEED(!hypercall_set_gdt(NULL, 0));
	CHECK(!page_unprotect(gdt));
}
