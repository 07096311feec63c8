/* SPDX-License-Identifier: MIT */
/*
 * The page allocator: a buddy system over pfns.
 *
 * state[pfn] is the order of a free block that begins there, with FREE set, or 0. A free block's
 * first page holds its links, so every free page must be mapped writable. Blocks are aligned to
 * their size in pfn; two neighbours that together would be such a block are never both free.
 */
#include <string.h>
#include <minios/irq.h>
#include <minios/list.h>
#include <minios/mm.h>
#include <minios/pages.h>
#include <minios/panic.h>

#define MAX_ORDER 18
#define FREE      0x80

static struct list free_lists[MAX_ORDER + 1];
static uint8_t *state;
static pfn_t end_pfn;
static unsigned long free_pages;

void pages_init(uint8_t *states, pfn_t end)
{
	unsigned int order;

	state = states;
	end_pfn = end;
	memset(state, 0, end);
	for (order = 0; order <= MAX_ORDER; order++)
		list_init(&free_lists[order]);
}

static void insert(pfn_t pfn, unsigned int order)
{
	state[pfn] = FREE | order;
	list_add(&free_lists[order], pfn_to_virt(pfn));
}

static void take_out(pfn_t pfn)
{
	state[pfn] = 0;
	list_del(pfn_to_virt(pfn));
}

static void free_block(pfn_t pfn, unsigned int order)
{
	pfn_t buddy;

	BUG_ON(state[pfn]);
	free_pages += 1ul << order;
	for (; order < MAX_ORDER; order++) {
		buddy = pfn ^ (1ul << order);
		if (buddy >= end_pfn || state[buddy] != (FREE | order))
			break;
		take_out(buddy);
		pfn &= ~(1ul << order);
	}
	insert(pfn, order);
}

void *pages_alloc(unsigned int order)
{
	unsigned int have = order;
	bool masked = irq_save();
	pfn_t pfn;

	while (have <= MAX_ORDER && list_empty(&free_lists[have]))
		have++;
	if (have > MAX_ORDER) {
		irq_restore(masked);
		return NULL;
	}
	pfn = virt_to_pfn(free_lists[have].next);
	take_out(pfn);
	/* Give back the upper halves. */
	while (have > order) {
		have--;
		insert(pfn + (1ul << have), have);
	}
	free_pages -= 1ul << order;
	irq_restore(masked);
	return pfn_to_virt(pfn);
}

void pages_free(void *p, unsigned int order)
{
	bool masked = irq_save();

	BUG_ON((uintptr_t)p & (PAGE_SIZE - 1) || virt_to_pfn(p) >= end_pfn);
	free_block(virt_to_pfn(p), order);
	irq_restore(masked);
}

void pages_add(pfn_t from, pfn_t to)
{
	for (; from < to; from++)
		free_block(from, 0);
}

void *page_alloc_zero(void)
{
	void *p = page_alloc();

	return p ? memset(p, 0, PAGE_SIZE) : NULL;
}

unsigned long pages_free_count(void)
{
	return free_pages;
}

pfn_t pages_end(void)
{
	return end_pfn;
}
