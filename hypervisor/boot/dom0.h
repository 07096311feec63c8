/* SPDX-License-Identifier: GPL-2.0-only */
/* The first domain: built by the hypervisor from its first boot module. boot/dom0_build.c */
#ifndef HV_BOOT_DOM0_H
#define HV_BOOT_DOM0_H

#include "hypervisor/lib/types.h"

struct boot_info;

/*
 * Makes the first module the control domain, the second its ramdisk, and leaves it unpaused. The
 * modules' memory is still reserved; boot/main.c gives it to the allocator afterwards. Negative
 * errno with the reason in the log.
 */
int dom0_build(const struct boot_info *info);

/* `dom0_mem=SIZE,min:SIZE,max:SIZE`: bytes; 0 where not given; negative: all but that much. */
struct dom0_mem {
	s64 size, min, max;
};

extern struct dom0_mem opt_dom0_mem;
extern u32 opt_dom0_max_vcpus;		/* 0: not given */

#endif
