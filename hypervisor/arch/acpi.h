/* SPDX-License-Identifier: GPL-2.0-only */
/* What the machine's ACPI tables say, as far as we use them. Read once at boot, then constant. */
#ifndef HV_ARCH_ACPI_H
#define HV_ARCH_ACPI_H

#include "hypervisor/arch/layout.h"
#include "hypervisor/lib/types.h"

#define ACPI_MAX_IOAPICS	16
#define ACPI_ISA_IRQS		16

struct acpi_cpu {
	u32 apic_id, acpi_id;
};

struct acpi_ioapic {
	u32 address, gsi_base;
};

struct acpi_override {		/* of one ISA interrupt */
	u32 gsi;
	bool level, low;
};

struct acpi_register {		/* a generic address: space 0 memory, 1 ports */
	u64 address;
	u8 space, width;
};

struct acpi_info {
	u32 nr_tables;			/* 0: the machine has no ACPI */

	struct acpi_cpu cpus[MAX_CPUS];	/* enabled ones, in the order of the table */
	u32 nr_cpus;
	u32 cpus_left_out;		/* beyond MAX_CPUS */
	u64 lapic_address;
	struct acpi_ioapic ioapics[ACPI_MAX_IOAPICS];
	u32 nr_ioapics;
	struct acpi_override isa[ACPI_ISA_IRQS];

	u32 pm_timer_port;		/* 0: none */
	bool pm_timer_32bit;
	u32 pm1a_control, pm1b_control;	/* ports; 0: none */
	u32 pm1a_event;
	u16 sci_gsi;
	u32 smi_command;
	u8 acpi_enable;
	struct acpi_register reset;	/* address 0: none */
	u8 reset_value;
	bool has_s5;
	u8 s5_type_a, s5_type_b;
	u8 century_cmos;

	u64 hpet_address;		/* 0: none */
};

extern struct acpi_info acpi;

/*
 * The @len bytes of tables at machine address @at, or NULL when they are out of reach; they stay
 * readable while tables are parsed.
 */
typedef const void *(*acpi_read_fn)(u64 at, u64 len);

/*
 * Fills @info from the tables that the root pointer @rsdp names. Everything is checked for length
 * and sum; a bad table is left out. -ENOENT without a usable root table.
 */
int acpi_parse(struct acpi_info *info, const void *rsdp, u32 rsdp_len, acpi_read_fn read);

/*
 * Fills `acpi`. @rsdp: as the loader gave it; of length 0: the BIOS areas are searched. At boot,
 * while the first 4 GiB can be read.
 */
void acpi_init(const void *rsdp, u32 rsdp_len, acpi_read_fn read);

#endif
