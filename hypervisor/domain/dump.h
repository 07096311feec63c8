/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person wants to see of a guest that went wrong. */
#ifndef HV_DOMAIN_DUMP_H
#define HV_DOMAIN_DUMP_H

#include "hypervisor/domain/vcpu.h"

/* Registers; with @stack also the top of its stack, when it is the current vCPU. */
void dump_vcpu(struct vcpu *v, bool stack);

#endif
