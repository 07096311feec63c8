/* SPDX-License-Identifier: GPL-2.0-only */
/* Changing the vCPU that a CPU runs. */
#ifndef HV_DOMAIN_SWITCH_H
#define HV_DOMAIN_SWITCH_H

struct vcpu;

/*
 * From @prev (the current vCPU of this CPU) to @next, which runs nowhere. Returns on the same
 * stack; the way out then runs @next. When it returns prev->running_on is 0 and prev may run
 * elsewhere. The caller holds no lock.
 */
void context_switch(struct vcpu *prev, struct vcpu *next);
/* RDTSC traps here as @v, which is current, wants it or its domain has it. */
void load_tsc_trap(const struct vcpu *v);
/* What RDTSCP and RDPID give besides the time, as @v, which is current, has it. */
void load_tsc_aux(const struct vcpu *v);

#endif
