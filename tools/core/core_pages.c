/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which memory a domain has: by the list that PV guests keep for the toolstack, three levels of
 * frames of frame numbers which its shared page leads to.
 *
 * The guest may have written anything there. Frames that are not its own cannot be mapped, and how
 * much is taken is bounded by what it has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/core/core_impl.h"
#include "tools/platform/platform.h"

#define MAX_PFN (1ull << 28) /* a tebibyte */

/* Where the shared page says how many entries the list has, and its root. */
#define SHARED_LIST32 offsetof(struct foreign_shared32, max_pfn)
#define SHARED_LIST64 offsetof(struct foreign_shared64, max_pfn)

int core_copy_page(const struct core *core, uint64_t mfn, void *out)
{
	xen_pfn_t frame = mfn;
	void *va;

	if (frame != mfn || plat_map_frames(&va, core->domid, &frame, 1, false)) {
		memset(out, 0, CORE_PAGE);
		return -EFAULT;
	}
	memcpy(out, va, CORE_PAGE);
	plat_unmap_frames(va, 1);
	return 0;
}

/* The @i-th word of the guest's width; a frame number with no frame is all ones. */
static uint64_t word(const struct core *core, const void *page, size_t i)
{
	uint64_t w64;
	uint32_t w32;

	if (core->is64) {
		memcpy(&w64, (const char *)page + 8 * i, 8);
		/* The topmost bits say that a frame is foreign or mapped one to one. */
		return w64 >> 62 ? UINT64_MAX : w64;
	}
	memcpy(&w32, (const char *)page + 4 * i, 4);
	return w32 >> 30 ? UINT64_MAX : w32;
}

struct list {
	struct core *core;
	uint64_t max_pfn, max; /* entries to look at, pages to take */
	char level[3][CORE_PAGE]; /* the pages that lead to pfn, root first */
};

static void take_leaf(struct list *l, uint64_t pfn, size_t per_page)
{
	struct core *core = l->core;
	uint64_t mfn;
	size_t i;

	for (i = 0; i < per_page && pfn + i < l->max_pfn && core->nr_pages < l->max; i++) {
		mfn = word(core, l->level[2], i);
		if (mfn != UINT64_MAX)
			core->pages[core->nr_pages++] = (struct core_page){ pfn + i, mfn };
	}
}

static void take_list(struct list *l)
{
	size_t per_page = CORE_PAGE / (l->core->is64 ? 8 : 4), at[2];
	uint64_t pfn, leaf, middle = UINT64_MAX;

	for (pfn = 0; pfn < l->max_pfn && l->core->nr_pages < l->max; pfn += per_page) {
		leaf = pfn / per_page;
		at[0] = leaf / per_page;
		at[1] = leaf % per_page;
		if (at[0] >= per_page)
			return;
		if (at[0] != middle &&
		    core_copy_page(l->core, word(l->core, l->level[0], at[0]), l->level[1]))
			memset(l->level[1], 0xff, CORE_PAGE);
		middle = at[0];
		if (!core_copy_page(l->core, word(l->core, l->level[1], at[1]), l->level[2]))
			take_leaf(l, pfn, per_page);
		plat_yield();
	}
}

int core_find_pages(struct core *core, uint64_t max, struct fault *fault)
{
	size_t at = core->is64 ? SHARED_LIST64 / 8 : SHARED_LIST32 / 4;
	struct list *l = malloc(sizeof(*l));

	core->pages = malloc(max * sizeof(*core->pages));
	if (!l || !core->pages) {
		free(l);
		return fault_set(fault, -ENOMEM, "no memory for a list of %llu pages",
				 (unsigned long long)max);
	}
	l->core = core;
	l->max = max;
	l->max_pfn = word(core, core->shared_info, at);
	if (l->max_pfn > MAX_PFN)
		l->max_pfn = MAX_PFN;
	if (!core_copy_page(core, word(core, core->shared_info, at + 1), l->level[0]))
		take_list(l);
	free(l);
	return core->nr_pages ? 0 :
				fault_set(fault, -ENODATA,
					  "the guest has not told which memory it has");
}
