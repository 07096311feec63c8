/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space. Address and access are two steps on shared ports: a guest's address is
 * kept for it (domain/guest_io.c) and written here, under a lock, only with the access itself.
 */
#include "hypervisor/arch/pci.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/spinlock.h"

#define ADDRESS_ENABLE	0x80000000u

static struct spinlock pci_lock = SPINLOCK_INIT("pci", RANK_IRQ);

u32 pci_port_read(u32 address, u16 port, unsigned bytes)
{
	u32 value;

	lock(&pci_lock);
	outl(PCI_ADDRESS_PORT, address);
	value = port_read(port, bytes);
	unlock(&pci_lock);
	return value;
}

void pci_port_write(u32 address, u16 port, u32 value, unsigned bytes)
{
	lock(&pci_lock);
	outl(PCI_ADDRESS_PORT, address);
	port_write(port, value, bytes);
	unlock(&pci_lock);
}

static u32 address_of(u16 bdf, u8 reg)
{
	return ADDRESS_ENABLE | (u32)bdf << 8 | (reg & 0xfc);
}

u32 pci_read(u16 bdf, u8 reg, unsigned bytes)
{
	return pci_port_read(address_of(bdf, reg), PCI_DATA_PORT + (reg & 3), bytes);
}

void pci_write(u16 bdf, u8 reg, u32 value, unsigned bytes)
{
	pci_port_write(address_of(bdf, reg), PCI_DATA_PORT + (reg & 3), value, bytes);
}
