/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FPU, SSE and AVX state.
 *
 * Saved when its vCPU leaves a CPU; loaded when it comes to one whose registers hold something else,
 * so nobody ever computes with another's registers, and who comes back to registers still its own
 * loads nothing. CR0.TS is the guest's own wish.
 *
 * XCR0 begins with x87 and SSE. Applications ask the CPU itself what there is, and it tells them of XSAVE
 * in any case: more than their kernel has enabled they must not be able to use, for it would not save it.
 */
#ifndef HV_DOMAIN_FPU_H
#define HV_DOMAIN_FPU_H

#include "hypervisor/domain/vcpu.h"

int fpu_alloc(struct vcpu *v);		/* with the state after reset; -ENOMEM */
void fpu_free(struct vcpu *v);
void fpu_switch_out(struct vcpu *v);
void fpu_switch_in(struct vcpu *v);
/* #NM in the current guest, before it is told. */
void fpu_trap(struct vcpu *v);
/* HYPERVISOR_fpu_taskswitch, and writes to CR0. */
void fpu_set_task_switched(struct vcpu *v, bool set);
/* XSETBV: false when the CPU would refuse the value. */
bool fpu_set_xcr0(struct vcpu *v, u64 value);
/* The 512 bytes of an FXSAVE image, to and from the saved state of a vCPU that does not run. */
void fpu_get_fxsave(const struct vcpu *v, void *image);
void fpu_set_fxsave(struct vcpu *v, const void *image);

#endif
