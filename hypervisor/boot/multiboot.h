/* SPDX-License-Identifier: GPL-2.0-only */
/* The two Multiboot protocols: numbers for head.S, parsers for what the loader left in memory. */
#ifndef HV_BOOT_MULTIBOOT_H
#define HV_BOOT_MULTIBOOT_H

#define MB1_HEADER_MAGIC	0x1badb002
#define MB1_LOADER_MAGIC	0x2badb002
#define MB1_HEADER_FLAGS	0x00010003	/* aligned modules, memory map, addresses */

#define MB2_HEADER_MAGIC	0xe85250d6
#define MB2_LOADER_MAGIC	0x36d76289

/* Tags of the Multiboot2 header. */
#define MB2_HEADER_END		0
#define MB2_HEADER_REQUEST	1
#define MB2_HEADER_ADDRESS	2
#define MB2_HEADER_ENTRY	3
#define MB2_HEADER_CONSOLE	4
#define MB2_HEADER_MODULE_ALIGN	6

/* Tags of the Multiboot2 information. */
#define MB2_TAG_END		0
#define MB2_TAG_CMDLINE		1
#define MB2_TAG_LOADER		2
#define MB2_TAG_MODULE		3
#define MB2_TAG_MMAP		6
#define MB2_TAG_FRAMEBUFFER	8
#define MB2_TAG_EFI64		12
#define MB2_TAG_ACPI_OLD	14
#define MB2_TAG_ACPI_NEW	15

#ifndef __ASSEMBLY__

#include "hypervisor/boot/boot_info.h"

/*
 * The @len bytes at machine address @at; NULL when they are out of reach. What is read lies below
 * 4 GiB, which head.S has mapped.
 */
typedef const void *(*boot_read_fn)(u64 at, u64 len);

/*
 * Both fill @info, whatever the loader wrote: lengths are checked against what encloses them, what
 * is cut off is left out. -EINVAL when there is no usable information at all.
 */
int multiboot1_parse(struct boot_info *info, u32 at, boot_read_fn read);
int multiboot2_parse(struct boot_info *info, u32 at, boot_read_fn read);

#endif
#endif
