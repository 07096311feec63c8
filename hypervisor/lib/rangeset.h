/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of numbers kept as sorted, disjoint, non-adjacent ranges: I/O ports, interrupts, frames of
 * devices, free memory at boot. Ends are inclusive, so that 2^64 - 1 can be a member.
 *
 * The array of ranges grows by the allocator it was given, or is of fixed size without one. No
 * locks: the owner of a set keeps writers apart from readers.
 */
#ifndef HV_LIB_RANGESET_H
#define HV_LIB_RANGESET_H

#include "hypervisor/lib/types.h"

struct range {
	u64 start, last;
};

struct rangeset {
	struct range *ranges;
	u32 nr, capacity;
	void *(*alloc)(size_t size);	/* NULL: @ranges is of fixed size */
	void (*free)(void *ptr);
};

void rangeset_init(struct rangeset *set, void *(*alloc)(size_t), void (*free)(void *));
void rangeset_init_fixed(struct rangeset *set, struct range *storage, u32 capacity);
/* Empties it and gives its memory back. */
void rangeset_clear(struct rangeset *set);

/* A set that is itself allocated; NULL without memory. rangeset_delete(NULL) is fine. */
struct rangeset *rangeset_new(void *(*alloc)(size_t), void (*free)(void *));
void rangeset_delete(struct rangeset *set);

/* All of [start, last]. -EINVAL when start > last, -ENOMEM when the array cannot grow. */
int rangeset_add(struct rangeset *set, u64 start, u64 last);
int rangeset_remove(struct rangeset *set, u64 start, u64 last);
/* Is all of it in the set? False for NULL sets. */
bool rangeset_contains(const struct rangeset *set, u64 start, u64 last);

#endif
