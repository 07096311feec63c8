/* SPDX-License-Identifier: GPL-2.0-only */
/* Port I/O of guests. */
#ifndef HV_DOMAIN_GUEST_IO_H
#define HV_DOMAIN_GUEST_IO_H

#include "hypervisor/domain/decode.h"
#include "hypervisor/domain/vcpu.h"

/* Whether the guest's code may execute port I/O (and CLI, STI) by its virtual IOPL. */
bool guest_has_io_privilege(const struct vcpu *v);
static inline bool insn_is_string_io(const struct insn *insn)
{
	return !insn->is_two_byte && insn->opcode >= 0x6c && insn->opcode <= 0x6f;
}

/*
 * IN or OUT; false when it is to fault. The string forms go on in steps: *@again says that the
 * instruction is to be met once more, or that its memory operand has faulted.
 */
bool emulate_port_io(struct vcpu *v, const struct insn *insn, bool *again);
/* After it: whether a breakpoint of the guest's is met. */
bool port_io_is_watched(struct vcpu *v, const struct insn *insn);

#endif
