/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of the machine. */
#ifndef HV_ARCH_POWER_H
#define HV_ARCH_POWER_H

#include "hypervisor/lib/types.h"

/* Both stop the other CPUs first, and both always end the machine or halt it. */
void machine_poweroff(void) __noreturn;
void machine_reboot(void) __noreturn;
/* For panics: halts, or reboots unless `noreboot`. */
void machine_give_up(void) __noreturn;

/* For an ACPI reset register in memory: where it is mapped. */
void power_set_reset_register(void *reg);

extern bool opt_noreboot;

#endif
