/* SPDX-License-Identifier: MIT */
/*
 * From the builder's page tables to our memory: the direct map, and the free pages.
 *
 * The builder mapped [VIRT_BASE, some end) one to one: image, module (unless it lies apart), p2m,
 * start_info, rings, page tables, and at least half a megabyte beyond. What follows the page tables
 * is free. The direct map is continued to the last page with tables taken from there, lowest first;
 * each of them makes 512 further pages usable, so they never run out.
 *
 * The toolstack's limit may be above what we begin with. The lists of pages are made long enough for
 * that, so that the balloon can bring more; the direct map is continued when it does.
 */
#include <errno.h>
#include <string.h>
#include <minios/arch/paging.h>
#include <minios/hypercall.h>
#include <minios/p2m.h>
#include <minios/pages.h>
#include <minios/panic.h>
#include <minios/printk.h>
#include <minios/start.h>
#include "pvabi/memory.h"

/* Fresh pages mapped or unmapped at once. */
#define BATCH 32

#define DIRECT_PAGES ((DIRECT_END - VIRT_BASE) >> PAGE_SHIFT)

/* One of what XENMEM_memory_map tells. */
struct e820_entry {
	uint64_t addr, size;
	uint32_t type;
} __attribute__((packed));

extern char text_end[], rodata_end[], image_start[];

/* The next free page during mm_init(), and the first pfn that is not mapped yet. */
static pfn_t boot_next, mapped_end;

/* [first, last) of a ramdisk that the builder left outside its mapping. */
static pfn_t module_first, module_last;

