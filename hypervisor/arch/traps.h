/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptor tables, the way in, and the way out. */
#ifndef HV_ARCH_TRAPS_H
#define HV_ARCH_TRAPS_H

#include "hypervisor/arch/percpu.h"

/*
 * Selectors in page 14 of the GDT window. The hypervisor's own are the same always; the flat guest
 * selectors that the ABI promises overlap between the widths, so there are two such pages.
 */
#define HV_CS64			0xe008
#define HV_DS64			0xe010
#define PV32_RING1_CS		0xe019
#define PV32_RING1_DS		0xe021
#define PV32_RING3_CS		0xe02b
#define PV32_RING3_DS		0xe033
#define PV64_RING3_CS32		0xe023
#define PV64_RING3_DS		0xe02b
#define PV64_RING3_CS64		0xe033
#define HV_TSS			0xe040
#define HV_LDT			0xe050

#define GDT_HV_PAGE		14

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
/*
 * On the CPU itself: its GDT, TSS, IST stacks, IDT, SYSCALL registers. The memory of percpu's tss,
 * ist_stacks and gdt_hv_page is there, zeroed, and gdt_hv_page[0] stands in the CPU's window.
 */
#define NR_IST_STACKS	4
void traps_cpu_init(struct percpu *cpu);

/* The only way to run guests or to idle: never returns. Called at the end of a CPU's start. */
void run_guests(void) __noreturn;

/* The LDT of the guest that runs here: in the CPU's window, @entries long (0: none). */
void load_ldt(struct percpu *cpu, bool is_pv32, u32 entries);

/* Registers a device interrupt handler for an IDT vector 0x30-0xff; runs with interrupts off. */
void irq_set_handler(u8 vector, void (*handler)(u8 vector));

#endif
