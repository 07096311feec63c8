/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Multiboot kernel that prints the time stamp counter in hex on COM1 and ends QEMU: what firmware
 * and loader have used before a hypervisor's first instruction, so that it can be taken off.
 */
#define MAGIC	0x1badb002
#define COM1	0x3f8
#define EXIT	0xf4		/* -device isa-debug-exit */

	.section .text
	.balign 4
	.long MAGIC, 0, -MAGIC

	.globl _start
_start:
	rdtsc
	mov %eax, %esi
	mov %edx, %edi
	mov $16, %ecx
1:	mov %edi, %eax			/* the topmost digit of edi:esi, which moves up */
	shr $28, %eax
	cmp $10, %al
	jb 2f
	add $'a' - '0' - 10, %al
2:	add $'0', %al
	mov $COM1, %edx
	out %al, %dx
	shld $4, %esi, %edi
	shl $4, %esi
	loop 1b
	mov $'\n', %al
	out %al, %dx
	mov $EXIT, %edx
	out %eax, %dx
3:	hlt
	jmp 3b

	.section .note.GNU-stack, "", @progbits
