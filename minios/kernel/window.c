/* SPDX-License-Identifier: MIT */
/* Address space of the map window: a bitmap of pages, searched from where the last search ended. */
#include <minios/mm.h>
#include <minios/panic.h>

#define WORD_BITS (8 * sizeof(unsigned long))

static unsigned long used[WINDOW_PAGES / (8 * sizeof(unsigned long))];
static size_t hint;

static bool is_used(size_t page)
{
	return used[page / WORD_BITS] >> (page % WORD_BITS) & 1;
}

static void mark(size_t page, size_t count, bool as)
{
	for (; count; count--, page++) {
		BUG_ON(is_used(page) == as);
		used[page / WORD_BITS] ^= 1ul << (page % WORD_BITS);
	}
}

/* First page of a free run of count in [from, to), or to. */
static size_t find_run(size_t from, size_t to, size_t count)
{
	size_t page, run = 0;

	for (page = from; page < to; page++) {
		run = is_used(page) ? 0 : run + 1;
		if (run == count)
			return page + 1 - count;
	}
	return to;
}

void *window_alloc(size_t count)
{
	size_t page;

	if (!count || count > WINDOW_PAGES)
		return NULL;
	page = find_run(hint, WINDOW_PAGES, count);
	if (page == WINDOW_PAGES)
		page = find_run(0, WINDOW_PAGES, count);
	if (page == WINDOW_PAGES)
		return NULL;
	mark(page, count, true);
	hint = page + count;
	return (void *)(WINDOW_START + (uintptr_t)page * PAGE_SIZE);
}

void window_free(void *addr, size_t count)
{
	size_t page = ((uintptr_t)addr - WINDOW_START) >> PAGE_SHIFT;

	BUG_ON(page >= WINDOW_PAGES || count > WINDOW_PAGES - page);
	mark(page, count, false);
	/* Low addresses first: the tables for them exist already. */
	if (page < hint)
		hint = page;
}
