/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPU a guest is shown. */
#ifndef HV_DOMAIN_CPUID_H
#define HV_DOMAIN_CPUID_H

#include "hypervisor/arch/cpu.h"
#include "hypervisor/domain/vcpu.h"

/* What @v's domain is shown: what the machine offers it, narrowed by a policy of its own. */
struct cpuid_regs guest_cpuid(const struct vcpu *v, u32 leaf, u32 subleaf);

/* Without that policy. */
struct cpuid_regs guest_cpuid_offer(const struct vcpu *v, u32 leaf, u32 subleaf);

#endif
