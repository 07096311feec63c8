/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of debug builds, on the real machine, before the first guest exists. */
#ifndef HV_BOOT_SELFTEST_H
#define HV_BOOT_SELFTEST_H

/* Panics where something does not do what its header says. */
void selftest_run(void);

#endif
