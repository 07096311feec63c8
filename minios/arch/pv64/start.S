/* SPDX-License-Identifier: MIT */
/* pv64: the first instructions, and the page the hypervisor fills with its entry sequences. */
#include <minios/arch/layout.h>

	.section .text.start, "ax", @progbits

/* In: rsi = start_info, flat segments, a stack of the builder's. */
	.globl	_start
_start:
	cld
	movq	$boot_stack_end, %rsp
	xorl	%ebp, %ebp
	movq	%rsi, %rdi
	call	arch_start
	ud2

	.balign	PAGE_SIZE
	.globl	hypercall_page
hypercall_page:
	.skip	PAGE_SIZE

	.section .bss
	.balign	PAGE_SIZE
boot_stack:
	.skip	16 * PAGE_SIZE
boot_stack_end:
