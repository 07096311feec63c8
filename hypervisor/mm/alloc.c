/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame allocator: free blocks of 2^n frames, aligned to their size.
 *
 * Zone z holds the frames from 2^z to 2^(z+1) - 1, with one list for each size of block: since
 * frame 0 is nobody's, no block lies in two zones. Frames are taken from the highest zone that has
 * them, because low ones are worth more: some can be used by those only who name 32 bits of an
 * address.
 *
 * Everything about a free block stands in the frame-table entry of its first frame:
 * FRAME_FREE_HEAD, its order, its neighbours in the list. Two blocks that together make an aligned
 * block of the next order are buddies and are joined as soon as both are free, so taking and giving
 * back cost at most MAX_ORDER steps, whatever the state of memory.
 */
#include "hypervisor/mm/alloc.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"

#define ORDERS	(MAX_ORDER + 1)
#define ZONES	32	/* struct frame names frames by 32 bits */

mfn_t max_mfn;
u64 total_frames;

/* Guards the free lists, the frame-table entries of free blocks, and the counts. */
static struct spinlock alloc_lock = SPINLOCK_INIT("alloc", RANK_ALLOC);
static u32 free_list[ZONES][ORDERS] = { [0 ... ZONES - 1] = { [0 ... MAX_ORDER] = NO_FRAME } };
static u32 orders_free[ZONES];		/* bit n: free_list[zone][n] is not empty */
static u32 zones_free;			/* bit z: zone z has any */
static _Atomic u64 nr_free;

static unsigned zone_of(mfn_t mfn)
{
	return 63 - __builtin_clzl(mfn);
}

static void list_in(mfn_t mfn, unsigned order)
{
	struct frame *frame = mfn_to_frame(mfn);
	unsigned zone = zone_of(mfn);
	u32 *list = &free_list[zone][order];

	frame->flags |= FRAME_FREE_HEAD;
	frame->order = order;
	frame->prev = NO_FRAME;
	frame->next = *list;
	if (frame->next != NO_FRAME)
		mfn_to_frame(frame->next)->prev = mfn;
	*list = mfn;
	orders_free[zone] |= 1u << order;
	zones_free |= 1u << zone;
}

static void list_out(mfn_t mfn, unsigned order)
{
	struct frame *frame = mfn_to_frame(mfn);
	unsigned zone = zone_of(mfn);
	u32 *list = &free_list[zone][order];

	frame->flags &= ~FRAME_FREE_HEAD;
	if (frame->next != NO_FRAME)
		mfn_to_frame(frame->next)->prev = frame->prev;
	if (frame->prev != NO_FRAME)
		mfn_to_frame(frame->prev)->next = frame->next;
	else
		*list = frame->next;
	if (*list != NO_FRAME)
		return;
	orders_free[zone] &= ~(1u << order);
	if (!orders_free[zone])
		zones_free &= ~(1u << zone);
}

static bool is_free_block(mfn_t mfn, unsigned order)
{
	const struct frame *frame;

	if (mfn + (1ul << order) > max_mfn)
		return false;
	frame = mfn_to_frame(mfn);
	return (frame->flags & (FRAME_FREE_HEAD | FRAME_UNMANAGED)) == FRAME_FREE_HEAD &&
	       frame->order == order;
}

static void give(mfn_t mfn, unsigned order)
{
	for (; order < MAX_ORDER; order++) {
		mfn_t buddy = mfn ^ (1ul << order);

		if (!is_free_block(buddy, order))
			break;
		list_out(buddy, order);
		mfn &= ~(1ul << order);
	}
	list_in(mfn, order);
}

/* The smallest block of @zone that is large enough; its upper halves go back to the lists. */
static mfn_t take_from(unsigned zone, unsigned order)
{
	u32 candidates = orders_free[zone] & ~((1u << order) - 1);
	unsigned found;
	mfn_t mfn;

	if (!candidates)
		return INVALID_MFN;
	found = __builtin_ctz(candidates);
	mfn = free_list[zone][found];
	list_out(mfn, found);
	while (found > order) {
		found--;
		list_in(mfn + (1ul << found), found);
	}
	return mfn;
}

