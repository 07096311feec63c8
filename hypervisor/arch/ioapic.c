/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O APICs: two registers each, one to choose and one to read or write. */
#include "hypervisor/arch/ioapic.h"

#include <stdatomic.h>

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/errno.h"

#define REG_VERSION	0x01
#define REG_ENTRIES	0x10	/* two registers an entry */

#define WINDOW		4	/* the data register, in words from the choosing one */

#define ENTRY_DELIVERY	0x00700
#define ENTRY_LOWEST_PRIORITY	0x00100
#define ENTRY_NMI	0x00400
#define ENTRY_LOW	0x02000
#define ENTRY_LEVEL	0x08000
#define ENTRY_MASKED	0x10000

#define ALL_CPUS	0xff	/* as a physical destination */

struct ioapic {
	_Atomic u32 *regs;
	u32 gsi_base, inputs;
};

/* Guards the pair of registers of all of them. */
static struct spinlock ioapic_lock = SPINLOCK_INIT("ioapic", RANK_IRQ);
static struct ioapic ioapics[ACPI_MAX_IOAPICS];
static u32 nr_ioapics;

static u32 reg_read(const struct ioapic *io, u32 reg)
{
	atomic_store_explicit(io->regs, reg, memory_order_relaxed);
	return atomic_load_explicit(io->regs + WINDOW, memory_order_relaxed);
}

static void reg_write(const struct ioapic *io, u32 reg, u32 value)
{
	atomic_store_explicit(io->regs, reg, memory_order_relaxed);
	atomic_store_explicit(io->regs + WINDOW, value, memory_order_relaxed);
}

static const struct ioapic *find(u32 gsi)
{
	for (u32 i = 0; i < nr_ioapics; i++)
		if (gsi >= ioapics[i].gsi_base && gsi - ioapics[i].gsi_base < ioapics[i].inputs)
			return &ioapics[i];
	return NULL;
}

static u32 entry_reg(const struct ioapic *io, u32 gsi)
{
	return REG_ENTRIES + 2 * (gsi - io->gsi_base);
}

void ioapic_add(void *regs, u32 gsi_base)
{
	struct ioapic *io = &ioapics[nr_ioapics++];

	io->regs = regs;
	io->gsi_base = gsi_base;
	io->inputs = (reg_read(io, REG_VERSION) >> 16 & 0xff) + 1;
	for (u32 i = 0; i < io->inputs; i++)
		reg_write(io, REG_ENTRIES + 2 * i, ENTRY_MASKED);
}

u32 ioapic_gsis(void)
{
	u32 end = 0;

	for (u32 i = 0; i < nr_ioapics; i++)
		end = MAX(end, ioapics[i].gsi_base + ioapics[i].inputs);
	return end;
}

u32 isa_irq_to_gsi(u8 irq, bool *level, bool *low)
{
	const struct acpi_override *o = &acpi.isa[irq % ACPI_ISA_IRQS];

	*level = o->level;
	*low = o->low;
	return acpi.nr_tables ? o->gsi : irq;
}

static int write_entry(u32 gsi, u32 entry, u32 destination)
{
	const struct ioapic *io = find(gsi);
	u32 reg;

	if (!io)
		return -EINVAL;
	reg = entry_reg(io, gsi);
	lock(&ioapic_lock);
	/* Masked while it is half written. */
	reg_write(io, reg, entry | ENTRY_MASKED);
	reg_write(io, reg + 1, destination << 24);
	reg_write(io, reg, entry);
	unlock(&ioapic_lock);
	return 0;
}

int ioapic_route(u32 gsi, u8 vector, u32 cpu, bool level, bool low)
{
	return write_entry(gsi, vector | (level ? ENTRY_LEVEL : 0) | (low ? ENTRY_LOW : 0),
			   cpu_table[cpu]->apic_id);
}

int ioapic_route_nmi(u32 gsi)
{
	return write_entry(gsi, ENTRY_NMI, ALL_CPUS);
}

static void change(u32 gsi, u32 clear, u32 set)
{
	const struct ioapic *io = find(gsi);
	u32 reg;

	if (!io)
		return;
	reg = entry_reg(io, gsi);
	lock(&ioapic_lock);
	reg_write(io, reg, (reg_read(io, reg) & ~clear) | set);
	unlock(&ioapic_lock);
}

void ioapic_mask(u32 gsi)
{
	change(gsi, 0, ENTRY_MASKED);
}

void ioapic_unmask(u32 gsi)
{
	change(gsi, ENTRY_MASKED, 0);
}

u64 ioapic_read_entry(u32 gsi)
{
	const struct ioapic *io = find(gsi);
	u64 entry = 0;

	if (!io)
		return 0;
	lock(&ioapic_lock);
	entry = reg_read(io, entry_reg(io, gsi));
	entry |= (u64)reg_read(io, entry_reg(io, gsi) + 1) << 32;
	unlock(&ioapic_lock);
	return entry;
}

bool ioapic_is_masked(u32 gsi)
{
	return ioapic_read_entry(gsi) & ENTRY_MASKED;
}

static const struct ioapic *find_register(u64 address, u32 reg)
{
	for (u32 i = 0; i < nr_ioapics; i++)
		if (acpi.ioapics[i].address == address)
			return reg < REG_ENTRIES + 2 * ioapics[i].inputs ? &ioapics[i] : NULL;
	return NULL;
}

int ioapic_read_register(u64 address, u32 reg, u32 *value)
{
	const struct ioapic *io = find_register(address, reg);

	if (!io)
		return -EINVAL;
	lock(&ioapic_lock);
	*value = reg_read(io, reg);
	unlock(&ioapic_lock);
	return 0;
}

int ioapic_decode_write(u64 address, u32 reg, u32 value, int *gsi, bool *level, bool *low)
{
	const struct ioapic *io = find_register(address, reg);

	if (!io)
		return -EINVAL;
	*gsi = -1;
	if (reg < REG_ENTRIES || reg & 1)
		return 0;
	if ((value & ENTRY_DELIVERY) > ENTRY_LOWEST_PRIORITY)
		return -EINVAL;
	*gsi = (int)(io->gsi_base + (reg - REG_ENTRIES) / 2);
	*level = value & ENTRY_LEVEL;
	*low = value & ENTRY_LOW;
	return 0;
}
