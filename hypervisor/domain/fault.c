/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions of guests: what the hypervisor handles itself, and what goes to the guest's handler. */
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/bounce.h"
#include "hypervisor/domain/debugreg.h"
#include "hypervisor/domain/emulate.h"
#include "hypervisor/domain/fpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/walk.h"

#define SELECTOR_EXT	1
#define SELECTOR_IDT	2	/* in an error code: it names a vector */
#define INT_N_BYTES	2
#define INT3		0xcc

static unsigned guest_ring_of(const struct vcpu *v)
{
	if (v->domain->is_pv32)
		return v->regs.cs & 3;
	return v->in_kernel ? 0 : 3;
}

/*
 * `int n` arrives as #GP, since no gate of the IDT but a few may be used from outside ring 0. The
 * vector is taken from the instruction: emulators are known to report a wrong error code, which is
 * put right for the guest as well.
 */
static bool software_interrupt(struct vcpu *v)
{
	const struct guest_gate *gate;
	u8 code[INT_N_BYTES];

	if (!(v->regs.error_code & SELECTOR_IDT) ||
	    copy_from_guest(code, v->regs.rip, sizeof(code)) || code[0] != 0xcd)
		return false;
	v->regs.error_code = code[1] * 8u | SELECTOR_IDT;
	gate = &v->traps[code[1]];
	if (!gate->address || gate->dpl < guest_ring_of(v))
		return false;
	v->regs.rip += sizeof(code);
	bounce_trap(v, code[1], false, 0);
	return true;
}

static void general_protection(struct vcpu *v)
{
	if (software_interrupt(v))
		return;
	if (!(v->regs.error_code & (SELECTOR_EXT | SELECTOR_IDT)) && emulate_privileged(v))
		return;
	if (v->domain->is_pv32 && v->regs.error_code && emulate_gate(v))
		return;
	bounce_trap(v, VEC_GP, true, v->regs.error_code);
}

/*
 * A fault of our own LDT window: the page is mapped now, or the guest's LDT has none there, which
 * the guest sees as a fault at the address where it keeps its LDT.
 */
static bool window_fault(struct vcpu *v, gva_t addr)
{
	u64 window = CPU_WINDOW_BASE + (u64)this_cpu()->id * CPU_WINDOW_SIZE;
	u64 ldt = window + GDT_WINDOW_PAGES * PAGE_SIZE;

	if (addr < window || addr >= window + CPU_WINDOW_SIZE || (v->regs.error_code & PF_USER))
		return false;
	if (ldt_fault(addr))
		return true;
	if (addr >= ldt)
		bounce_page_fault(v, v->ldt_base + (addr - ldt), v->regs.error_code & PF_PRESENT);
	else
		bounce_trap(v, VEC_GP, true, (u32)(addr - window) & 0xfffc);
	return true;
}

static void page_fault(struct vcpu *v)
{
	gva_t addr = read_cr2();
	u32 error_code = v->regs.error_code;

	if (window_fault(v, addr))
		return;
	if ((error_code & (PF_PRESENT | PF_WRITE)) == (PF_PRESENT | PF_WRITE) &&
	    guest_in_kernel(v) && emulate_pte_write(v, addr))
		return;
	bounce_page_fault(v, addr, error_code);
}

static void debug_trap(struct vcpu *v)
{
	debugreg_trapped(v);
	bounce_trap(v, VEC_DB, false, 0);
}

/*
 * QEMU's TCG, before 8.1 at least, may translate an instruction while another CPU rewrites it, and keep
 * what it was: a guest that patches its code would meet a breakpoint for ever that memory no longer
 * holds. Writing there what is there makes the emulator look again. Elsewhere this is for the instant in
 * which the breakpoint has just been taken away, and changes nothing.
 */
static void forget_stale_breakpoint(gva_t addr)
{
	mfn_t mfn;
	u64 pte;
	u8 code;

	if (copy_from_guest(&code, addr, sizeof(code)) || code == INT3)
		return;
	pte = guest_leaf_entry(addr);
	mfn = PFN_DOWN(pte & PTE_ADDR);
	if ((pte & PTE_PRESENT) && mfn_valid(mfn))
		__asm__ volatile("lock orb $0, %0" : "+m"(*((u8 *)mfn_to_virt(mfn) + addr % PAGE_SIZE)));
}

static void breakpoint(struct vcpu *v)
{
	forget_stale_breakpoint(v->regs.rip - 1);
	bounce_trap(v, VEC_BP, false, 0);
}

static void invalid_opcode(struct vcpu *v)
{
	if (!emulate_forced(v))
		bounce_trap(v, VEC_UD, false, 0);
}

/* What a gate of the guest's does not allow is a #GP at the instruction, as if the gate were real. */
void guest_system_call(struct vcpu *v)
{
	const struct guest_gate *gate = &v->traps[VEC_SYSTEM_CALL];

	if (likely(gate->address && gate->dpl >= guest_ring_of(v))) {
		bounce_trap(v, VEC_SYSTEM_CALL, false, 0);
		return;
	}
	v->regs.rip -= INT_N_BYTES;
	bounce_trap(v, VEC_GP, true, VEC_SYSTEM_CALL * 8 | SELECTOR_IDT);
}

void guest_trap(struct vcpu *v)
{
	u32 vector = v->regs.vector;

	if (likely(vector == VEC_PF)) {
		page_fault(v);
		return;
	}
	switch (vector) {
	case VEC_GP:
		general_protection(v);
		break;
	case VEC_UD:
		invalid_opcode(v);
		break;
	case VEC_NM:
		fpu_trap(v);
		bounce_trap(v, VEC_NM, false, 0);
		break;
	case VEC_DB:
		debug_trap(v);
		break;
	case VEC_BP:
		breakpoint(v);
		break;
	default:
		bounce_trap(v, vector, ERROR_CODE_VECTORS >> vector & 1, v->regs.error_code);
	}
}

static void syscall_by(struct vcpu *v, const struct guest_gate *gate)
{
	if (unlikely(v->domain->is_pv32)) {
		v->regs.cs = PV32_RING3_CS;
		v->regs.ss = PV32_RING3_DS;
	}
	if (likely(gate->address))
		bounce_syscall(v, gate);
	else
		bounce_trap(v, VEC_UD, false, 0);
}

/* SYSCALL where it is no hypercall. */
void guest_syscall(struct vcpu *v)
{
	syscall_by(v, &v->syscall);
}

void guest_syscall32(struct vcpu *v)
{
	syscall_by(v, &v->syscall32);
}

/* The CPU has lost where from, and with which IF: that was set, as it always is while a guest runs. */
void guest_sysenter(struct vcpu *v)
{
	v->regs.rflags |= EFLAGS_IF;
	if (v->domain->is_pv32)
		v->regs.ss = PV32_RING3_DS;
	if (likely(v->sysenter.address))
		bounce_syscall(v, &v->sysenter);
	else
		bounce_trap(v, VEC_GP, true, 0);
}
