/* SPDX-License-Identifier: GPL-2.0-only */
/* Port I/O of guests. */
#ifndef HV_DOMAIN_GUEST_IO_H
#define HV_DOMAIN_GUEST_IO_H

#include "hypervisor/domain/decode.h"
#include "hypervisor/domain/vcpu.h"

/* Whether the guest's code may execute port I/O (and CLI, STI) by its virtual IOPL. */
bool guest_has_io_privilege(const struct vcpu *v);
/* IN or OUT; false when it is to fault. */
bool emulate_port_io(struct vcpu *v, const struct insn *insn);

#endif
