/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's address space, for gdb: a walk of the first vCPU's page tables.
 *
 * Tables may name one another in any way, so the walk is bounded by the number of tables read, and
 * what it finds by CORE_MAX_LOADS. It goes from the top down, since that is where kernels stand: what
 * is too much is left out at the bottom. Of entries in a row that name the same frame only the last
 * is followed: Linux fills a GiB of addresses (its list of frames) and more (its espfix stacks) so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/core/core_impl.h"
#include "tools/platform/platform.h"

#define ENTRIES	    512u
#define PRESENT	    1u
#define LARGE	    0x80u
#define ADDRESS	    0x000ffffffffff000ull
#define LOADS_CHUNK 1024u

struct walk {
	struct core *core;
	uint32_t *by_mfn; /* indices into pages[], in the order of mfns */
	uint64_t tables_left;
	uint32_t capacity; /* of loads[] */
	uint64_t table[4][ENTRIES];
	int rc;
};

/* qsort() hands no context over; all threads that could sort take turns. */
static const struct core_page *sorting;

static int compare_mfns(const void *a, const void *b)
{
	uint64_t x = sorting[*(const uint32_t *)a].mfn, y = sorting[*(const uint32_t *)b].mfn;

	return x < y ? -1 : x > y;
}

/* The page of the file that holds @mfn, or nr_pages. */
static uint32_t find_page(const struct walk *w, uint64_t mfn)
{
	const struct core *core = w->core;
	uint32_t low = 0, high = core->nr_pages, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (core->pages[w->by_mfn[middle]].mfn < mfn)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < core->nr_pages && core->pages[w->by_mfn[low]].mfn == mfn)
		return w->by_mfn[low];
	return core->nr_pages;
}

static void add(struct walk *w, uint64_t va, uint32_t page)
{
	struct core *core = w->core;
	struct core_load *last = core->nr_loads ? &core->loads[core->nr_loads - 1] : NULL;
	struct core_load *more;

	if (last && va + CORE_PAGE == last->va && page + 1 == last->first) {
		last->va = va;
		last->first = page;
		last->count++;
		return;
	}
	if (core->nr_loads == CORE_MAX_LOADS)
		return;
	if (core->nr_loads == w->capacity) {
		more = realloc(core->loads, (w->capacity + LOADS_CHUNK) * sizeof(*more));
		if (!more) {
			w->rc = -ENOMEM;
			return;
		}
		core->loads = more;
		w->capacity += LOADS_CHUNK;
	}
	core->loads[core->nr_loads++] = (struct core_load){ va, page, 1 };
}

static uint64_t canonical(uint64_t va)
{
	return va >> 47 & 1 ? va | 0xffff000000000000ull : va;
}

/* Level 1 maps pages; the depth is bounded by @level, the work by tables_left. */
static void walk_table(struct walk *w, uint64_t mfn, unsigned int level, uint64_t va)
{
	uint64_t *table = w->table[level - 1], last = UINT64_MAX;
	unsigned int i = level == 3 && !w->core->is64 ? 4 : ENTRIES;
	uint32_t page;

	if (!w->tables_left)
		return;
	w->tables_left--;
	if (find_page(w, mfn) == w->core->nr_pages || core_copy_page(w->core, mfn, table))
		return;
	plat_yield();
	while (i-- && !w->rc) {
		uint64_t at = va + ((uint64_t)i << (12 + 9 * (level - 1)));
		uint64_t frame = (table[i] & ADDRESS) >> 12;

		if (!(table[i] & PRESENT) || (level == 2 && table[i] & LARGE) || frame == last)
			continue;
		last = frame;
		if (level > 1) {
			walk_table(w, frame, level - 1, at);
			continue;
		}
		page = find_page(w, frame);
		if (page < w->core->nr_pages)
			add(w, w->core->is64 ? canonical(at) : at, page);
	}
}

static uint64_t root_frame(const struct core *core)
{
	const struct foreign_context32 *c32 = (const void *)core->contexts;
	const struct foreign_context64 *c64 = (const void *)core->contexts;

	if (core->is64)
		return c64->ctrlreg[3] >> 12;
	return (uint32_t)c32->ctrlreg[3] >> 12 | (uint32_t)c32->ctrlreg[3] << 20;
}

int core_find_loads(struct core *core)
{
	struct walk *w = calloc(1, sizeof(*w));
	uint32_t i;
	int rc = -ENOMEM;

	if (!w)
		return -ENOMEM;
	w->core = core;
	w->by_mfn = malloc(core->nr_pages * sizeof(*w->by_mfn));
	if (w->by_mfn) {
		for (i = 0; i < core->nr_pages; i++)
			w->by_mfn[i] = i;
		sorting = core->pages;
		qsort(w->by_mfn, core->nr_pages, sizeof(*w->by_mfn), compare_mfns);
		w->tables_left = 2ull * core->nr_pages;
		walk_table(w, root_frame(core), core->is64 ? 4 : 3, 0);
		rc = w->rc;
	}
	free(w->by_mfn);
	free(w);
	return rc;
}
