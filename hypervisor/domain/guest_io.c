/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Port I/O. Two questions: may this code execute it (virtual IOPL, or the vCPU's port bitmap), and
 * does the domain have the port. Without the first it is a #GP, as on a real CPU; without the second
 * reads find all ones, and writes go nowhere, as with a port that no device answers.
 */
#include "hypervisor/domain/guest_io.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/pci.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/rangeset.h"

bool guest_has_io_privilege(const struct vcpu *v)
{
	/* The kernel counts as ring 1, wherever it really runs. */
	return v->iopl >= (guest_in_kernel(v) ? 1u : 3u);
}

static bool bitmap_allows(const struct vcpu *v, u16 port, unsigned bytes)
{
	u16 bits;

	if (!v->iobitmap_guest || port + bytes > v->iobitmap_limit ||
	    copy_from_guest(&bits, v->iobitmap_guest + port / 8, sizeof(bits)))
		return false;
	return !(bits >> (port & 7) & (BIT(bytes) - 1));
}

static u32 port_read(u16 port, unsigned bytes)
{
	return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);
}

static void port_write(u16 port, u32 value, unsigned bytes)
{
	if (bytes == 1)
		outb(port, (u8)value);
	else if (bytes == 2)
		outw(port, (u16)value);
	else
		outl(port, value);
}

/* The address is the domain's own; it meets the hardware's only together with an access. */
static u32 device_read(struct domain *d, u16 port, unsigned bytes)
{
	if (port == PCI_ADDRESS_PORT && bytes == 4)
		return atomic_load(&d->pci_address);
	if (port >= PCI_DATA_PORT && port < PCI_DATA_PORT + 4)
		return pci_port_read(atomic_load(&d->pci_address), port, bytes);
	return port_read(port, bytes);
}

static void device_write(struct domain *d, u16 port, u32 value, unsigned bytes)
{
	if (port == PCI_ADDRESS_PORT && bytes == 4)
		atomic_store(&d->pci_address, value);
	else if (port >= PCI_DATA_PORT && port < PCI_DATA_PORT + 4)
		pci_port_write(atomic_load(&d->pci_address), port, value, bytes);
	else
		port_write(port, value, bytes);
}

static void merge_rax(struct vcpu *v, u32 value, unsigned bytes)
{
	u64 mask = bytes == 4 ? ~0ull : BIT(bytes * 8) - 1;

	v->regs.rax = (v->regs.rax & ~mask) | (value & mask);
}

bool emulate_port_io(struct vcpu *v, const struct insn *insn)
{
	bool is_out = insn->opcode & 2, by_dx = insn->opcode & 8;
	unsigned bytes = !(insn->opcode & 1) ? 1 : insn->operand16 ? 2 : 4;
	u16 port = by_dx ? (u16)v->regs.rdx : (u8)insn->imm;
	bool has_port;

	if (!guest_has_io_privilege(v) && !bitmap_allows(v, port, bytes))
		return false;
	has_port = rangeset_contains(v->domain->ioports, port, port + bytes - 1u);
	if (is_out && has_port)
		device_write(v->domain, port, (u32)v->regs.rax, bytes);
	else if (!is_out)
		merge_rax(v, has_port ? device_read(v->domain, port, bytes) : ~0u, bytes);
	return true;
}
