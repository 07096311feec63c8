/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI configuration space by its two ports: one holds an address, the other is a window to it. */
#ifndef HV_ARCH_PCI_H
#define HV_ARCH_PCI_H

#include "hypervisor/lib/types.h"

#define PCI_ADDRESS_PORT	0xcf8
#define PCI_DATA_PORT		0xcfc	/* four ports: bytes and words have their own */

/* As the ports have it: 1, 2 or 4 bytes by @port for the address @address. */
u32 pci_port_read(u32 address, u16 port, unsigned bytes);
void pci_port_write(u32 address, u16 port, u32 value, unsigned bytes);

/* A register of the function @bdf (bus << 8 | device << 3 | function) on segment 0. */
u32 pci_read(u16 bdf, u8 reg, unsigned bytes);
void pci_write(u16 bdf, u8 reg, u32 value, unsigned bytes);

#endif
