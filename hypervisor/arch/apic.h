/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APIC, by memory or (x2APIC) by registers: interrupts between CPUs and the timer. */
#ifndef HV_ARCH_APIC_H
#define HV_ARCH_APIC_H

#include "hypervisor/lib/types.h"

/*
 * Once on the boot CPU: silences the old interrupt controllers. With the registers of the xAPIC, or
 * with NULL for x2APIC mode, which wants none.
 */
#define XAPIC_DEFAULT_ADDRESS	0xfee00000
void apic_init(void *xapic_registers);
/* On each CPU: enables it, timer stopped. */
void apic_cpu_init(void);
u32 apic_id(void);

/* Ends the interrupt that is being served. */
void apic_eoi(void);

/* @cpu is ours (0 .. nr_cpus - 1), not the APIC's. Sending to oneself is allowed. */
void send_ipi(u32 cpu, u8 vector);
void send_nmi_to_others(void);
/* The two steps that start a CPU: INIT, then SIPI to run at @page << 12. By APIC id. */
void apic_send_init(u32 apic_id);
void apic_send_startup(u32 apic_id, u8 page);

/*
 * One VEC_TIMER interrupt on this CPU when the TSC reaches @deadline, at once if it has; ~0ull:
 * none. It may come early by rounding, and a very distant one comes early by design: look at the
 * time.
 */
void apic_timer_set(u64 deadline);

#endif
