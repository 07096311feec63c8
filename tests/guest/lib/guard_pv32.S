/* SPDX-License-Identifier: GPL-2.0-only */
/* bool guard_run(fn, arg): calls fn(arg), false; guard_landing makes it return true instead. */
	.text
	.globl	guard_run
guard_run:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, guard_sp
	movl	20(%esp), %ecx
	pushl	24(%esp)
	call	*%ecx
	addl	$4, %esp
	xorl	%eax, %eax
1:	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

	.globl	guard_landing
guard_landing:
	movl	guard_sp, %esp
	cld
	movl	$1, %eax
	jmp	1b

	.section .note.GNU-stack, "", @progbits
