/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two Multiboot parsers share: putting what they find into struct boot_info. */
#ifndef HV_BOOT_BOOT_PARSE_H
#define HV_BOOT_BOOT_PARSE_H

#include "hypervisor/boot/boot_info.h"

/* Modules that end before they begin, and what is beyond our tables, are counted in left_out. */
void boot_add_module(struct boot_info *info, u64 start, u64 end, const char *string);
void boot_add_region(struct boot_info *info, u64 start, u64 size, u32 type);
/* Last: takes the file name off each command line where the loader put it there. */
void boot_finish(struct boot_info *info);

#endif
