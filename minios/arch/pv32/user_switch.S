/* SPDX-License-Identifier: MIT */
/* pv32: into an application and back. */

	.text
/*
 * long user_switch(struct trap_frame *frame, uintptr_t *kernel_sp): an event that is pending is taken
 * on top of the frame on the way out, so the frame has to stand below what is saved here.
 */
#define FRAME_WORDS 16

	.globl	user_switch
user_switch:
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%edx)
	movl	%eax, %esi
	pushl	%esp
	call	priv_kernel_stack
	subl	$FRAME_WORDS * 4 - 4, %esp
	movl	%esp, %edi
	movl	$FRAME_WORDS, %ecx
	rep movsl
	jmp	frame_return

/* In: eax = result; esp = kernel_sp less the application's esp and ss. */
	.globl	user_landing
user_landing:
	addl	$8, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
