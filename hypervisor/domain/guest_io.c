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
#include "hypervisor/arch/traps.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/bounce.h"
#include "hypervisor/domain/debugreg.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/walk.h"

bool guest_has_io_privilege(const struct vcpu *v)
{
	/* The kernel counts as ring 1, wherever it really runs. */
	return v->iopl >= (guest_in_kernel(v) ? 1u : 3u);
}

/* The bitmap is the kernel's. What of it cannot be read allows nothing. */
static bool bitmap_allows(const struct vcpu *v, u16 port, unsigned bytes)
{
	gva_t at = v->iobitmap_guest + port / 8;
	u8 bits[2] = { 0xff, 0xff };

	if (!v->iobitmap_guest || port + bytes > v->iobitmap_limit)
		return false;
	address_space_enter_kernel(v);
	if (copy_from_guest(&bits[0], at, 1) || copy_from_guest(&bits[1], at + 1, 1))
		bits[1] = 0xff;
	address_space_leave_kernel(v);
	return !((bits[0] | bits[1] << 8) >> (port & 7) & (BIT(bytes) - 1));
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

/* --- the string forms -------------------------------------------------------------------------- */

#define STRING_STEPS	256	/* elements between looks for other work */

/* Copies have our privilege: an application's are not to reach what only its kernel may touch. */
static bool may_name(const struct vcpu *v, gva_t addr)
{
	return guest_in_kernel(v) || !v->domain->is_pv32 || (guest_leaf_entry(addr) & PTE_USER);
}

/* The CPU would have found the fault before it touched the port. */
static bool can_access(const struct vcpu *v, gva_t addr, unsigned bytes, bool write)
{
	u32 value;

	return may_name(v, addr) && may_name(v, addr + bytes - 1) &&
	       !copy_from_guest(&value, addr, bytes) &&
	       (!write || !copy_to_guest(addr, &value, bytes));
}

static void string_fault(struct vcpu *v, gva_t addr, bool write)
{
	bool present = guest_range_ok(addr, 1) && (guest_leaf_entry(addr) & PTE_PRESENT);

	bounce_page_fault(v, addr, (present ? PF_PRESENT : 0) | (write ? PF_WRITE : 0) |
				   (guest_in_kernel(v) ? 0 : PF_USER));
}

/* Segments are taken to be flat, as everywhere. */
static bool string_step(struct vcpu *v, u16 port, unsigned bytes, bool is_out, bool has_port)
{
	u64 *index = is_out ? &v->regs.rsi : &v->regs.rdi;
	gva_t addr = v->domain->is_pv32 ? (u32)*index : *index;
	u32 value = ~0u;

	if (!can_access(v, addr, bytes, !is_out)) {
		string_fault(v, addr, !is_out);
		return false;
	}
	if (is_out) {
		(void)!copy_from_guest(&value, addr, bytes);
		if (has_port)
			device_write(v->domain, port, value, bytes);
	} else {
		if (has_port)
			value = device_read(v->domain, port, bytes);
		(void)!copy_to_guest(addr, &value, bytes);
	}
	*index += v->regs.rflags & EFLAGS_DF ? -(u64)bytes : bytes;
	if (v->domain->is_pv32)
		*index = (u32)*index;
	return true;
}

static void string_io(struct vcpu *v, const struct insn *insn, u16 port, unsigned bytes,
		      bool has_port, bool *again)
{
	bool repeats = insn->rep || insn->repne;
	u64 left = !repeats ? 1 : v->domain->is_pv32 ? (u32)v->regs.rcx : v->regs.rcx;

	for (unsigned n = 0; left && n < STRING_STEPS; n++) {
		if (!string_step(v, port, bytes, insn->opcode & 2, has_port)) {
			*again = true;
			return;
		}
		left--;
		if (repeats)
			v->regs.rcx = left;
	}
	*again = left != 0;
}

/* --- all of them ------------------------------------------------------------------------------- */

static unsigned io_bytes(const struct insn *insn)
{
	return !(insn->opcode & 1) ? 1 : insn->operand16 ? 2 : 4;
}

/* Bit 3 of these opcodes: the port is in DX. */
static u16 io_port(const struct vcpu *v, const struct insn *insn)
{
	return insn->opcode & 8 ? (u16)v->regs.rdx : (u8)insn->imm;
}

bool emulate_port_io(struct vcpu *v, const struct insn *insn, bool *again)
{
	unsigned bytes = io_bytes(insn);
	bool is_out = insn->opcode & 2;
	u16 port = io_port(v, insn);
	bool has_port;

	if (!guest_has_io_privilege(v) && !bitmap_allows(v, port, bytes))
		return false;
	has_port = rangeset_contains(v->domain->ioports, port, port + bytes - 1u);
	if (insn_is_string_io(insn))
		string_io(v, insn, port, bytes, has_port, again);
	else if (is_out && has_port)
		device_write(v->domain, port, (u32)v->regs.rax, bytes);
	else if (!is_out)
		merge_rax(v, has_port ? device_read(v->domain, port, bytes) : ~0u, bytes);
	return true;
}

bool port_io_is_watched(struct vcpu *v, const struct insn *insn)
{
	return debugreg_watches_port(v, io_port(v, insn), io_bytes(insn));
}
