/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame allocator: a buddy system over all RAM, and the hypervisor's own small objects. */
#ifndef HV_MM_ALLOC_H
#define HV_MM_ALLOC_H

#include "hypervisor/lib/types.h"

#define MAX_ORDER	18	/* 1 GiB */

/* Gives [start, end) to the allocator; at boot. */
void alloc_add_range(mfn_t start, mfn_t end);

/*
 * 2^order frames, aligned to their size; INVALID_MFN when there are none. Contents are undefined.
 */
mfn_t alloc_frames(unsigned order);
/* As above, but all of it below 2^bits bytes: for those who can name no more. */
mfn_t alloc_frames_below(unsigned order, unsigned bits);
void free_frames(mfn_t mfn, unsigned order);
/*
 * Single ones that hold nothing but what the owner of this serial knows: given to the same again, they
 * need not be cleared. struct frame.left_by tells that to whoever allocates them; 0 for all others.
 */
void free_frames_of(const u32 *mfns, unsigned nr, u64 serial);
u64 free_frame_count(void);

/* The hypervisor's own zeroed pages, in the direct map; NULL when memory is short. */
void *alloc_pages(unsigned order);
void free_pages(void *virt, unsigned order);
/* One below 4 GiB, whose machine address a pv32 guest is told in 32 bits. */
void *alloc_low_page(void);
static inline void *alloc_page(void)
{
	return alloc_pages(0);
}
static inline void free_page(void *virt)
{
	free_pages(virt, 0);
}

/* Zeroed objects of any size; kfree(NULL) is fine. NULL when memory is short. */
void *kalloc(size_t size);
void kfree(void *ptr);
/* How many of them are smaller than a page, and the pages these share. */
void kalloc_count(u64 *objects, u64 *pages);

#endif
