/* SPDX-License-Identifier: GPL-2.0-only */
/* Where everything of the first domain stands, computed before anything is built. Pure. */
#ifndef HV_BOOT_DOM0_LAYOUT_H
#define HV_BOOT_DOM0_LAYOUT_H

#include "hypervisor/boot/dom0.h"
#include "hypervisor/boot/elf.h"
#include "hypervisor/lib/types.h"

/*
 * From virt_base up, each part page-aligned: kernel, ramdisk (unless the kernel takes it unmapped),
 * p2m table (unless the kernel wants it elsewhere), start_info, page tables, one page of stack;
 * then padding of at least 512 KiB up to a 4 MiB boundary. All of that is mapped, page n of it
 * being pfn n. Pfns behind it: the unmapped ramdisk, then the p2m table that is mapped elsewhere
 * with the tables which map it, then the rest of the memory.
 */
struct dom0_layout {
	u64 virt_base;
	u64 initrd;			/* linear address; meaningless when initrd_pfn is not 0 */
	u64 initrd_pfn;			/* unmapped: the first one; else 0 */
	u64 initrd_size;
	u64 p2m;			/* linear address, wherever it is */
	u64 p2m_pfn, p2m_frames;	/* mapped elsewhere: with those of its tables; else 0 */
	u64 start_info;
	u64 tables, nr_tables;		/* linear address of the root, number of frames */
	u64 stack_end;
	u64 end;			/* of what is mapped */
	u64 nr_pages;			/* of the domain */
	bool is_64;
};

/* 0 or -ENOMEM when the domain has too few pages, -EINVAL; *@why then says so. */
int dom0_lay_out(struct dom0_layout *l, const struct pv_kernel *k, u64 initrd_size, u64 nr_pages,
		 const char **why);

/* Frames of page tables which map [start, end): without or with the root. */
u64 tables_for(u64 start, u64 end, bool is_64, bool with_root);

/* Pages the first domain gets, from what was asked and what is free. 0: there is too little. */
u64 dom0_pages(const struct dom0_mem *asked, u64 free_pages);

#endif
