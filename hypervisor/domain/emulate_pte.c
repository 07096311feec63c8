/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plain writes to page tables. A kernel that has VMASST_TYPE_writable_pagetables on, or simply
 * writes, meets the read-only mapping of its table and faults; the write is decoded, checked as
 * mmu_update would, and made.
 */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/domain/decode.h"
#include "hypervisor/domain/emulate.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/update.h"
#include "hypervisor/mm/walk.h"

/* A write to be made: @bytes of @value at @offset within one entry; a compare-exchange if so. */
struct write {
	unsigned bytes;
	u64 value;
	bool compares;
	u64 expected;
	bool sets_flags, sets_carry_only;
};

#define FLAGS_ARITH	(EFLAGS_CF | EFLAGS_ZF | 0x0894u)	/* CF ZF PF AF SF OF */

static u64 truncated(u64 value, unsigned bytes)
{
	return bytes == 8 ? value : value & (BIT(bytes * 8) - 1);
}

/* The current contents, where the guest's mapping shows them. */
static u64 contents(const u64 *entry, unsigned offset, unsigned bytes)
{
	return truncated(READ_ONCE(*entry) >> (offset * 8), bytes);
}

/* --- which instructions ----------------------------------------------------------------------- */

static bool plan_exchange8b(struct vcpu *v, const struct insn *insn, struct write *w)
{
	struct regs *r = &v->regs;

	if (insn->reg % 8 != 1 || insn->rex_w)
		return false;
	w->compares = true;
	w->expected = (u64)(u32)r->rdx << 32 | (u32)r->rax;
	w->value = (u64)(u32)r->rcx << 32 | (u32)r->rbx;
	return true;
}

/* Of the general opcodes those with bit 0 clear have byte operands. */
static unsigned operand_bytes(const struct insn *insn)
{
	if (!(insn->opcode & 1) && insn->opcode != 0xba)
		return 1;
	if (insn->is_two_byte && insn->opcode == 0xc7)
		return 8;
	return insn_operand_size(insn);
}

/* Byte registers 4 to 7 are AH, CH, DH and BH unless there is a REX prefix. */
static u64 source_register(struct vcpu *v, const struct insn *insn, unsigned bytes)
{
	if (bytes == 1 && !insn->rex && insn->reg >= 4)
		return *insn_register(&v->regs, insn->reg - 4) >> 8;
	return *insn_register(&v->regs, insn->reg);
}

/* ADD OR ADC SBB AND SUB XOR, in the CPU's numbering; those with carry have no use on entries. */
static bool arithmetic(unsigned operation, u64 now, u64 operand, u64 *result)
{
	switch (operation) {
	case 0:
		*result = now + operand;
		return true;
	case 1:
		*result = now | operand;
		return true;
	case 4:
		*result = now & operand;
		return true;
	case 5:
		*result = now - operand;
		return true;
	case 6:
		*result = now ^ operand;
		return true;
	default:
		return false;
	}
}

/* BTS, BTR, BTC of a bit within the entry: operations 5, 6, 7 of group 8. */
static bool plan_bit(struct vcpu *v, unsigned operation, u64 index, u64 now, struct write *w)
{
	u64 bit = BIT(index & (w->bytes * 8 - 1));

	if (operation < 5 || index >= w->bytes * 8)
		return false;
	w->value = operation == 5 ? now | bit : operation == 6 ? now & ~bit : now ^ bit;
	w->sets_carry_only = true;
	v->regs.rflags = (v->regs.rflags & ~(u64)EFLAGS_CF) | (now & bit ? EFLAGS_CF : 0);
	return true;
}

static bool plan_two_byte(struct vcpu *v, const struct insn *insn, u64 now, struct write *w)
{
	u64 reg = source_register(v, insn, w->bytes);

	switch (insn->opcode) {
	case 0xb0:
	case 0xb1:		/* CMPXCHG */
		w->compares = true;
		w->expected = truncated(v->regs.rax, w->bytes);
		w->value = truncated(reg, w->bytes);
		return true;
	case 0xc7:
		return plan_exchange8b(v, insn, w);
	case 0xab:
		return plan_bit(v, 5, reg, now, w);
	case 0xb3:
		return plan_bit(v, 6, reg, now, w);
	case 0xba:
		return plan_bit(v, insn->reg % 8, insn->imm, now, w);
	default:
		return false;
	}
}

static bool plan_one_byte(struct vcpu *v, const struct insn *insn, u64 now, struct write *w)
{
	u64 reg = source_register(v, insn, w->bytes);
	bool known;

	switch (insn->opcode) {
	case 0x88:
	case 0x89:		/* MOV register */
	case 0x86:
	case 0x87:		/* XCHG */
		w->value = reg;
		return true;
	case 0xc6:
	case 0xc7:		/* MOV immediate */
		w->value = insn->imm;
		return true;
	case 0xa2:
	case 0xa3:		/* MOV rAX to an absolute address */
		w->value = v->regs.rax;
		return true;
	case 0x80:
	case 0x81:
	case 0x83:
		known = arithmetic(insn->reg % 8, now, insn->imm, &w->value);
		break;
	default:		/* operation, register to memory */
		known = insn->opcode < 0x40 && (insn->opcode & 7) < 2 &&
			arithmetic(insn->opcode >> 3, now, reg, &w->value);
	}
	w->sets_flags = true;
	return known;
}

