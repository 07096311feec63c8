/* SPDX-License-Identifier: GPL-2.0-only */
/* Model-specific registers as guests see them. */
#ifndef HV_DOMAIN_GUEST_MSR_H
#define HV_DOMAIN_GUEST_MSR_H

#include "hypervisor/domain/vcpu.h"

/* False when the access is to fault. @v is current and in its kernel. */
bool guest_read_msr(struct vcpu *v, u32 msr, u64 *value);
bool guest_write_msr(struct vcpu *v, u32 msr, u64 value);

#endif
