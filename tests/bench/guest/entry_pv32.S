/* SPDX-License-Identifier: GPL-2.0-only */
/* pv32: a ring-1 kernel returns by IRET itself; the mask it was interrupted with was clear. */

#define PENDING(v)	shared_info_page + 64 * (v) + 0	/* vcpu_info[v].evtchn_upcall_pending */
#define MASK(v)		shared_info_page + 64 * (v) + 1	/* vcpu_info[v].evtchn_upcall_mask */
#define SEL(v)		shared_info_page + 64 * (v) + 4	/* vcpu_info[v].evtchn_pending_sel */
#define PORTS	shared_info_page + 64 * 32	/* evtchn_pending[0] */

	.text
	.globl	bench_event
bench_event:
	movb	$0, PENDING(0)
	movl	$0, SEL(0)
	movl	$0, PORTS
	movb	$0, MASK(0)
	iret

	.globl	bench_second_event
bench_second_event:
	movb	$0, PENDING(1)
	movl	$0, SEL(1)
	movl	$0, PORTS
	movl	$1, bench_woken
	movb	$0, MASK(1)
	iret

	.globl	bench_page_fault
bench_page_fault:
	addl	$4, %esp
	addl	$touched - touch, (%esp)
	iret

	.globl	bench_syscall
bench_syscall:
	iret

	.globl	bench_touch
bench_touch:
	movl	4(%esp), %eax
touch:	movb	(%eax), %al
touched:
	ret

	.globl	bench_store
bench_store:
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	movl	%edx, (%eax)
	ret

	.globl	bench_rdmsr
bench_rdmsr:
	movl	4(%esp), %ecx
	rdmsr
	ret

	.section .note.GNU-stack, "", @progbits
