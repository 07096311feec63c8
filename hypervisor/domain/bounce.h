/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounce frames: how a guest's kernel is entered for traps, events and system calls. */
#ifndef HV_DOMAIN_BOUNCE_H
#define HV_DOMAIN_BOUNCE_H

#include "hypervisor/domain/vcpu.h"

/*
 * Each builds the frame that the guest's kernel expects on its stack and points the current vCPU
 * (whose regs are where the frame comes from) at the gate. A guest that has no gate, or whose stack
 * cannot be written, is crashed.
 */
void bounce_trap(struct vcpu *v, u32 vector, bool has_error_code, u32 error_code);
void bounce_page_fault(struct vcpu *v, gva_t addr, u32 error_code);
void bounce_event(struct vcpu *v);
/* Once until its handler has left by HYPERVISOR_iret, which is bounce_nmi_done(). */
void bounce_nmi(struct vcpu *v);
void bounce_nmi_done(struct vcpu *v);
void bounce_syscall(struct vcpu *v, const struct guest_gate *gate);
/* With the vCPU's saved data selectors on top: IRET or a selector load of the guest's failed. */
void bounce_failsafe(struct vcpu *v);

/* pv64: between its kernel and its user mode. */
void toggle_guest_mode(struct vcpu *v);

#endif
