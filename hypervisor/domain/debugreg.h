/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's debug registers. */
#ifndef HV_DOMAIN_DEBUGREG_H
#define HV_DOMAIN_DEBUGREG_H

#include "hypervisor/domain/vcpu.h"

/* -EPERM for what must not be set (addresses of ours, reserved bits); -ENODEV for no register. */
int debugreg_set(struct vcpu *v, unsigned reg, u64 value);
int debugreg_get(const struct vcpu *v, unsigned reg, u64 *value);
void debugreg_switch_out(struct vcpu *v);
void debugreg_switch_in(struct vcpu *v);
/* Whether a breakpoint on I/O is met, which DR6 then says. */
bool debugreg_watches_port(struct vcpu *v, u16 port, unsigned bytes);
/* A #DB of the guest's: notes why. */
void debugreg_trapped(struct vcpu *v);

#endif
