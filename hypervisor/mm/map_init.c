/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's address space as it is put together at boot (arch/layout.h). */
#include "hypervisor/mm/map.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/tlb.h"

extern const char image_start[], image_text_end[], image_rodata_end[], image_end[];
extern const char boot_stack_guard[];	/* boot/head.S */

static void must_map(u64 virt, paddr_t paddr, u64 size, u64 flags)
{
	int rc = map_range(virt, paddr, size, flags);

	if (rc)
		panic("cannot map %#lx bytes at %#lx: error %d", size, virt, rc);
}

/* The root, with an L3 table in each of our slots; only the guests' M2P may be seen by users. */
static void make_root(void)
{
	paddr_t root = map_boot_alloc(PAGE_SIZE, PAGE_SIZE);
	u64 *l4 = mfn_to_virt(root >> PAGE_SHIFT);

	clear_page(l4);
	for (unsigned i = HV_FIRST_SLOT; i <= HV_LAST_SLOT; i++) {
		paddr_t l3 = map_boot_alloc(PAGE_SIZE, PAGE_SIZE);

		clear_page(mfn_to_virt(l3 >> PAGE_SHIFT));
		l4[i] = l3 | PTE_PRESENT | PTE_RW | PTE_ACCESSED |
			(i == HV_FIRST_SLOT ? PTE_USER : 0);
	}
	hv_root_mfn = root >> PAGE_SHIFT;
}

static void map_image(void)
{
	must_map(IMAGE_BASE, IMAGE_LOAD, image_end - image_start, MAP_RW | MAP_EXEC);
}

/* Usable RAM only: no cached alias of what may be a device. */
static void map_ram(const struct machine_map *map)
{
	for (u32 i = 0; i < map->nr; i++) {
		const struct machine_region *r = &map->region[i];
		u64 start = ROUND_UP(r->start, PAGE_SIZE);
		u64 end = MIN((r->start + r->size) & PAGE_MASK, (u64)DIRECT_MAP_SIZE);

		if (r->type == RAM_USABLE && start < end)
			must_map(DIRECT_MAP_BASE + start, start, end - start, MAP_RW);
	}
}

/* L1 tables for all CPU windows; their entries come and go with what runs. */
static void make_cpu_windows(void)
{
	u64 end = CPU_WINDOW_BASE + MAX_CPUS * CPU_WINDOW_SIZE;

	for (u64 at = CPU_WINDOW_BASE; at < end; at += MiB(2)) {
		must_map(at, 0, PAGE_SIZE, MAP_RO);
		unmap_range(at, PAGE_SIZE);
	}
}

void map_init(const struct machine_map *map, boot_alloc_fn alloc)
{
	map_boot_alloc = alloc;
	make_root();
	map_image();
	map_ram(map);
	tlb_load_cr3(hv_root_mfn << PAGE_SHIFT);
	make_cpu_windows();
}

/* Backs [virt, virt + size) with 2 MiB pages, and what is left with small ones if they may be. */
static void back_with_memory(u64 virt, u64 size, bool only_large, boot_alloc_fn alloc)
{
	u64 end = virt + ROUND_UP(size, only_large ? MiB(2) : PAGE_SIZE);

	while (virt < end) {
		u64 step = end - virt >= MiB(2) ? MiB(2) : PAGE_SIZE;

		must_map(virt, alloc(step, step), step, MAP_RW);
		virt += step;
	}
}

/* Guests see the M2P itself, not a copy. */
static void show_m2p_to_guests(u64 size)
{
	for (u64 at = 0; at < size; at += MiB(2))
		must_map(M2P_GUEST + at, hv_virt_to_phys((void *)(M2P_BASE + at)), MiB(2),
			 MAP_RO | MAP_USER);
}

/* Its frames are ours, but the control domain may be shown them: see XENMEM_machphys_mfn_list. */
static void manage_m2p_frames(u64 virt, u64 size)
{
	for (u64 at = virt; at < virt + size; at += PAGE_SIZE) {
		mfn_t mfn = hv_virt_to_phys((void *)at) >> PAGE_SHIFT;

		mfn_to_frame(mfn)->flags = 0;
	}
}

void map_init_tables(boot_alloc_fn alloc)
{
	u64 frames = max_mfn * sizeof(struct frame);
	u64 m2p = ROUND_UP(max_mfn * sizeof(u64), MiB(2));
	u64 compat = ROUND_UP(max_mfn * sizeof(u32), MiB(2));

	back_with_memory(FRAME_TABLE_BASE, frames, false, alloc);
	back_with_memory(M2P_BASE, m2p, true, alloc);
	back_with_memory(COMPAT_M2P_BASE, compat, true, alloc);
	show_m2p_to_guests(m2p);
	memset((void *)M2P_BASE, 0x55, m2p);
	memset((void *)COMPAT_M2P_BASE, 0x55, compat);
	memset(frame_table, 0, frames);
	for (mfn_t mfn = 0; mfn < max_mfn; mfn++)
		mfn_to_frame(mfn)->flags = FRAME_UNMANAGED;
	manage_m2p_frames(M2P_BASE, m2p);
	manage_m2p_frames(COMPAT_M2P_BASE, compat);
}

void map_init_done(void)
{
	map_boot_alloc = NULL;
}

void map_protect_image(void)
{
	u64 text = (u64)image_start, rodata = (u64)image_text_end, data = (u64)image_rodata_end;

	protect_range(text, rodata - text, MAP_RO | MAP_EXEC);
	protect_range(rodata, data - rodata, MAP_RO);
	protect_range(data, (u64)image_end - data, MAP_RW);
	unmap_range((u64)boot_stack_guard, PAGE_SIZE);
}
