/* SPDX-License-Identifier: GPL-2.0-only */
/* Bringing the CPUs up, the boot CPU first. */
#ifndef HV_BOOT_CPUS_H
#define HV_BOOT_CPUS_H

/* Traps, time and the scheduler on the CPU we run on. */
void cpus_init_boot(void);
/* All others, up to `maxcpus`. */
void cpus_start_others(void);

#endif
