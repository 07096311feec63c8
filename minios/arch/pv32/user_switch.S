/* SPDX-License-Identifier: MIT */
/* pv32: into an application and back. */

	.text
/* long user_switch(struct trap_frame *frame, uintptr_t *kernel_sp) */
	.globl	user_switch
user_switch:
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%edx)
	movl	%eax, %ebx
	movl	%esp, %eax
	pushl	%eax
	call	priv_kernel_stack
	movl	%ebx, %esp
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
