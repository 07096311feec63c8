/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting the other CPUs, and stopping them. */
#ifndef HV_ARCH_SMP_H
#define HV_ARCH_SMP_H

#include "hypervisor/arch/percpu.h"

/* The boot CPU's struct percpu exists from the first line of C; this fills it in and loads GS. */
void percpu_boot_init(void);
/* Gives @cpu, whose stack and APIC id are filled in, the next number and its place in cpu_table. */
void percpu_enter(struct percpu *cpu);

/* Where and how a started CPU begins: a page below 1 MiB, by number and mapped, and its CR3. */
struct smp_start {
	u8 page;
	void *mapped;
	u64 cr3;
};

/*
 * Starts one CPU, which calls ap_main() (boot/cpus.c) on its own stack with GS loaded and its
 * control registers set, and waits until it has set cpu->online. -ETIMEDOUT when it does not come.
 */
int smp_start_cpu(struct percpu *cpu, const struct smp_start *start);
/* Upward call of the trampoline: boot/cpus.c. */
void ap_main(struct percpu *cpu) __noreturn;
/* Called by the trampoline in boot/head.S. */
void smp_ap_entry(struct percpu *cpu) __noreturn;

/* Every other CPU halts for good, whatever it does now. */
void smp_stop_others(void);

/* Waits at least so long; by the ACPI timer where there is one. */
void delay_us(u32 us);

#endif
