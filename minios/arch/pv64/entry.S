/* SPDX-License-Identifier: MIT */
/*
 * pv64: how traps and events come in, and the two ways back.
 *
 * The hypervisor pushed rcx r11 [error] rip cs rflags rsp ss (lowest first). The cs word holds the
 * ring as the kernel thinks of it (0 for the kernel, which really runs at 3) and in byte 4 the
 * upcall mask as it was. The code here completes that to a struct trap_frame.
 *
 * To the kernel we return by iretq, to an application by the hypercall, which changes the
 * page-table root. The iretq to unmasked code has a gap: after the mask is cleared and before
 * iretq, an event may come in on top of the frame that is about to be left. At that point all
 * registers hold their values of the outer frame, so the new frame says nothing: event_entry drops
 * it, and goes on as if the event had interrupted the outer program directly. The stack cannot grow
 * by such events.
 */
#include <minios/arch/layout.h>
#include "pvabi/xen.h"

#define MASK    shared_info_page + 1		/* vcpu_info[0].evtchn_upcall_mask */
#define PENDING shared_info_page + 0		/* vcpu_info[0].evtchn_upcall_pending */

	.text

/* In: vector and error pushed, rcx and r11 popped. The frame pointer stays, for back-traces. */
.macro save_frame
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movb	$1, MASK
	movq	%rsp, %rdi
	movq	%rsp, %rbx
	andq	$-16, %rsp
.endm

trap_common:
	save_frame
	call	trap_dispatch

/* In: rbx = frame. */
	.globl	frame_return
frame_return:
	movq	%rbx, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$16, %rsp
	testb	$3, 8(%rsp)		/* cs: an application's? */
	jnz	3f
	orb	$3, 8(%rsp)
	orb	$3, 32(%rsp)
	testb	$0xff, 12(%rsp)		/* saved_mask: back to masked code? */
	jnz	1f
critical_start:
	movb	$0, MASK
	testb	$0xff, PENDING
	jnz	2f
1:	iretq
2:	movb	$1, MASK
critical_end:
	andb	$~3, 8(%rsp)		/* a kernel's frame again */
	jmp	event_save
3:	pushq	$0			/* no VGCF_in_syscall: all registers as they are */
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	.globl	event_entry
event_entry:
	popq	%rcx
	popq	%r11
	testb	$3, 8(%rsp)
	jnz	event_save
	cmpq	$critical_start, (%rsp)
	jb	event_save
	cmpq	$critical_end, (%rsp)
	jae	event_save
	movq	24(%rsp), %rsp
	andb	$~3, 8(%rsp)
event_save:
	pushq	$0
	pushq	$-1
	save_frame
	call	event_upcall
	jmp	frame_return

/* In: rcx r11 ds es fs gs, then a frame: a selector of ours could not be loaded. */
	.globl	failsafe_entry
failsafe_entry:
	popq	%rcx
	popq	%r11
	addq	$32, %rsp
	pushq	$0
	pushq	$0x102
	jmp	trap_common

/* An application's syscall instruction: rcx is where it returns to, r11 its flags. */
	.globl	syscall_entry
syscall_entry:
	popq	%rcx
	popq	%r11
	pushq	$0
	pushq	$0x100
	jmp	trap_common

.macro trap_stub vector, has_error
	.globl	trap_entry_\vector
trap_entry_\vector:
	popq	%rcx
	popq	%r11
	.if	\has_error == 0
	pushq	$0
	.endif
	pushq	$\vector
	jmp	trap_common
	.pushsection .rodata
	.quad	trap_entry_\vector
	.popsection
.endm

	.pushsection .rodata
	.align	8
	.globl	trap_entries
trap_entries:
	.popsection
	.irp	vector, 0, 1, 2, 3, 4, 5, 6, 7
	trap_stub \vector, 0
	.endr
	trap_stub 8, 1
	trap_stub 9, 0
	.irp	vector, 10, 11, 12, 13, 14
	trap_stub \vector, 1
	.endr
	trap_stub 15, 0
	trap_stub 16, 0
	trap_stub 17, 1
	trap_stub 18, 0
	trap_stub 19, 0

/* Software interrupts of applications: no error word. */
	trap_stub 0x80, 0

/*
 * void thread_switch(uintptr_t *save, uintptr_t load): the callee-saved registers go on the old
 * stack, whose pointer goes to *save; then the same in reverse from load.
 */
	.globl	thread_switch
thread_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

/* First return of a new thread: function in rbx, argument in r12 (thread_stack_init put them). */
	.globl	thread_start
thread_start:
	xorl	%ebp, %ebp
	andq	$-16, %rsp
	movq	%r12, %rdi
	call	*%rbx
	ud2