static void find_module(void)
{
	if (!start_info->mod_len)
		return;
	module_first = start_info->flags & SIF_MOD_START_PFN ?
			       start_info->mod_start :
			       virt_to_pfn((void *)start_info->mod_start);
	module_last = module_first + ((start_info->mod_len + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

static void *boot_page(void)
{
	if (boot_next == module_first)
		boot_next = module_last;
	BUG_ON(boot_next >= mapped_end);
	return memset(pfn_to_virt(boot_next++), 0, PAGE_SIZE);
}

static pte_t direct_pte(pfn_t pfn)
{
	return (uint64_t)pfn_to_mfn(pfn) << PAGE_SHIFT | PTE_KERNEL;
}

/* Fills a new level-1 table before it becomes one: cheaper than an entry at a time. */
static void map_new_table(pfn_t pfn, pfn_t last)
{
	uintptr_t va = (uintptr_t)pfn_to_virt(pfn);
	pte_t *table;
	pfn_t p;

	for (unsigned int level = PT_LEVELS; level > 2; level--)
		if (!(*pt_walk(va, level) & PTE_PRESENT))
			BUG_ON(pt_link(va, level, boot_page()));
	table = boot_page();
	for (p = pfn; p < last; p++)
		table[pt_index((uintptr_t)pfn_to_virt(p), 1)] = direct_pte(p);
	BUG_ON(pt_link(va, 2, table));
}

static void map_one(pfn_t pfn)
{
	const pte_t *entry = pt_walk((uintptr_t)pfn_to_virt(pfn), 1);
	struct priv_pt_write write = { .where = pt_machine(entry), .value = direct_pte(pfn) };

	if (!(*entry & PTE_PRESENT))
		BUG_ON(priv_pt_write(&write, 1, NULL, DOMID_SELF));
}

/* Maps from mapped_end to the end of its level-1 table, or to end. */
static void extend_direct_map(pfn_t end)
{
	pfn_t last = (mapped_end | (PT_ENTRIES - 1)) + 1;

	if (last > end)
		last = end;
	if (pt_walk((uintptr_t)pfn_to_virt(mapped_end), 1)) {
		for (; mapped_end < last; mapped_end++)
			map_one(mapped_end);
		return;
	}
	map_new_table(mapped_end, last);
	mapped_end = last;
}

static void build_direct_map(pfn_t end)
{
	mapped_end = boot_next;
	while (mapped_end < end && map_lookup(pfn_to_virt(mapped_end)))
		mapped_end++;
	while (mapped_end < end)
		extend_direct_map(end);
}

/* Code and constants of the image: read-only from now on. */
static void protect_image(void)
{
	char *p;

	for (p = image_start; p < rodata_end; p += PAGE_SIZE)
		BUG_ON(map_set(p, (uint64_t)virt_to_mfn(p) << PAGE_SHIFT | PTE_KERNEL_RO));
}

static void add_free(pfn_t from, pfn_t to)
{
	if (module_first < to && module_last > from) {
		if (module_first > from)
			pages_add(from, module_first);
		if (module_last < to)
			pages_add(module_last, to);
	} else {
		pages_add(from, to);
	}
}

/* Side by side: they go behind a module that is in the way. */
static void *boot_pages(size_t bytes)
{
	pfn_t pages = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT, first;

	if (boot_next < module_last && boot_next + pages > module_first)
		boot_next = module_last;
	first = boot_next;
	boot_next += pages;
	return pfn_to_virt(first);
}

/* As many pages as the toolstack may ever give us, but what describes them shall leave us most of our own. */
static pfn_t find_limit(pfn_t end)
{
	struct e820_entry ram = { 0 };
	struct xen_memory_map map = { .nr_entries = 1 };
	pfn_t first = boot_next < module_last ? module_last : boot_next;
	pfn_t most = (end - first) / 4 * (PAGE_SIZE / (sizeof(mfn_t) + 1)), limit;

	set_xen_guest_handle(map.buffer, &ram);
	if (hypercall_memory_op(XENMEM_memory_map, &map))
		return end;
	limit = (ram.addr + ram.size) >> PAGE_SHIFT;
	if (limit > most)
		limit = most;
	if (limit > DIRECT_PAGES)
		limit = DIRECT_PAGES;
	return limit > end ? limit : end;
}

/* A longer list of frames than the builder's, whose pages are free then. */
static void extend_list(pfn_t limit)
{
	pfn_t old = virt_to_pfn((void *)start_info->mfn_list), entries = p2m_entries(), p;
	mfn_t *list = boot_pages(limit * sizeof(*list));

	for (p = 0; p < limit; p++)
		list[p] = pfn_to_mfn(p);
	p2m_init(list, limit);
	pages_add(old, old + (entries * sizeof(*list) + PAGE_SIZE - 1) / PAGE_SIZE);
}

void mm_init(void)
{
	pfn_t end = start_info->nr_pages, limit;

	if (end > DIRECT_PAGES) {
		printk("memory: %lu pages beyond the direct map stay unused\n",
		       end - DIRECT_PAGES);
		end = DIRECT_PAGES;
	}
	find_module();
	boot_next = virt_to_pfn((void *)start_info->pt_base) + start_info->nr_pt_frames;
	build_direct_map(end);
	limit = find_limit(end);
	pages_init(boot_pages(limit), limit);
	if (limit > p2m_entries())
		extend_list(limit);
	add_free(boot_next, end);
	protect_image();
}

const void *start_module(size_t *size)
{
	*size = start_info->mod_len;
	return *size && module_last <= pages_end() ? pfn_to_virt(module_first) : NULL;
}

/* --- fresh pages at addresses outside the direct map: heap, stacks, applications -------------- */
static void free_frames(const mfn_t *frames, size_t count)
{
	while (count--)
		page_free(pfn_to_virt(mfn_to_pfn(frames[count])));
}

/* At most BATCH pages: all or none. */
static int map_batch(char *addr, size_t count, pte_t flags)
{
	mfn_t frames[BATCH];
	void *page;
	size_t n;
	int ret;

	for (n = 0; n < count; n++) {
		page = page_alloc_zero();
		if (!page) {
			free_frames(frames, n);
			return -ENOMEM;
		}
		frames[n] = virt_to_mfn(page);
	}
	ret = map_frames(addr, frames, count, flags, DOMID_SELF, NULL);
	if (!ret)
		return 0;
	unmap_pages(addr, count);
	free_frames(frames, count);
	return ret < 0 ? ret : -EFAULT;
}

int anon_map(void *addr, size_t count, pte_t flags)
{
	char *p = addr;
	size_t at, n;
	int ret;

	for (at = 0; at < count; at += n) {
		n = count - at < BATCH ? count - at : BATCH;
		ret = map_batch(p + at * PAGE_SIZE, n, flags);
		if (ret) {
			anon_unmap(addr, at);
			return ret;
		}
	}
	return 0;
}

/* The frames are free for another use only after nothing maps them. */
void anon_unmap(void *addr, size_t count)
{
	mfn_t frames[BATCH];
	char *p = addr;
	size_t n, i;

	for (; count; count -= n, p += n * PAGE_SIZE) {
		n = count < BATCH ? count : BATCH;
		for (i = 0; i < n; i++) {
			frames[i] = virt_to_mfn(p + i * PAGE_SIZE);
			BUG_ON(frames[i] == INVALID_MFN);
		}
		unmap_pages(p, n);
		free_frames(frames, n);
	}
}
