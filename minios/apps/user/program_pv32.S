/* SPDX-License-Identifier: MIT */
/* The application of ring3.c for pv32. Runs wherever it is copied; ebp = its address. */
#include "minios/apps/user/calls.h"

.macro user_call number
	movl	$\number, %eax
	int	$0x80
.endm

.macro say label
	leal	\label - user_program(%ebp), %ebx
	movl	$\label\()_end - \label, %ecx
	user_call CALL_WRITE
.endm

/* The next fault continues at the label. */
.macro on_fault label
	leal	\label - user_program(%ebp), %ebx
	user_call CALL_ON_FAULT
.endm

	.section .rodata.user_program, "a"
	.globl	user_program, user_program_end
/* In: eax = an address of the kernel. */
user_program:
	movl	%eax, %esi
	call	1f
1:	popl	%ebp
	subl	$1b - user_program, %ebp
	movl	%cs, %ebx
	andl	$3, %ebx
	user_call CALL_RING
	movl	$3, %edi
2:	say	text_call
	decl	%edi
	jnz	2b
	say	text_spin
	movl	$20000000, %ecx
3:	decl	%ecx
	jnz	3b
	say	text_read
	on_fault after_read
	movl	(%esi), %eax
	say	text_bad
after_read:
	say	text_write
	on_fault after_write
	movl	%eax, (%esi)
	say	text_bad
after_write:
	say	text_cli
	on_fault after_cli
	cli
	say	text_bad
after_cli:
	movl	$42, %ebx
	user_call CALL_EXIT
	ud2

#include "minios/apps/user/texts.h"
user_program_end:
