/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's own page tables: direct map, frame table, M2P, device memory, CPU windows. */
#ifndef HV_MM_MAP_H
#define HV_MM_MAP_H

#include "hypervisor/lib/types.h"

#define PTE_PRESENT	0x001ull
#define PTE_RW		0x002ull
#define PTE_USER	0x004ull
#define PTE_PWT		0x008ull
#define PTE_PCD		0x010ull
#define PTE_ACCESSED	0x020ull
#define PTE_DIRTY	0x040ull
#define PTE_PSE		0x080ull
#define PTE_PAT		0x080ull	/* in an L1 entry */
#define PTE_GLOBAL	0x100ull
#define PTE_AVAIL	0xe00ull
#define PTE_NX		(1ull << 63)
#define PTE_ADDR	0x000ffffffffff000ull

#define MAP_RO		0
#define MAP_RW		PTE_RW
#define MAP_EXEC	(1ull << 62)	/* otherwise NX */
#define MAP_UNCACHED	(PTE_PCD | PTE_PWT)
#define MAP_USER	PTE_USER

extern u64 hv_root_mfn;		/* the L4 of idle CPUs; its slots 256-271 are copied to every L4 */

/* Maps [paddr, paddr + size) at @virt in the hypervisor's part; -ENOMEM, -EEXIST. */
int map_range(u64 virt, paddr_t paddr, u64 size, u64 flags);
void unmap_range(u64 virt, u64 size);
/* Another access for what is mapped there in whole 4 KiB pages (the image). */
void protect_range(u64 virt, u64 size, u64 flags);
/* Device memory somewhere in the device map, uncached unless @flags say otherwise; NULL if full. */
void *map_device(paddr_t paddr, u64 size, u64 flags);
/* Writes our sixteen slots into an L4 table. */
void fill_hv_slots(u64 *l4);
/* Writes the first of them, by which a pv64 guest reads the M2P, or leaves it empty. */
void show_m2p(u64 *l4, bool shown);
/* Machine address of a hypervisor mapping, or ~0. */
paddr_t hv_virt_to_phys(const void *virt);

/* Our entries of a pv32 domain's topmost L2, from slot @first up: the compat M2P, read-only. */
void fill_compat_m2p_slots(u64 *l2, unsigned first);

/* The 32 L1 entries of a CPU's window: 16 pages of GDT, 16 of LDT (arch/layout.h). */
u64 *cpu_window_ptes(u32 cpu);

/* Such an entry: writable, since the CPU sets accessed bits in descriptors. */
static inline u64 window_pte(mfn_t mfn)
{
	return mfn << 12 | PTE_PRESENT | PTE_RW | PTE_ACCESSED | PTE_DIRTY | PTE_NX;
}

/* --- at boot: mm/map_init.c ------------------------------------------------------------------- */

struct machine_map;

/* Memory from the machine's free RAM while there is no allocator; panics when there is none. */
typedef paddr_t (*boot_alloc_fn)(u64 size, u64 align);
/* Where map_range() takes page-table pages until map_init_done(). */
extern boot_alloc_fn map_boot_alloc;

/*
 * Leaves the loader's and head.S's page tables for our own: image, direct map of all RAM, tables
 * for the CPU windows. All of @alloc's memory must lie below 4 GiB.
 */
void map_init(const struct machine_map *map, boot_alloc_fn alloc);
/*
 * Backs frame table and M2P, for frames up to max_mfn, with memory from anywhere, and marks all
 * frames unmanaged and all M2P entries invalid.
 */
void map_init_tables(boot_alloc_fn alloc);
/* The allocator has memory now. */
void map_init_done(void);
/* Code read-only, the rest not executable, and nothing below the boot CPU's stack. */
void map_protect_image(void);

/* The M2P of both widths. */
void m2p_set(mfn_t mfn, u64 pfn);
u64 m2p_get(mfn_t mfn);
#define INVALID_M2P	0x5555555555555555ull

#endif
