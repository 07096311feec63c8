/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting the other CPUs, and stopping them. */
#ifndef HV_ARCH_SMP_H
#define HV_ARCH_SMP_H

#include "hypervisor/arch/percpu.h"

/* The boot CPU's struct percpu exists from the first line of C; this fills it in and loads GS. */
void percpu_boot_init(void);
/* Struct percpu and stacks for one more CPU, entered in cpu_table; NULL without memory. */
struct percpu *percpu_alloc(u32 apic_id, u32 acpi_id);
/* Takes the last percpu_alloc() back: the CPU did not come. */
void percpu_free_last(struct percpu *cpu);

/*
 * Starts one CPU, which calls ap_main() (boot/main.c) on its own stack with GS loaded. -ETIMEDOUT
 * when it does not come.
 */
int smp_start_cpu(struct percpu *cpu);
/* Upward call of the trampoline: boot/main.c. */
void ap_main(struct percpu *cpu) __noreturn;

/* Every other CPU halts for good, whatever it does now. */
void smp_stop_others(void);
/* An NMI came in: true when it was to stop this CPU (does not return then) or served; arch/smp.c */
bool smp_nmi(void);

#endif
