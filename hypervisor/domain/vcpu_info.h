/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's shared information page part.
 *
 * Both widths agree on the first two bytes (pending, mask) and on `time` at offset 32; pending_sel
 * and arch.cr2 differ, so only the accessors here and the event channels' own touch those.
 */
#ifndef HV_DOMAIN_VCPU_INFO_H
#define HV_DOMAIN_VCPU_INFO_H

#include "hypervisor/domain/vcpu.h"

/* Back to its place in shared_info, or to a dummy for vCPUs beyond the legacy ones. */
void vcpu_info_reset(struct vcpu *v);
/*
 * VCPUOP_register_vcpu_info: @mfn as the guest names it, @offset within the page. Once per vCPU.
 * -EINVAL, -EBUSY, -ENOMEM.
 */
int vcpu_register_info(struct vcpu *v, mfn_t mfn, u32 offset);
/* The address of the last page fault, where the guest looks for it. */
void vcpu_info_set_cr2(struct vcpu *v, gva_t cr2);
/* The word of pending selectors, of 4 or 8 bytes. */
void *vcpu_info_pending_sel(struct vcpu *v);

#endif
