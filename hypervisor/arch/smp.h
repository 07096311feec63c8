/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting the other CPUs, and stopping them. */
#ifndef HV_ARCH_SMP_H
#define HV_ARCH_SMP_H

#include "hypervisor/arch/percpu.h"

/* The boot CPU's struct percpu exists from the first line of C; this fills it in and loads GS. */
void percpu_boot_init(void);
/* Struct percpu and stack for one more CPU, entered in cpu_table; NULL without memory. */
struct percpu *percpu_alloc(u32 apic_id, u32 acpi_id);

/*
 * Starts one CPU, which calls ap_main() (boot/main.c) on its own stack with GS loaded and its
 * control registers set, and waits until it has set cpu->online. -ETIMEDOUT when it does not come,
 * -ENOMEM when there is no page below 1 MiB for it to begin in.
 */
int smp_start_cpu(struct percpu *cpu);
/* Upward call of the trampoline: boot/main.c. */
void ap_main(struct percpu *cpu) __noreturn;
/* Called by the trampoline in boot/head.S. */
void smp_ap_entry(struct percpu *cpu) __noreturn;

/* Every other CPU halts for good, whatever it does now. */
void smp_stop_others(void);

/* Waits at least so long; by the ACPI timer where there is one. */
void delay_us(u32 us);

#endif
