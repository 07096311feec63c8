/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's command line. */
#ifndef HV_BOOT_PARAMS_H
#define HV_BOOT_PARAMS_H

#include "hypervisor/lib/types.h"

/*
 * Sets every option that @cmdline names; a word nobody knows and a value that makes no sense are
 * warned about by name, and skipped.
 */
void params_parse(const char *cmdline);

extern u32 opt_maxcpus;			/* CPUs to be used, 0: all */
extern u32 opt_watchdog;		/* 0: off; else seconds until a stuck CPU is a panic */

#endif
