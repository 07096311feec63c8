/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Privileged instructions of guest kernels: what a paravirtualized kernel may still execute and have
 * the hypervisor do for it. Everything else is the guest's own #GP.
 */
#include "hypervisor/domain/emulate.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/bounce.h"
#include "hypervisor/domain/cpuid.h"
#include "hypervisor/domain/debugreg.h"
#include "hypervisor/domain/decode.h"
#include "hypervisor/domain/fpu.h"
#include "hypervisor/domain/guest_io.h"
#include "hypervisor/domain/guest_msr.h"
#include "hypervisor/domain/switch.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/tlb.h"

#define CR4_GUEST_MAY_CHANGE	(CR4_TSD | CR4_DE | CR4_OSXSAVE | CR4_PSE | CR4_PGE | CR4_MCE)
#define CR4_ALWAYS_SHOWN	(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT)

size_t emulate_fetch(u8 *code, gva_t rip)
{
	size_t first = MIN((size_t)(PAGE_SIZE - (rip & ~PAGE_MASK)), (size_t)INSN_MAX);

	if (copy_from_guest(code, rip, first))
		return 0;
	if (first < INSN_MAX && !copy_from_guest(code + first, rip + first, INSN_MAX - first))
		return INSN_MAX;
	return first;
}

static bool executes_64bit_code(const struct vcpu *v)
{
	return !v->domain->is_pv32 && v->regs.cs != PV64_RING3_CS32;
}

static void set_register(struct vcpu *v, unsigned nr, u64 value)
{
	*insn_register(&v->regs, nr) = v->domain->is_pv32 ? (u32)value : value;
}

static void finish(struct vcpu *v, unsigned length)
{
	v->regs.rip += length;
	if (v->domain->is_pv32)
		v->regs.rip = (u32)v->regs.rip;
	v->regs.rflags &= ~(u64)EFLAGS_RF;
}

/* --- control registers ------------------------------------------------------------------------ */

/* The machine's, which all but TS of it must stay. */
static u64 guest_cr0(const struct vcpu *v)
{
	return v->ctrlreg[0] | CR0_PG | CR0_PE | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_AM;
}

static bool read_guest_cr(struct vcpu *v, unsigned cr, unsigned reg)
{
	switch (cr) {
	case 0:
		set_register(v, reg, guest_cr0(v));
		return true;
	case 2:
		set_register(v, reg, v->ctrlreg[2]);
		return true;
	case 3:
		set_register(v, reg, v->root ? mfn_to_cr3(v->domain, frame_to_mfn(v->root)) : 0);
		return true;
	case 4:
		set_register(v, reg, v->ctrlreg[4] | CR4_ALWAYS_SHOWN);
		return true;
	default:
		return false;
	}
}

/* Preempted, the instruction is left where it is, to be met again. */
static bool write_guest_cr3(struct vcpu *v, u64 value, bool *again)
{
	int rc = address_space_finish(v);

	if (!rc)
		rc = address_space_set_root(v, cr3_to_mfn(v->domain, value));
	*again = rc == -ERESTART;
	return !rc || *again;
}

static bool write_guest_cr(struct vcpu *v, unsigned cr, unsigned reg, bool *again)
{
	u64 value = *insn_register(&v->regs, reg);

	switch (cr) {
	case 0:
		if ((value ^ guest_cr0(v)) & ~(u64)CR0_TS)
			return false;
		fpu_set_task_switched(v, value & CR0_TS);
		return true;
	case 2:
		v->ctrlreg[2] = value;
		return true;
	case 3:
		return write_guest_cr3(v, value, again);
	case 4:
		v->ctrlreg[4] = value & CR4_GUEST_MAY_CHANGE;
		load_tsc_trap(v);
		return true;
	default:
		return false;
	}
}

/* --- one-off instructions --------------------------------------------------------------------- */

static u64 edx_eax(const struct vcpu *v)
{
	return v->regs.rdx << 32 | (u32)v->regs.rax;
}

static void set_edx_eax(struct vcpu *v, u64 value)
{
	v->regs.rax = (u32)value;
	v->regs.rdx = value >> 32;
}

static bool emulate_msr(struct vcpu *v, bool write)
{
	u32 msr = (u32)v->regs.rcx;
	u64 value;

	if (write)
		return guest_write_msr(v, msr, edx_eax(v));
	if (!guest_read_msr(v, msr, &value))
		return false;
	set_edx_eax(v, value);
	return true;
}

/* Where the guest has not set CR4.OSXSAVE there is no such instruction. */
static bool emulate_xsetbv(struct vcpu *v, bool *again)
{
	if (!(v->ctrlreg[4] & CR4_OSXSAVE)) {
		bounce_trap(v, VEC_UD, false, 0);
		return *again = true;
	}
	return (u32)v->regs.rcx == 0 && fpu_set_xcr0(v, edx_eax(v));
}

