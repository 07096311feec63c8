/* SPDX-License-Identifier: MIT */
/*
 * Memory of this domain.
 *
 * pfn: number of a page as this domain counts, from 0. mfn: number of the machine frame behind it.
 * All pages of the domain are mapped writable (page tables and descriptor pages read-only) in one
 * piece, the direct map: pfn p stands at VIRT_BASE + p * PAGE_SIZE. Above it lie the heap, which
 * malloc() grows by sbrk, and the map window for foreign frames and grants.
 */
#ifndef MINIOS_MM_H
#define MINIOS_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <minios/arch/layout.h>
#include <minios/arch/priv.h>
#include "pvabi/xen.h"

typedef unsigned long pfn_t;
typedef unsigned long mfn_t;

#define INVALID_MFN (~0ul)

/* --- the direct map --------------------------------------------------------------------------- */
static inline pfn_t virt_to_pfn(const void *p)
{
	return ((uintptr_t)p - VIRT_BASE) >> PAGE_SHIFT;
}

static inline void *pfn_to_virt(pfn_t pfn)
{
	return (void *)(VIRT_BASE + ((uintptr_t)pfn << PAGE_SHIFT));
}

mfn_t pfn_to_mfn(pfn_t pfn);
/* INVALID_MFN when the frame is none of ours. */
pfn_t mfn_to_pfn(mfn_t mfn);
mfn_t virt_to_mfn(const void *p);

/* --- pages ------------------------------------------------------------------------------------ */
/* 2^order pages, aligned to their size in pfn, not cleared; NULL when memory is out. */
void *pages_alloc(unsigned int order);
void pages_free(void *p, unsigned int order);
/* One page, cleared. */
void *page_alloc_zero(void);

static inline void *page_alloc(void)
{
	return pages_alloc(0);
}

static inline void page_free(void *p)
{
	pages_free(p, 0);
}

unsigned long pages_free_count(void);
/* As many as we have now: the balloon changes it. */
unsigned long pages_total(void);

/* --- mapping ---------------------------------------------------------------------------------- */
/* Address space in the map window: count pages, nothing mapped. NULL when it is out. */
void *window_alloc(size_t count);
void window_free(void *addr, size_t count);

/*
 * Maps frames of dom (DOMID_SELF for ours) at addr, making the tables in between. errors as in
 * foreign_map(). The number of frames that failed, or a negative errno if tables could not be made.
 */
int map_frames(void *addr, const mfn_t *frames, size_t count, pte_t flags, domid_t dom,
	       int *errors);
/* Makes the addresses not present and flushes them; what was mapped is not freed. */
void unmap_pages(void *addr, size_t count);
/* The tables down to level 1 exist after this (a grant map needs that). */
int map_prepare(void *addr, size_t count);
/* The level-1 entry that maps addr; 0 when there is none. */
pte_t map_lookup(const void *addr);
/* Changes one present mapping, as the protection of a direct-map page. 0 or a negative errno. */
int map_set(void *addr, pte_t pte);

/* Maps fresh, cleared pages of ours at addr; all or none. 0 or a negative errno. */
int anon_map(void *addr, size_t count, pte_t flags);
/* Unmaps what anon_map() mapped, or a part of it, and frees the pages. */
void anon_unmap(void *addr, size_t count);

/* --- heap ------------------------------------------------------------------------------------- */
/* Moves the end of the heap; the old end, or NULL when memory is out. */
void *heap_sbrk(intptr_t increment);
size_t heap_size(void);

/* The kernel's. */
void mm_init(void);

#endif
