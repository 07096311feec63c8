/* SPDX-License-Identifier: GPL-2.0-only */
/* A decoder of the few instructions that guests may have emulated. Pure. */
#ifndef HV_DOMAIN_DECODE_H
#define HV_DOMAIN_DECODE_H

#include "hypervisor/arch/regs.h"
#include "hypervisor/lib/types.h"

#define INSN_MAX	15

struct insn {
	u8 length;		/* of all of it */
	u8 opcode;		/* the last opcode byte */
	bool is_two_byte;	/* after 0F */
	bool has_modrm;
	bool lock, rep, repne, operand16, rex_w, seg_override;
	u8 rex;
	u8 mod, reg, rm;	/* reg and rm with REX applied; rm names a register when mod is 3 */
	u64 imm;		/* sign-extended */
	gva_t address;		/* of the memory operand, when mod is not 3; segment base not added */
};

/*
 * Decodes @code of @len bytes as executed with @regs in 32- or 64-bit code. False when it is longer
 * than @len, than the CPU allows, or none of those known here.
 */
bool decode(struct insn *insn, const u8 *code, size_t len, const struct regs *regs, bool is_64);
/* Register @nr in the numbering of instructions. */
u64 *insn_register(struct regs *regs, unsigned nr);
/* Bytes of a general operand that is not a byte operand. */
unsigned insn_operand_size(const struct insn *insn);

#endif
