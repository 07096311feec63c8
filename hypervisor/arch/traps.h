/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptor tables, the way in, and the way out. */
#ifndef HV_ARCH_TRAPS_H
#define HV_ARCH_TRAPS_H

#include "hypervisor/arch/percpu.h"

/* Hypervisor selectors: in GDT page 14 of every CPU window, where guests know them from the ABI. */
#define HV_CS64		0xe008
#define HV_DS64		0xe010
#define FLAT_RING1_CS	0xe019
#define FLAT_RING1_DS	0xe021
#define FLAT_RING3_CS32	0xe023
#define FLAT_RING3_CS	0xe02b	/* pv32's ring-3 code; the ring-3 data of both widths */
#define FLAT_RING3_DS	0xe02b
#define FLAT_RING3_CS64	0xe033
#define HV_TSS		0xe040

struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 iomap;
} __packed;

/* The IDT, shared by all CPUs; once at boot. */
void traps_init(void);
/* On the CPU itself: its GDT window, TSS, IST stacks, IDT, SYSCALL registers. percpu is filled in. */
void traps_cpu_init(struct percpu *cpu);

/* The only way to run guests or to idle: never returns. Called at the end of a CPU's start. */
void run_guests(void) __noreturn;

/* Registers a device interrupt handler for an IDT vector 0x30-0xff; runs with interrupts off. */
void irq_set_handler(u8 vector, void (*handler)(u8 vector));

#endif
