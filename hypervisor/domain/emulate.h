/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions that are emulated for guests. Each returns true when it took care of the fault. */
#ifndef HV_DOMAIN_EMULATE_H
#define HV_DOMAIN_EMULATE_H

#include "hypervisor/domain/vcpu.h"

/* A privileged instruction of the guest's kernel that ended in #GP. */
bool emulate_privileged(struct vcpu *v);
/* UD2, "xen", CPUID: the forced emulation prefix. */
bool emulate_forced(struct vcpu *v);
/* A far call or jump of a pv32 guest's by a call gate that the error code names. */
bool emulate_gate(struct vcpu *v);
/* A plain write of the guest's kernel to one of its page tables. */
bool emulate_pte_write(struct vcpu *v, gva_t addr);

/*
 * Up to 15 bytes of code at @rip; fewer when the next page, which the instruction may not need,
 * cannot be read. Returns how many.
 */
size_t emulate_fetch(u8 *code, gva_t rip);

#endif
