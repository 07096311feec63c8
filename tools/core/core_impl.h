/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of a core share. */
#ifndef TOOLS_CORE_CORE_IMPL_H
#define TOOLS_CORE_CORE_IMPL_H

#include "tools/builder/foreign.h"
#include "tools/core/core.h"
#include "tools/lib/buf.h"

#define CORE_PAGE      4096u
#define CORE_MAX_VCPUS 32u
#define CORE_MAX_LOADS 60000u /* program headers are counted in 16 bits */

struct core_page {
	uint64_t pfn, mfn; /* as they stand in .xen_p2m */
};

/* Virtual addresses and the pages behind them, side by side. */
struct core_load {
	uint64_t va;
	uint32_t first, count; /* pages of the file */
};

struct core {
	domid_t domid;
	bool is64;
	unsigned int nr_vcpus;
	char *contexts; /* of nr_vcpus, in the guest's layout */
	unsigned int vcpu_ids[CORE_MAX_VCPUS];
	char shared_info[CORE_PAGE];
	struct core_page *pages;
	uint32_t nr_pages;
	struct core_load *loads; /* downwards */
	uint32_t nr_loads;
	/* The file: head, pages, tail. */
	struct buf head, tail;
	/* After core_keep(): a copy of each page, NULL where it is zero. */
	char **kept;
};

static inline size_t core_context_size(bool is64)
{
	return is64 ? sizeof(struct foreign_context64) : sizeof(struct foreign_context32);
}

/* --- core_pages.c ----------------------------------------------------------------------------- */
/* A copy of one page of the domain; zeros and -EFAULT if there is none. */
int core_copy_page(const struct core *core, uint64_t mfn, void *out);
/* Fills pages[] by the list the guest keeps of its memory, at most @max of them. */
int core_find_pages(struct core *core, uint64_t max, struct fault *fault);

/* --- core_loads.c ----------------------------------------------------------------------------- */
/* Fills loads[] by walking the page tables of the first vCPU, the highest address first. */
int core_find_loads(struct core *core);

/* --- core_elf.c ------------------------------------------------------------------------------- */
/* Writes head and tail, once all else is there. */
int core_write_elf(struct core *core);

#endif
