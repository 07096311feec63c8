/* SPDX-License-Identifier: GPL-2.0-only */
/* Instruction decoding: prefixes, opcode, ModRM, SIB, displacement, immediate. */
#include "hypervisor/domain/decode.h"

struct cursor {
	const u8 *code;
	size_t len, at;
	bool overrun;
};

static u8 next(struct cursor *c)
{
	if (c->at >= c->len) {
		c->overrun = true;
		return 0;
	}
	return c->code[c->at++];
}

/* Little-endian, sign-extended from its size. */
static u64 next_signed(struct cursor *c, unsigned bytes)
{
	unsigned shift = 64 - 8 * bytes;
	u64 value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (u64)next(c) << (8 * i);
	return (u64)((s64)(value << shift) >> shift);
}

u64 *insn_register(struct regs *r, unsigned nr)
{
	u64 *const by_number[16] = {
		&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi,
		&r->r8, &r->r9, &r->r10, &r->r11, &r->r12, &r->r13, &r->r14, &r->r15,
	};

	return by_number[nr & 15];
}

unsigned insn_operand_size(const struct insn *insn)
{
	return insn->rex_w ? 8 : insn->operand16 ? 2 : 4;
}

/* --- parts ------------------------------------------------------------------------------------ */

static u8 skip_prefixes(struct cursor *c, struct insn *insn, bool is_64)
{
	for (;;) {
		u8 byte = next(c);

		switch (byte) {
		case 0x66:
			insn->operand16 = true;
			break;
		case 0xf0:
			insn->lock = true;
			break;
		case 0xf2:
			insn->repne = true;
			break;
		case 0xf3:
			insn->rep = true;
			break;
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
			break;
		case 0x64:
		case 0x65:
			insn->seg_override = true;
			break;
		default:
			if (is_64 && (byte & 0xf0) == 0x40) {
				insn->rex = byte;
				insn->rex_w = byte & 8;
				return next(c);
			}
			return byte;
		}
		if (c->overrun)
			return 0;
	}
}

static u64 masked(u64 value, bool is_64)
{
	return is_64 ? value : (u32)value;
}

static u64 sib_address(struct cursor *c, struct insn *insn, const struct regs *regs)
{
	u8 sib = next(c);
	unsigned index = (sib >> 3 & 7) | (insn->rex & 2) << 2;
	unsigned base = (sib & 7) | (insn->rex & 1) << 3;
	u64 address = 0;

	if (index != 4)
		address += *insn_register((struct regs *)regs, index) << (sib >> 6);
	if ((base & 7) == 5 && insn->mod == 0)
		return address + next_signed(c, 4);
	return address + *insn_register((struct regs *)regs, base);
}

/*
 * RIP-relative addresses count from the end of the instruction, which is known only after the
 * immediate: the caller adds that.
 */
static bool memory_operand(struct cursor *c, struct insn *insn, const struct regs *regs, bool is_64)
{
	bool rip_relative = false;

	if ((insn->rm & 7) == 4) {
		insn->address = sib_address(c, insn, regs);
	} else if ((insn->rm & 7) == 5 && insn->mod == 0) {
		insn->address = next_signed(c, 4);
		rip_relative = is_64;
	} else {
		insn->address = *insn_register((struct regs *)regs, insn->rm);
	}
	if (insn->mod == 1)
		insn->address += next_signed(c, 1);
	else if (insn->mod == 2)
		insn->address += next_signed(c, 4);
	return rip_relative;
}

static bool opcode_has_modrm(const struct insn *insn)
{
	u8 op = insn->opcode;

	if (!insn->is_two_byte)
		return (op < 0x40 && (op & 7) < 4) || (op >= 0x80 && op <= 0x8b) || op == 0xc6 ||
		       op == 0xc7 || op == 0xf6 || op == 0xf7 || op == 0xfe || op == 0xff;
	return op == 0x00 || op == 0x01 || (op >= 0x20 && op <= 0x23) || op == 0xa3 || op == 0xab ||
	       op == 0xb0 || op == 0xb1 || op == 0xb3 || op == 0xba || op == 0xbb || op == 0xc0 ||
	       op == 0xc1 || op == 0xc3 || op == 0xc7;
}

static unsigned immediate_size(const struct insn *insn)
{
	u8 op = insn->opcode;

	if (insn->is_two_byte)
		return op == 0xba ? 1 : 0;
	if (op == 0x80 || op == 0x83 || op == 0xc6 || (op == 0xf6 && insn->reg % 8 < 2) ||
	    (op >= 0xe4 && op <= 0xe7) || op == 0xcd)
		return 1;
	if (op == 0x81 || op == 0xc7 || (op == 0xf7 && insn->reg % 8 < 2))
		return insn->operand16 ? 2 : 4;
	return 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Moves between the accumulator and an absolute address. */
static bool is_moffs(const struct insn *insn)
{
	return !insn->is_two_byte && insn->opcode >= 0xa0 && insn->opcode <= 0xa3;
}

bool decode(struct insn *insn, const u8 *code, size_t len, const struct regs *regs, bool is_64)
{
	struct cursor c = { .code = code, .len = len < INSN_MAX ? len : INSN_MAX };
	bool rip_relative = false;
	u8 modrm;

	*insn = (struct insn){ 0 };
	insn->opcode = skip_prefixes(&c, insn, is_64);
	if (insn->opcode == 0x0f) {
		insn->is_two_byte = true;
		insn->opcode = next(&c);
	}
	insn->has_modrm = opcode_has_modrm(insn);
	if (insn->has_modrm) {
		modrm = next(&c);
		insn->mod = modrm >> 6;
		insn->reg = (modrm >> 3 & 7) | (insn->rex & 4) << 1;
		insn->rm = (modrm & 7) | (insn->rex & 1) << 3;
		/* Control and debug registers are always named as registers. */
		if (insn->is_two_byte && insn->opcode >= 0x20 && insn->opcode <= 0x23)
			insn->mod = 3;
		if (insn->mod != 3)
			rip_relative = memory_operand(&c, insn, regs, is_64);
	} else if (is_moffs(insn)) {
		insn->address = is_64 ? next_signed(&c, 8) : next_signed(&c, 4);
	}
	insn->imm = immediate_size(insn) ? next_signed(&c, immediate_size(insn)) : 0;
	if (rip_relative)
		insn->address += regs->rip + c.at;
	insn->address = masked(insn->address, is_64);
	insn->length = (u8)c.at;
	return !c.overrun;
}
