/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FPU, SSE and AVX state.
 *
 * Saved when its vCPU leaves a CPU on which it used the FPU; loaded at the first use (#NM) after it
 * came to a CPU whose registers hold something else. Until then CR0.TS is set, so nobody ever
 * computes with another's registers; and who comes back to registers still its own loads nothing.
 */
#ifndef HV_DOMAIN_FPU_H
#define HV_DOMAIN_FPU_H

#include "hypervisor/domain/vcpu.h"

int fpu_alloc(struct vcpu *v);		/* with the state after reset; -ENOMEM */
void fpu_free(struct vcpu *v);
void fpu_switch_out(struct vcpu *v);
void fpu_switch_in(struct vcpu *v);
/* #NM in the current guest: true when it was ours to handle, false when the guest wants it. */
bool fpu_trap(struct vcpu *v);
/* HYPERVISOR_fpu_taskswitch, and writes to CR0. */
void fpu_set_task_switched(struct vcpu *v, bool set);
/* XSETBV: false when the CPU would refuse the value. */
bool fpu_set_xcr0(struct vcpu *v, u64 value);
/* The 512 bytes of an FXSAVE image, to and from the saved state of a vCPU that does not run. */
void fpu_get_fxsave(const struct vcpu *v, void *image);
void fpu_set_fxsave(struct vcpu *v, const void *image);

#endif
