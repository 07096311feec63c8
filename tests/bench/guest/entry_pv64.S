/* SPDX-License-Identifier: GPL-2.0-only */
/* pv64: rcx and r11 stand below each frame; all of them go back by HYPERVISOR_iret, as Linux does. */
#include "pvabi/xen.h"

#define PENDING(v)	shared_info_page + 64 * (v) + 0	/* vcpu_info[v].evtchn_upcall_pending */
#define SEL(v)		shared_info_page + 64 * (v) + 8	/* vcpu_info[v].evtchn_pending_sel */
#define PORTS	shared_info_page + 64 * 32	/* evtchn_pending[0] */

	.text
	.globl	bench_event
bench_event:
	popq	%rcx
	popq	%r11
	movb	$0, PENDING(0)
	movq	$0, SEL(0)
	movq	$0, PORTS
	pushq	$0
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	.globl	bench_second_event
bench_second_event:
	popq	%rcx
	popq	%r11
	movb	$0, PENDING(1)
	movq	$0, SEL(1)
	movq	$0, PORTS
	movl	$1, bench_woken
	pushq	$0
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	.globl	bench_page_fault
bench_page_fault:
	popq	%rcx
	popq	%r11
	addq	$8, %rsp
	addq	$touched - touch, (%rsp)
	pushq	$0
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	.globl	bench_syscall
bench_syscall:
	popq	%rcx
	popq	%r11
	pushq	$VGCF_in_syscall
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	.globl	bench_touch
bench_touch:
touch:	movb	(%rdi), %al
touched:
	ret

	.globl	bench_store
bench_store:
	movq	%rsi, (%rdi)
	ret

	.globl	bench_rdmsr
bench_rdmsr:
	movl	%edi, %ecx
	rdmsr
	ret

	.section .note.GNU-stack, "", @progbits
