/* SPDX-License-Identifier: MIT */
/*
 * pv32: how traps and events come in, and the one way back.
 *
 * The hypervisor (or, for a direct gate, the CPU) pushed [error] eip cs eflags, and before them esp
 * and ss if it interrupted ring 3. In the upper half of the cs word stands the upcall mask as it
 * was. The code here completes that to a struct trap_frame.
 *
 * The way back to unmasked code has a gap: after the mask is cleared and before iret, an event may
 * come in on top of the frame that is about to be left. At that point all registers hold their
 * values of the outer frame, so the new frame says nothing: event_entry drops it, and goes on as if
 * the event had interrupted the outer program directly. The stack cannot grow by such events.
 */
#include <minios/arch/layout.h>
#include "pvabi/arch-x86/xen-x86_32.h"

#define MASK    %ss:shared_info_page + 1	/* vcpu_info[0].evtchn_upcall_mask */
#define PENDING %ss:shared_info_page + 0	/* vcpu_info[0].evtchn_upcall_pending */

	.text

/* In: vector and error word pushed. Saves the rest, gives the kernel its segments. */
.macro save_frame
	pushl	%es
	pushl	%ds
	pushl	%eax
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	cld
	movb	$1, MASK
	movl	$FLAT_KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
.endm

trap_common:
	save_frame
	pushl	%esp
	call	trap_dispatch
	addl	$4, %esp

	.globl	frame_return
frame_return:
	popl	%ebx
	popl	%ecx
	popl	%edx
	popl	%esi
	popl	%edi
	popl	%ebp
	popl	%eax
	popl	%ds
	popl	%es
	addl	$8, %esp
	testb	$0xff, 6(%esp)		/* saved_mask: back to masked code? */
	jnz	1f
critical_start:
	movb	$0, MASK
	testb	$0xff, PENDING
	jnz	2f
1:	iret
2:	movb	$1, MASK
critical_end:
	jmp	event_save

	.globl	event_entry
event_entry:
	testb	$2, 4(%esp)		/* from ring 3: its eip means nothing here */
	jnz	event_save
	cmpl	$critical_start, (%esp)
	jb	event_save
	cmpl	$critical_end, (%esp)
	jae	event_save
	addl	$12, %esp
event_save:
	pushl	$0
	pushl	$-1
	save_frame
	pushl	%esp
	call	event_upcall
	addl	$4, %esp
	jmp	frame_return

/* In: ds es fs gs, then a frame: a selector of ours could not be loaded on the way back to us. */
	.globl	failsafe_entry
failsafe_entry:
	addl	$16, %esp
	pushl	$0
	pushl	$0x102
	jmp	trap_common

.macro trap_stub vector, has_error
	.globl	trap_entry_\vector
trap_entry_\vector:
	.if	\has_error == 0
	pushl	$0
	.endif
	pushl	$\vector
	jmp	trap_common
	.pushsection .rodata
	.long	trap_entry_\vector
	.popsection
.endm

	.pushsection .rodata
	.align	4
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
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%eax)
	movl	%edx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

/* First return of a new thread: function in ebx, argument in esi (thread_stack_init put them). */
	.globl	thread_start
thread_start:
	xorl	%ebp, %ebp
	andl	$-16, %esp
	subl	$12, %esp
	pushl	%esi
	call	*%ebx
	ud2