/* It traps for the guest's own CR4.TSD, which is about its user mode; or because we make it up. */
static bool emulate_rdtsc(struct vcpu *v)
{
	if (!guest_in_kernel(v) && v->ctrlreg[4] & CR4_TSD)
		return false;
	set_edx_eax(v, guest_tsc(v));
	return true;
}

static bool emulate_rdtscp(struct vcpu *v)
{
	if (!cpu_has.rdtscp || !emulate_rdtsc(v))
		return false;
	v->regs.rcx = v->tsc_aux;
	return true;
}

static bool is_rdtscp(const struct insn *insn)
{
	return insn->opcode == 0x01 && insn->mod == 3 && insn->reg == 7 && insn->rm == 1;
}

static bool user_may(const struct insn *insn)
{
	return insn->opcode == 0x31 || is_rdtscp(insn);
}

/* Group 0F 01: XSETBV, INVLPG, SMSW, LMSW, RDTSCP. */
static bool emulate_group7(struct vcpu *v, const struct insn *insn, bool *again)
{
	if (insn->mod == 3 && insn->reg == 2 && insn->rm == 1)
		return emulate_xsetbv(v, again);
	if (is_rdtscp(insn))
		return emulate_rdtscp(v);
	if (insn->mod != 3 && insn->reg == 7) {
		if (guest_range_ok(insn->address, 1))
			invlpg(insn->address);
		return true;
	}
	return false;
}

static bool emulate_two_byte(struct vcpu *v, const struct insn *insn, bool *again)
{
	u64 value;

	switch (insn->opcode) {
	case 0x01:
		return emulate_group7(v, insn, again);
	case 0x06:
		fpu_set_task_switched(v, false);
		return true;
	case 0x08:
	case 0x09:
		/* Caches concern only who has device memory mapped. */
		if (v->domain->iomem)
			wbinvd();
		return true;
	case 0x20:
		return read_guest_cr(v, insn->reg, insn->rm);
	case 0x21:
		if (debugreg_get(v, insn->reg, &value))
			return false;
		set_register(v, insn->rm, value);
		return true;
	case 0x22:
		return write_guest_cr(v, insn->reg, insn->rm, again);
	case 0x23:
		return !debugreg_set(v, insn->reg, *insn_register(&v->regs, insn->rm));
	case 0x30:
		return emulate_msr(v, true);
	case 0x31:
		return emulate_rdtsc(v);
	case 0x32:
		return emulate_msr(v, false);
	default:
		return false;
	}
}

static bool is_port_io(const struct insn *insn)
{
	return !insn->is_two_byte && (insn_is_string_io(insn) || (insn->opcode & 0xf4) == 0xe4);
}

/* CLI and STI mean nothing to a kernel whose interrupts are events; with I/O privilege they pass. */
static bool emulate_one_byte(struct vcpu *v, const struct insn *insn, bool *again)
{
	if (is_port_io(insn))
		return emulate_port_io(v, insn, again);
	switch (insn->opcode) {
	case 0xfa:
	case 0xfb:
		return guest_has_io_privilege(v);
	default:
		return false;
	}
}

bool emulate_privileged(struct vcpu *v)
{
	u8 code[INSN_MAX];
	size_t len = emulate_fetch(code, v->regs.rip);
	struct insn insn;
	bool done, again = false;

	if (!decode(&insn, code, len, &v->regs, executes_64bit_code(v)) || insn.lock ||
	    (insn.rep && !insn_is_string_io(&insn)) ||
	    (insn.seg_override && insn_is_string_io(&insn)))
		return false;
	if (!insn.is_two_byte)
		done = emulate_one_byte(v, &insn, &again);
	else
		done = (guest_in_kernel(v) || user_may(&insn)) &&
		       emulate_two_byte(v, &insn, &again);
	if (!done || again)
		return done;
	finish(v, insn.length);
	if (is_port_io(&insn) && port_io_is_watched(v, &insn))
		bounce_trap(v, VEC_DB, false, 0);
	return true;
}

/* --- the forced emulation prefix -------------------------------------------------------------- */

bool emulate_forced(struct vcpu *v)
{
	static const u8 wanted[] = { 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2 };
	u8 code[sizeof(wanted)];
	struct cpuid_regs r;

	if (copy_from_guest(code, v->regs.rip, sizeof(code)) ||
	    memcmp(code, wanted, sizeof(code)) != 0)
		return false;
	r = guest_cpuid(v, (u32)v->regs.rax, (u32)v->regs.rcx);
	v->regs.rax = r.eax;
	v->regs.rbx = r.ebx;
	v->regs.rcx = r.ecx;
	v->regs.rdx = r.edx;
	finish(v, sizeof(code));
	return true;
}
