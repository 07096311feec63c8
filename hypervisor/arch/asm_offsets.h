/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that assembly needs of C structures; arch/traps.c asserts each of them. */
#ifndef HV_ARCH_ASM_OFFSETS_H
#define HV_ARCH_ASM_OFFSETS_H

#define PERCPU_CURRENT		8
#define PERCPU_REGS_END		16
#define PERCPU_STACK_TOP	24
#define PERCPU_SCRATCH		32

#define ENTRY_SYSCALL		-1	/* in place of struct regs.error_code and vector */
#define SYSCALL_SS		0xe02b
#define SYSCALL_CS		0xe033
#define SYSCALL32_CS		0xe023
#define SYSENTER_CS		3	/* none, at ring 3 */
#define MSR_GS_BASE_NR		0xc0000101
#define MSR_KERNEL_GS_BASE_NR	0xc0000102
#define IST_STACK_SIZE		8192

/* #DF #TS #NP #SS #GP #PF #AC #CP #VC #SX push an error code. */
#define ERROR_CODE_VECTORS	0x60227d00

#endif
