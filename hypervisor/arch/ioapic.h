/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O APICs: device interrupts by global system interrupt number (GSI). */
#ifndef HV_ARCH_IOAPIC_H
#define HV_ARCH_IOAPIC_H

#include "hypervisor/lib/types.h"

/* One more (up to ACPI_MAX_IOAPICS), with its registers; all its inputs are masked. At boot. */
void ioapic_add(void *regs, u32 gsi_base);
/* How many GSIs there are. */
u32 ioapic_gsis(void);
/* Where an ISA interrupt arrives, and its trigger and polarity, by ACPI's overrides. */
u32 isa_irq_to_gsi(u8 irq, bool *level, bool *low);

/* Sends @gsi to @cpu as @vector, unmasked. -EINVAL when there is no such GSI. */
int ioapic_route(u32 gsi, u8 vector, u32 cpu, bool level, bool low);
/* As an NMI to all CPUs, edge-triggered. */
int ioapic_route_nmi(u32 gsi);
void ioapic_mask(u32 gsi);
void ioapic_unmask(u32 gsi);
bool ioapic_is_masked(u32 gsi);
/* A register of the I/O APIC at @address; -EINVAL when there is no such one, or register. */
int ioapic_read_register(u64 address, u32 reg, u32 *value);
/*
 * What a guest would write there: the GSI whose entry's lower half it is, or -1 for a register that
 * is not the guest's to write; and how that is triggered. -EINVAL as above, or no common interrupt.
 */
int ioapic_decode_write(u64 address, u32 reg, u32 value, int *gsi, bool *level, bool *low);
/* The entry as the hardware has it; for debug keys. */
u64 ioapic_read_entry(u32 gsi);

#endif
