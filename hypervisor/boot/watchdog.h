/* SPDX-License-Identifier: GPL-2.0-only */
/* `watchdog`: a CPU that is stuck in the hypervisor says where, instead of hanging in silence. */
#ifndef HV_BOOT_WATCHDOG_H
#define HV_BOOT_WATCHDOG_H

/* If it was asked for; when all CPUs run. */
void watchdog_start(void);

#endif
