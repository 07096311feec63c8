/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's own page tables. The sixteen L3 tables exist from the start and hang in every
 * address space, so what is mapped below them is seen everywhere at once.
 */
#include "hypervisor/mm/map.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/tlb.h"

#define ENTRIES		512
#define TABLE_FLAGS	(PTE_PRESENT | PTE_RW | PTE_ACCESSED)
#define LEAF_FLAGS	(PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY)

u64 hv_root_mfn;
boot_alloc_fn map_boot_alloc;

/* Guards all entries below the sixteen slots, and the device map's end. */
static struct spinlock map_lock = SPINLOCK_INIT("map", RANK_MAP);
static u64 device_map_end = DEVICE_MAP_BASE;

static u64 bytes_of_level(unsigned level)
{
	return PAGE_SIZE << (9 * (level - 1));
}

static unsigned index_at(u64 virt, unsigned level)
{
	return virt >> (PAGE_SHIFT + 9 * (level - 1)) & (ENTRIES - 1);
}

static u64 *table_in(u64 entry)
{
	return mfn_to_virt((entry & PTE_ADDR) >> PAGE_SHIFT);
}

static u64 new_table(void)
{
	void *page;

	if (map_boot_alloc) {
		paddr_t at = map_boot_alloc(PAGE_SIZE, PAGE_SIZE);

		clear_page(mfn_to_virt(at >> PAGE_SHIFT));
		return at;
	}
	page = alloc_page();
	return page ? virt_to_mfn(page) << PAGE_SHIFT : 0;
}

/*
 * The entry for @virt at @level. Missing tables on the way are made when @make holds the flags for
 * them; without, or when a large page or lack of memory is in the way, the result is NULL.
 */
static u64 *walk(u64 virt, unsigned level, u64 make)
{
	u64 *table = mfn_to_virt(hv_root_mfn);

	for (unsigned at = 4; at > level; at--) {
		u64 *entry = &table[index_at(virt, at)];

		if (!(*entry & PTE_PRESENT)) {
			u64 new = make ? new_table() : 0;

			if (!new)
				return NULL;
			*entry = new | make;
		} else if (at < 4 && (*entry & PTE_PSE)) {
			return NULL;
		}
		table = table_in(*entry);
	}
	return &table[index_at(virt, level)];
}

/* The largest page that starts at both addresses and does not reach beyond @size. */
static unsigned best_level(u64 virt, paddr_t paddr, u64 size)
{
	for (unsigned level = cpu_has.gib_pages ? 3 : 2; level > 1; level--) {
		u64 bytes = bytes_of_level(level);

		if (!((virt | paddr) & (bytes - 1)) && size >= bytes)
			return level;
	}
	return 1;
}

static u64 leaf_flags(u64 flags, unsigned level)
{
	u64 nx = flags & MAP_EXEC ? 0 : PTE_NX;

	return (flags & ~MAP_EXEC) | nx | LEAF_FLAGS | (level > 1 ? PTE_PSE : 0);
}

static int map_locked(u64 virt, paddr_t paddr, u64 size, u64 flags)
{
	while (size) {
		unsigned level = best_level(virt, paddr, size);
		u64 *entry = walk(virt, level, TABLE_FLAGS | (flags & MAP_USER));
		u64 step = bytes_of_level(level);

		if (!entry)
			return -ENOMEM;
		if (*entry & PTE_PRESENT)
			return -EEXIST;
		*entry = paddr | leaf_flags(flags, level);
		virt += step;
		paddr += step;
		size -= step;
	}
	return 0;
}

int map_range(u64 virt, paddr_t paddr, u64 size, u64 flags)
{
	int rc;

	lock(&map_lock);
	rc = map_locked(virt, paddr, size, flags);
	unlock(&map_lock);
	return rc;
}

/* The level of the page that maps @virt, and its entry; 0 when nothing does. */
static unsigned find_leaf(u64 virt, u64 **entry)
{
	for (unsigned level = 3; level > 0; level--) {
		*entry = walk(virt, level, 0);
		if (!*entry || !(**entry & PTE_PRESENT))
			return 0;
		if (level == 1 || **entry & PTE_PSE)
			return level;
	}
	return 0;
}

void unmap_range(u64 virt, u64 size)
{
	u64 at = virt, end = virt + size;

	lock(&map_lock);
	while (at < end) {
		u64 *entry;
		unsigned level = find_leaf(at, &entry);

		if (level)
			*entry = 0;
		at += bytes_of_level(level ?: 1);
	}
	unlock(&map_lock);
	for (at = virt; at < end; at += PAGE_SIZE)
		invlpg(at);
	tlb_flush(~0ul >> (64 - nr_cpus) & ~BIT(this_cpu()->id));
}

void protect_range(u64 virt, u64 size, u64 flags)
{
	lock(&map_lock);
	for (u64 at = virt; at < virt + size; at += PAGE_SIZE) {
		u64 *entry = walk(at, 1, 0);

		BUG_ON(!entry);
		*entry = (*entry & PTE_ADDR) | leaf_flags(flags, 1);
		invlpg(at);
	}
	unlock(&map_lock);
}

/* Addresses are never reused: few devices are mapped, and for good. */
void *map_device(paddr_t paddr, u64 size, u64 flags)
{
	u64 offset = paddr & ~PAGE_MASK, virt;
	u64 bytes = ROUND_UP(offset + size, PAGE_SIZE);
	int rc = -ENOMEM;

	lock(&map_lock);
	virt = device_map_end;
	if (bytes <= DEVICE_MAP_BASE + DEVICE_MAP_SIZE - virt) {
		device_map_end += bytes + PAGE_SIZE;	/* a hole behind each, to catch overruns */
		rc = map_locked(virt, paddr - offset, bytes, MAP_RW | flags);
	}
	unlock(&map_lock);
	return rc ? NULL : (void *)(virt + offset);
}

void fill_hv_slots(u64 *l4)
{
	const u64 *root = mfn_to_virt(hv_root_mfn);

	memcpy(l4 + HV_FIRST_SLOT, root + HV_FIRST_SLOT, HV_SLOTS * sizeof(*l4));
}

void show_m2p(u64 *l4, bool shown)
{
	const u64 *root = mfn_to_virt(hv_root_mfn);

	WRITE_ONCE(l4[HV_FIRST_SLOT], shown ? root[HV_FIRST_SLOT] : 0);
}

paddr_t hv_virt_to_phys(const void *virt)
{
	u64 *entry, mask;
	unsigned level = find_leaf((u64)virt, &entry);

	if (!level)
		return ~0ull;
	mask = bytes_of_level(level) - 1;
	return (*entry & PTE_ADDR & ~mask) | ((u64)virt & mask);
}

u64 *cpu_window_ptes(u32 cpu)
{
	return walk(CPU_WINDOW_BASE + (u64)cpu * CPU_WINDOW_SIZE, 1, 0);
}

void m2p_set(mfn_t mfn, u64 pfn)
{
	((u64 *)M2P_BASE)[mfn] = pfn;
	((u32 *)COMPAT_M2P_BASE)[mfn] = (u32)pfn;
}

u64 m2p_get(mfn_t mfn)
{
	return ((u64 *)M2P_BASE)[mfn];
}