/* From the highest of @zones down. */
static mfn_t take(u32 zones, unsigned order)
{
	zones &= zones_free;
	while (zones) {
		unsigned zone = 31 - __builtin_clz(zones);
		mfn_t mfn = take_from(zone, order);

		if (mfn != INVALID_MFN)
			return mfn;
		zones &= (1u << zone) - 1;
	}
	return INVALID_MFN;
}

static mfn_t alloc_from(u32 zones, unsigned order)
{
	mfn_t mfn;

	if (order > MAX_ORDER)
		return INVALID_MFN;
	lock(&alloc_lock);
	mfn = take(zones, order);
	if (mfn != INVALID_MFN)
		nr_free -= 1ul << order;
	unlock(&alloc_lock);
	return mfn;
}

mfn_t alloc_frames(unsigned order)
{
	return alloc_from(~0u, order);
}

mfn_t alloc_frames_below(unsigned order, unsigned bits)
{
	unsigned zones = bits > PAGE_SHIFT ? bits - PAGE_SHIFT : 0;

	return alloc_from(zones < ZONES ? (1u << zones) - 1 : ~0u, order);
}

/* The lock is held. */
static void give_back_locked(mfn_t mfn, unsigned order)
{
	ASSERT(!(mfn & ((1ul << order) - 1)));
	BUG_ON(mfn_to_frame(mfn)->flags & (FRAME_FREE_HEAD | FRAME_UNMANAGED));
	give(mfn, order);
	nr_free += 1ul << order;
}

static void give_back(mfn_t mfn, unsigned order)
{
	lock(&alloc_lock);
	give_back_locked(mfn, order);
	unlock(&alloc_lock);
}

void free_frames(mfn_t mfn, unsigned order)
{
	for (mfn_t i = mfn; i < mfn + (1ul << order); i++)
		mfn_to_frame(i)->left_by = 0;
	give_back(mfn, order);
}

void free_frames_of(const u32 *mfns, unsigned nr, u64 serial)
{
	lock(&alloc_lock);
	for (unsigned i = 0; i < nr; i++) {
		mfn_to_frame(mfns[i])->left_by = serial;
		give_back_locked(mfns[i], 0);
	}
	unlock(&alloc_lock);
}

u64 free_frame_count(void)
{
	return atomic_load_explicit(&nr_free, memory_order_relaxed);
}

/* The largest order that @mfn is aligned to and that fits below @end. */
static unsigned largest_order(mfn_t mfn, mfn_t end)
{
	unsigned order = __builtin_ctzl(mfn | 1ul << MAX_ORDER);

	while (mfn + (1ul << order) > end)
		order--;
	return order;
}

void alloc_add_range(mfn_t start, mfn_t end)
{
	end = MIN(end, max_mfn);
	for (mfn_t mfn = start; mfn < end; mfn++)
		mfn_to_frame(mfn)->flags &= ~FRAME_UNMANAGED;
	for (mfn_t mfn = start; mfn < end;) {
		unsigned order = largest_order(mfn, end);

		give_back(mfn, order);
		total_frames += 1ul << order;
		mfn += 1ul << order;
	}
}

static void *zeroed(mfn_t mfn, unsigned order)
{
	if (mfn == INVALID_MFN)
		return NULL;
	/* A guest that gave it up may still write to it where it does not flush. */
	flush_former_users(mfn_to_frame(mfn), order);
	return memset(mfn_to_virt(mfn), 0, PAGE_SIZE << order);
}

void *alloc_pages(unsigned order)
{
	return zeroed(alloc_frames(order), order);
}

void *alloc_low_page(void)
{
	return zeroed(alloc_frames_below(0, 32), 0);
}

void free_pages(void *virt, unsigned order)
{
	free_frames(virt_to_mfn(virt), order);
}
