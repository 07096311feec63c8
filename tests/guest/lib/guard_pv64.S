/* SPDX-License-Identifier: GPL-2.0-only */
/* bool guard_run(fn, arg): calls fn(arg), false; guard_landing makes it return true instead. */
	.text
	.globl	guard_run
guard_run:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, guard_sp
	subq	$8, %rsp
	movq	%rdi, %rax
	movq	%rsi, %rdi
	call	*%rax
	addq	$8, %rsp
	xorl	%eax, %eax
1:	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

	.globl	guard_landing
guard_landing:
	movq	guard_sp, %rsp
	cld
	movl	$1, %eax
	jmp	1b

	.section .note.GNU-stack, "", @progbits
