/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of ranges in one sorted array. */
#include "hypervisor/lib/rangeset.h"

#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"

void rangeset_init(struct rangeset *set, void *(*alloc)(size_t), void (*free)(void *))
{
	*set = (struct rangeset){ .alloc = alloc, .free = free };
}

void rangeset_init_fixed(struct rangeset *set, struct range *storage, u32 capacity)
{
	*set = (struct rangeset){ .ranges = storage, .capacity = capacity };
}

void rangeset_clear(struct rangeset *set)
{
	set->nr = 0;
	if (!set->alloc)
		return;
	set->free(set->ranges);
	set->ranges = NULL;
	set->capacity = 0;
}

struct rangeset *rangeset_new(void *(*alloc)(size_t), void (*free)(void *))
{
	struct rangeset *set = alloc(sizeof(*set));

	if (set)
		rangeset_init(set, alloc, free);
	return set;
}

void rangeset_delete(struct rangeset *set)
{
	if (!set)
		return;
	rangeset_clear(set);
	set->free(set);
}

/* Room for one more range. */
static int reserve(struct rangeset *set)
{
	u32 capacity = set->capacity ? set->capacity * 2 : 4;
	struct range *bigger;

	if (set->nr < set->capacity)
		return 0;
	if (!set->alloc)
		return -ENOMEM;
	bigger = set->alloc(capacity * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	if (set->nr)
		memcpy(bigger, set->ranges, set->nr * sizeof(*bigger));
	set->free(set->ranges);
	set->ranges = bigger;
	set->capacity = capacity;
	return 0;
}

/* Index of the first range that ends at @value or above; nr when there is none. */
static u32 first_ending_at(const struct rangeset *set, u64 value)
{
	u32 low = 0, high = set->nr;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (set->ranges[mid].last >= value)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Replaces ranges [from, to) by @n new ones, for which there is room. */
static void splice(struct rangeset *set, u32 from, u32 to, const struct range *new, u32 n)
{
	memmove(set->ranges + from + n, set->ranges + to, (set->nr - to) * sizeof(*new));
	memcpy(set->ranges + from, new, n * sizeof(*new));
	set->nr = set->nr - (to - from) + n;
}

int rangeset_add(struct rangeset *set, u64 start, u64 last)
{
	struct range all = { start, last };
	u32 from, to;
	int rc;

	if (start > last)
		return -EINVAL;
	rc = reserve(set);
	if (rc)
		return rc;
	/* Neighbours that touch are joined too; mind both ends of the number line. */
	from = first_ending_at(set, start ? start - 1 : 0);
	for (to = from; to < set->nr; to++) {
		if (last != ~0ull && set->ranges[to].start > last + 1)
			break;
		all.start = MIN(all.start, set->ranges[to].start);
		all.last = MAX(all.last, set->ranges[to].last);
	}
	splice(set, from, to, &all, 1);
	return 0;
}

int rangeset_remove(struct rangeset *set, u64 start, u64 last)
{
	struct range rest[2];
	u32 from, to, n = 0;
	int rc;

	if (start > last)
		return -EINVAL;
	rc = reserve(set);
	if (rc)
		return rc;
	from = first_ending_at(set, start);
	for (to = from; to < set->nr && set->ranges[to].start <= last; to++) {
		if (set->ranges[to].start < start)
			rest[n++] = (struct range){ set->ranges[to].start, start - 1 };
		if (set->ranges[to].last > last)
			rest[n++] = (struct range){ last + 1, set->ranges[to].last };
	}
	splice(set, from, to, rest, n);
	return 0;
}

bool rangeset_contains(const struct rangeset *set, u64 start, u64 last)
{
	u32 i;

	if (!set || start > last)
		return false;
	i = first_ending_at(set, last);
	return i < set->nr && set->ranges[i].start <= start;
}
