/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Call gates of pv32 guests. No CPU in long mode knows a 32-bit one, and none may be used that leads
 * to a guest's ring: so each in a descriptor table has privilege 0 (arch/descriptor.c), and a far
 * call or jump by it ends in #GP, which names it. The transfer is then made here. As elsewhere,
 * stacks are taken to be flat.
 */
#include "hypervisor/arch/descriptor.h"
#include "hypervisor/arch/faulting.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/bounce.h"
#include "hypervisor/domain/decode.h"
#include "hypervisor/domain/emulate.h"

#define RPL		3
#define IN_LDT		4
#define CODE		0x8		/* in a type: of code, and conforming; of data: writable */
#define CONFORMING	0x4
#define WRITABLE	0x2
#define PARAMS_MAX	31

/* A far call or jump, and by which selector. */
struct transfer {
	bool calls;
	u16 sel;
	u8 length;
};

static bool read_descriptor(const struct vcpu *v, u16 sel, u64 *desc)
{
	u64 window = CPU_WINDOW_BASE + (u64)this_cpu()->id * CPU_WINDOW_SIZE;
	u64 at = window + (sel & IN_LDT ? GDT_WINDOW_PAGES * PAGE_SIZE : 0) + (sel & ~7u);

	if (!(sel & ~RPL) || (sel & IN_LDT && sel / 8 >= v->ldt_entries))
		return false;
	if (sel & IN_LDT)
		ldt_fault(at);
	try_load((const u64 *)at, *desc, fault);
	return true;
fault:
	return false;
}

static unsigned dpl_of(u64 desc)
{
	return desc >> DESC_DPL_SHIFT & 3;
}

static bool decode_transfer(struct vcpu *v, struct transfer *t)
{
	u8 code[INSN_MAX];
	size_t len = emulate_fetch(code, v->regs.rip);
	struct insn insn;

	if (len >= 7 && (code[0] == 0x9a || code[0] == 0xea)) {
		*t = (struct transfer){ code[0] == 0x9a, (u16)(code[5] | code[6] << 8), 7 };
		return true;
	}
	if (!decode(&insn, code, len, &v->regs, false) || insn.is_two_byte || insn.opcode != 0xff ||
	    insn.mod == 3 || (insn.reg != 3 && insn.reg != 5) || insn.seg_override)
		return false;
	*t = (struct transfer){ .calls = insn.reg == 3, .length = insn.length };
	return !copy_from_guest(&t->sel, (u32)insn.address + insn_operand_size(&insn),
				sizeof(t->sel));
}

/* Whether @desc is code that @t may go to from ring @cpl by a gate. */
static bool may_enter(const struct transfer *t, u64 desc, unsigned cpl)
{
	if (!(desc & DESC_S) || !(DESC_TYPE(desc) & CODE))
		return false;
	return t->calls || DESC_TYPE(desc) & CONFORMING ? dpl_of(desc) <= cpl : dpl_of(desc) == cpl;
}

/* Words from @to down to the new stack pointer: where to return to, parameters, the outer stack. */
static bool push_frame(struct vcpu *v, u32 to, u32 nr_params, bool inner, u32 next)
{
	u32 frame[2 + PARAMS_MAX + 2] = { next, (u16)v->regs.cs }, nr = 2, sp;

	if (inner) {
		if (copy_from_guest(frame + 2, (u32)v->regs.rsp, nr_params * 4)) {
			bounce_page_fault(v, (u32)v->regs.rsp, 0);
			return false;
		}
		frame[nr_params + 2] = (u32)v->regs.rsp;
		frame[nr_params + 3] = (u16)v->regs.ss;
		nr += nr_params + 2;
	}
	sp = to - nr * 4;
	if (copy_to_guest(sp, frame, nr * 4)) {
		bounce_page_fault(v, sp, PF_WRITE);
		return false;
	}
	v->regs.rsp = sp;
	return true;
}

static bool stack_ok(const struct vcpu *v, u16 ss, unsigned ring)
{
	u64 desc;

	return (ss & RPL) == ring && read_descriptor(v, ss, &desc) && desc & DESC_S &&
	       desc & DESC_PRESENT && !(DESC_TYPE(desc) & CODE) && DESC_TYPE(desc) & WRITABLE &&
	       dpl_of(desc) == ring;
}

/* False when an exception was raised instead. */
static bool enter_by_call(struct vcpu *v, u64 gate, unsigned ring, u32 next)
{
	unsigned cpl = v->regs.cs & RPL;
	u16 ss = v->kernel_ss;

	if (ring >= cpl)
		return push_frame(v, (u32)v->regs.rsp, 0, false, next);
	/* The stacks of rings between are unknown. */
	if (ring != 1) {
		bounce_trap(v, VEC_GP, true, v->regs.error_code);
		return false;
	}
	if (!stack_ok(v, ss, ring)) {
		bounce_trap(v, VEC_TS, true, ss & ~RPL);
		return false;
	}
	if (!push_frame(v, (u32)v->kernel_sp, gate >> 32 & PARAMS_MAX, true, next))
		return false;
	v->regs.ss = ss;
	return true;
}

bool emulate_gate(struct vcpu *v)
{
	u16 sel = (u16)v->regs.error_code, target;
	unsigned cpl = v->regs.cs & RPL, ring;
	struct transfer t;
	u64 gate, code;

	if (sel & RPL || (!(sel & IN_LDT) && sel / 8 >= v->gdt_entries) ||
	    !read_descriptor(v, sel, &gate) || gate & DESC_S ||
	    DESC_TYPE(gate) != DESC_CALL_GATE || !(gate & DESC_PRESENT) || dpl_of(gate))
		return false;
	/* Its own privilege stands where the target's would. */
	if ((gate >> 16 & RPL) < cpl || !decode_transfer(v, &t) || (t.sel & ~RPL) != sel ||
	    (t.sel & RPL) > (gate >> 16 & RPL))
		return false;
	target = gate >> 16 & ~(u64)RPL & 0xffff;
	if (!read_descriptor(v, target, &code) || !may_enter(&t, code, cpl)) {
		bounce_trap(v, VEC_GP, true, target);
		return true;
	}
	if (!(code & DESC_PRESENT)) {
		bounce_trap(v, VEC_NP, true, target);
		return true;
	}
	ring = t.calls ? MIN(dpl_of(code), cpl) : cpl;
	if (t.calls && !enter_by_call(v, gate, ring, (u32)v->regs.rip + t.length))
		return true;
	v->regs.cs = target | ring;
	v->regs.rip = (u32)((gate & 0xffff) | (gate >> 32 & 0xffff0000));
	return true;
}
