/* SPDX-License-Identifier: GPL-2.0-only */
/* From the loader's memory map to a working allocator. */
#ifndef HV_BOOT_MEMORY_H
#define HV_BOOT_MEMORY_H

struct boot_info;

/*
 * Page tables, frame table, M2P, allocator. What the loader left below 4 GiB is out of reach after.
 */
void memory_init(const struct boot_info *info);
/* Gives the modules' memory to the allocator: the first domain has been built. */
void memory_free_modules(const struct boot_info *info);

#endif
