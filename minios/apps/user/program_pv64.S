/* SPDX-License-Identifier: MIT */
/* The application of ring3.c for pv64. Runs wherever it is copied. */
#include "minios/apps/user/calls.h"

.macro user_call number
	movl	$\number, %eax
	syscall
.endm

.macro say label
	leaq	\label(%rip), %rdi
	movl	$\label\()_end - \label, %esi
	user_call CALL_WRITE
.endm

/* The next fault continues at the label. */
.macro on_fault label
	leaq	\label(%rip), %rdi
	user_call CALL_ON_FAULT
.endm

	.section .rodata.user_program, "a"
	.globl	user_program, user_program_end
/* In: rdi = an address of the kernel. */
user_program:
	movq	%rdi, %rbx
	movl	%cs, %edi
	andl	$3, %edi
	user_call CALL_RING
	movl	$3, %ebp
2:	say	text_call
	decl	%ebp
	jnz	2b
	say	text_spin
	movl	$20000000, %ecx
3:	decl	%ecx
	jnz	3b
	say	text_read
	on_fault after_read
	movq	(%rbx), %rax
	say	text_bad
after_read:
	say	text_write
	on_fault after_write
	movq	%rax, (%rbx)
	say	text_bad
after_write:
	say	text_cli
	on_fault after_cli
	cli
	say	text_bad
after_cli:
	movl	$42, %edi
	user_call CALL_EXIT
	ud2

#include "minios/apps/user/texts.h"
user_program_end:
