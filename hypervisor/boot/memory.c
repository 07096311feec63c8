/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory at boot. Free RAM is a set of address ranges; page tables, frame table and M2P are cut off
 * it, and the rest goes to the allocator. The first megabyte stays the firmware's and ours.
 */
#include "hypervisor/boot/memory.h"

#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/boot/boot_info.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"

#define LOW_MEMORY	MiB(1)
#define RANGES_MAX	512

extern const char image_start[], image_end[];

static struct range storage[RANGES_MAX];
static struct rangeset free_ram;

static void must(int rc)
{
	if (rc)
		panic("the memory map has too many pieces");
}

static u64 usable_end(const struct machine_region *r)
{
	return MIN((r->start + r->size) & PAGE_MASK, (u64)DIRECT_MAP_SIZE);
}

static void collect_ram(const struct machine_map *map)
{
	for (u32 i = 0; i < map->nr; i++) {
		const struct machine_region *r = &map->region[i];
		u64 start = MAX(ROUND_UP(r->start, PAGE_SIZE), LOW_MEMORY), end = usable_end(r);

		if (r->type != RAM_USABLE || start >= end)
			continue;
		must(rangeset_add(&free_ram, start, end - 1));
		max_mfn = end >> PAGE_SHIFT;	/* the map is sorted */
	}
}

static void reserve(u64 start, u64 end)
{
	must(rangeset_remove(&free_ram, start & PAGE_MASK, ROUND_UP(end, PAGE_SIZE) - 1));
}

static void reserve_in_use(const struct boot_info *info)
{
	reserve(IMAGE_LOAD, IMAGE_LOAD + (image_end - image_start));
	for (u32 i = 0; i < info->nr_modules; i++)
		reserve(info->module[i].start, info->module[i].start + info->module[i].size);
}

/* The highest piece below @limit: low memory is worth more to devices. */
static paddr_t cut_off(u64 size, u64 align, u64 limit)
{
	for (u32 i = free_ram.nr; i-- > 0;) {
		const struct range *r = &free_ram.ranges[i];
		u64 end = MIN(r->last + 1, limit), at;

		if (end < size)
			continue;
		at = (end - size) & ~(align - 1);
		if (at < r->start)
			continue;
		must(rangeset_remove(&free_ram, at, at + size - 1));
		return at;
	}
	panic("no %lu KiB of free memory below %#lx", size >> 10, limit);
}

static paddr_t alloc_low(u64 size, u64 align)
{
	return cut_off(size, align, GiB(4));
}

static paddr_t alloc_anywhere(u64 size, u64 align)
{
	return cut_off(size, align, DIRECT_MAP_SIZE);
}

static void fill_allocator(void)
{
	for (u32 i = 0; i < free_ram.nr; i++) {
		const struct range *r = &free_ram.ranges[i];

		alloc_add_range(PFN_UP(r->start), PFN_DOWN(r->last + 1));
	}
}

static void log_map(const struct machine_map *map)
{
	static const char *const names[] = { "", "usable", "reserved", "ACPI", "NVS", "bad" };

	for (u32 i = 0; i < map->nr; i++) {
		const struct machine_region *r = &map->region[i];

		log_debug("  %012lx-%012lx %s", r->start, r->start + r->size - 1, names[r->type]);
	}
}

void memory_init(const struct boot_info *info)
{
	log_debug("Memory map:");
	log_map(&info->map);
	machine_map = info->map;
	rangeset_init_fixed(&free_ram, storage, RANGES_MAX);
	collect_ram(&machine_map);
	reserve_in_use(info);
	map_init(&machine_map, alloc_low);
	map_protect_image();
	/* From here on all RAM can be reached, but tables still come from the set. */
	map_boot_alloc = alloc_anywhere;
	map_init_tables(alloc_anywhere);
	map_init_done();
	fill_allocator();
	log_info("Memory: %lu MiB of RAM up to %#lx, %lu MiB free",
		 total_frames >> (20 - PAGE_SHIFT), max_mfn << PAGE_SHIFT,
		 free_frame_count() >> (20 - PAGE_SHIFT));
}

/* As one set, in case a loader lets two modules share a page. */
void memory_free_modules(const struct boot_info *info)
{
	struct range ranges[BOOT_MODULES_MAX + 1];
	struct rangeset modules;

	rangeset_init_fixed(&modules, ranges, BOOT_MODULES_MAX + 1);
	for (u32 i = 0; i < info->nr_modules; i++) {
		const struct boot_module *m = &info->module[i];

		must(rangeset_add(&modules, PFN_DOWN(m->start), PFN_UP(m->start + m->size) - 1));
	}
	for (u32 i = 0; i < modules.nr; i++)
		if (modules.ranges[i].start >= PFN_DOWN(LOW_MEMORY))
			alloc_add_range(modules.ranges[i].start, modules.ranges[i].last + 1);
}
