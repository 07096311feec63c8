/* SPDX-License-Identifier: GPL-2.0-only */
/* Non-maskable interrupts: how CPUs are stopped, and how a stuck one is noticed. */
#ifndef HV_ARCH_NMI_H
#define HV_ARCH_NMI_H

#include <stdatomic.h>

#include "hypervisor/lib/types.h"

/* From the next NMI on, every CPU but the caller's halts. False if that was said before. */
bool nmi_stop_cpus(void);

/*
 * The watchdog: when a CPU has taken @limit NMIs without a beat of its heart in between, it panics.
 * 0: off. boot/watchdog.c lets hearts beat and NMIs come.
 */
void nmi_set_watchdog(u32 limit);
void nmi_heartbeat(void);

#endif