static bool plan(struct vcpu *v, const struct insn *insn, u64 now, struct write *w)
{
	bool known;

	*w = (struct write){ .bytes = operand_bytes(insn) };
	known = insn->is_two_byte ? plan_two_byte(v, insn, now, w) : plan_one_byte(v, insn, now, w);
	w->value = truncated(w->value, w->bytes);
	return known;
}

/* --- making it -------------------------------------------------------------------------------- */

static void set_result(struct vcpu *v, const struct insn *insn, const struct write *w, u64 was,
		       bool equal)
{
	u64 *reg = insn_register(&v->regs, insn->reg);

	if (insn->opcode == 0x87 && !insn->is_two_byte) {
		*reg = w->bytes == 2 ? (*reg & ~0xffffull) | was : was;
	} else if (w->compares) {
		v->regs.rflags = (v->regs.rflags & ~(u64)EFLAGS_ZF) | (equal ? EFLAGS_ZF : 0);
		if (equal)
			return;
		if (insn->is_two_byte && insn->opcode == 0xc7) {
			v->regs.rax = (u32)was;
			v->regs.rdx = was >> 32;
		} else {
			v->regs.rax = w->bytes < 4 ? (v->regs.rax & ~(BIT(w->bytes * 8) - 1)) | was :
						     was;
		}
	} else if (w->sets_flags) {
		v->regs.rflags &= ~(u64)FLAGS_ARITH;
		if (!w->value)
			v->regs.rflags |= EFLAGS_ZF;
	}
}

/* A pv32 kernel may write an entry in halves: what is not present between is not checked. */
static u64 merged(u64 old, unsigned offset, const struct write *w)
{
	u64 mask = w->bytes == 8 ? ~0ull : (BIT(w->bytes * 8) - 1) << (offset * 8);

	return (old & ~mask) | (w->value << (offset * 8) & mask);
}

static int make(struct pte_update *u, unsigned offset, const struct write *w, u64 *old)
{
	u->preserve_ad = false;
	u->pte = merged(*old, offset, w);
	return cmpxchg_leaf(u, old);
}

/* 0; -EAGAIN when another vCPU changed the entry meanwhile; -EINVAL for what is not for us to do. */
static int write_entry(struct vcpu *v, const struct insn *insn, struct pte_update *u, gva_t addr)
{
	const u64 *entry = (u64 *)mfn_to_virt(frame_to_mfn(u->table)) + u->index;
	unsigned offset = (unsigned)addr & 7, size = operand_bytes(insn);
	u64 old = READ_ONCE(*entry);
	struct write w;
	bool equal;
	int rc;

	if (addr & (size - 1) || (size == 1 && (insn->opcode == 0x86)))
		return -EINVAL;
	if (!plan(v, insn, contents(&old, offset, size), &w))
		return -EINVAL;
	equal = !w.compares || w.expected == contents(&old, offset, w.bytes);
	rc = equal ? make(u, offset, &w, &old) : 0;
	if (!rc)
		set_result(v, insn, &w, contents(&old, offset, w.bytes), equal);
	return rc;
}

bool emulate_pte_write(struct vcpu *v, gva_t addr)
{
	struct pte_update u = { .d = v->domain, .pg_owner = v->domain };
	struct frame *mapping;
	u8 code[INSN_MAX];
	struct insn insn;
	unsigned index;
	int rc = -EINVAL;
	u64 pte;

	if (!guest_range_ok(addr, 1) || !guest_find_leaf(addr, &mapping, &index))
		return false;
	pte = guest_leaf_entry(addr);
	/* A writable leaf faults by what stands above it, which the kernel means. */
	if ((pte & (PTE_PRESENT | PTE_RW)) != PTE_PRESENT || !mfn_valid(PFN_DOWN(pte & PTE_ADDR)))
		return false;
	u.table = mfn_to_frame(PFN_DOWN(pte & PTE_ADDR));
	u.index = (unsigned)(addr & ~PAGE_MASK) / 8;
	if (!get_frame(u.table, v->domain))
		return false;
	if (frame_type(u.table) == FT_L1 &&
	    decode(&insn, code, emulate_fetch(code, v->regs.rip), &v->regs, !v->domain->is_pv32))
		rc = write_entry(v, &insn, &u, addr);
	put_frame(u.table);
	if (!rc) {
		v->regs.rip += insn.length;
		if (v->domain->is_pv32)
			v->regs.rip = (u32)v->regs.rip;
	}
	/* Overtaken, the instruction is simply met again: others cannot keep us here. */
	return !rc || rc == -EAGAIN;
}
