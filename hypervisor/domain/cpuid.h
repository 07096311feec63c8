/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPU a guest is shown. */
#ifndef HV_DOMAIN_CPUID_H
#define HV_DOMAIN_CPUID_H

#include "hypervisor/arch/cpu.h"
#include "hypervisor/domain/vcpu.h"

struct cpuid_regs guest_cpuid(const struct vcpu *v, u32 leaf, u32 subleaf);

#endif
