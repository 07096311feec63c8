/* SPDX-License-Identifier: GPL-2.0-only */
/* The first domain while it is being built: frames by pfn, address space by linear address. */
#ifndef HV_BOOT_DOM0_TABLES_H
#define HV_BOOT_DOM0_TABLES_H

#include "hypervisor/boot/dom0_layout.h"
#include "hypervisor/boot/elf.h"

struct domain;

struct dom0_builder {
	struct domain *d;
	struct pv_kernel kernel;
	struct dom0_layout layout;
	u32 *mfn;			/* of each pfn; order of its allocation below */
	unsigned mfn_order;
	u64 next_table, tables_end;	/* pfns from which page tables are taken now */
};

/* The contents of a pfn, and of a linear address in the mapped part. */
void *dom0_frame(struct dom0_builder *b, u64 pfn);
u64 dom0_pfn(const struct dom0_builder *b, u64 virt);
/* Copies to linear addresses of the mapped part, or fills the p2m table wherever it is. */
void dom0_write(struct dom0_builder *b, u64 virt, const void *data, u64 len);
/* Builds all page tables; the first frame of layout.tables is the root. */
void dom0_build_tables(struct dom0_builder *b);

#endif
