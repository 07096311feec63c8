/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPU a guest is shown. */
#ifndef HV_DOMAIN_CPUID_H
#define HV_DOMAIN_CPUID_H

#include "hypervisor/arch/cpu.h"
#include "hypervisor/domain/vcpu.h"

/* What the machine offers @d. */
struct cpuid_regs cpuid_offer(const struct domain *d, u32 leaf, u32 subleaf);

/* The same, narrowed by a policy of the domain's own: without what differs from vCPU to vCPU. */
struct cpuid_regs cpuid_of_domain(const struct domain *d, u32 leaf, u32 subleaf);

/* What @v is shown at this moment. */
struct cpuid_regs guest_cpuid(const struct vcpu *v, u32 leaf, u32 subleaf);

#endif
