/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where everything of a new PV domain stands in its memory. From virt_base, where pfn 0 is mapped:
 *
 *	... kernel | ramdisk | p2m list | start_info | store | console | page tables | stack ...
 *
 * each on pages of its own, all mapped writable but the page tables; the mapping ends at a multiple
 * of 4 MiB at least 512 KiB behind the stack. A kernel that asks for the p2m list elsewhere
 * (INIT_P2M) gets it in the pages behind the stack, together with the tables that map it. One that
 * takes its ramdisk by a pfn (MOD_START_PFN) gets that last of all, and not mapped.
 */
#ifndef TOOLS_BUILDER_LAYOUT_H
#define TOOLS_BUILDER_LAYOUT_H

#include "pvabi/xen.h"
#include "tools/builder/elf.h"

struct area {
	uint64_t pfn, pages;
};

/* A page table: it maps the addresses from @va on; the root has va 0. */
struct table {
	uint64_t va, pfn;
	unsigned int level;
};

struct layout {
	bool is64;
	unsigned int root_level; /* 3 (PAE) or 4 */
	uint64_t nr_pages;
	uint64_t virt_base, virt_last; /* of the initial mapping, inclusive */
	struct area kernel, ramdisk, p2m, start_info, store, console, tables, stack;
	bool p2m_apart;
	uint64_t p2m_virt;
	struct area p2m_tables; /* when apart */
	bool ramdisk_apart;
	uint64_t end_pfn; /* behind the last page that the builder writes */
	struct table *table;
	unsigned int nr_tables;
};

/* All or nothing; layout_free() gives back what it took. */
int layout_make(struct layout *layout, const struct elf_image *image, uint64_t ramdisk_size,
		uint64_t nr_pages, struct fault *fault);
void layout_free(struct layout *layout);

static inline uint64_t layout_virt(const struct layout *layout, uint64_t pfn)
{
	return layout->virt_base + (pfn << 12);
}

/* Writes the @index-th table, for the frames that @p2m names, into its page. */
void layout_fill_table(const struct layout *layout, const xen_pfn_t *p2m, unsigned int index,
		       uint64_t page[512]);

#endif
