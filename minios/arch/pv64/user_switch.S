/* SPDX-License-Identifier: MIT */
/* pv64: into an application and back. */

	.text
/* long user_switch(struct trap_frame *frame, uintptr_t *kernel_sp) */
	.globl	user_switch
user_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rsi)
	movq	%rdi, %rbx
	movq	%rsp, %rdi
	andq	$-16, %rsp
	call	priv_kernel_stack
	jmp	frame_return

/* In: rax = result, rsp = kernel_sp. */
	.globl	user_landing
user_landing:
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
