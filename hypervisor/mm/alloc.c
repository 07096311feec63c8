/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame allocator: free blocks of 2^n frames, aligned to their size, in one list a size.
 *
 * Everything about a free block stands in the frame-table entry of its first frame: FRAME_FREE_HEAD,
 * its order, its neighbours in the list. Two blocks that together make an aligned block of the next
 * order are buddies and are joined as soon as both are free, so taking and giving back cost at most
 * MAX_ORDER steps, whatever the state of memory.
 */
#include "hypervisor/mm/alloc.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"

#define ORDERS	(MAX_ORDER + 1)

mfn_t max_mfn;
u64 total_frames;

/* Guards the free lists, the frame-table entries of free blocks, and the counts. */
static struct spinlock alloc_lock = SPINLOCK_INIT("alloc", RANK_ALLOC);
static u32 free_list[ORDERS] = { [0 ... MAX_ORDER] = NO_FRAME };
static u32 orders_free;			/* bit n: free_list[n] is not empty */
static _Atomic u64 nr_free;

static void list_in(mfn_t mfn, unsigned order)
{
	struct frame *frame = mfn_to_frame(mfn);

	frame->flags |= FRAME_FREE_HEAD;
	frame->order = order;
	frame->prev = NO_FRAME;
	frame->next = free_list[order];
	if (frame->next != NO_FRAME)
		mfn_to_frame(frame->next)->prev = mfn;
	free_list[order] = mfn;
	orders_free |= 1u << order;
}

static void list_out(mfn_t mfn, unsigned order)
{
	struct frame *frame = mfn_to_frame(mfn);

	frame->flags &= ~FRAME_FREE_HEAD;
	if (frame->next != NO_FRAME)
		mfn_to_frame(frame->next)->prev = frame->prev;
	if (frame->prev != NO_FRAME)
		mfn_to_frame(frame->prev)->next = frame->next;
	else
		free_list[order] = frame->next;
	if (free_list[order] == NO_FRAME)
		orders_free &= ~(1u << order);
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

/* The smallest block that is large enough; its upper halves go back to the lists. */
static mfn_t take(unsigned order)
{
	u32 candidates = orders_free & ~((1u << order) - 1);
	unsigned found;
	mfn_t mfn;

	if (!candidates)
		return INVALID_MFN;
	found = __builtin_ctz(candidates);
	mfn = free_list[found];
	list_out(mfn, found);
	while (found > order) {
		found--;
		list_in(mfn + (1ul << found), found);
	}
	return mfn;
}

mfn_t alloc_frames(unsigned order)
{
	mfn_t mfn;

	if (order > MAX_ORDER)
		return INVALID_MFN;
	lock(&alloc_lock);
	mfn = take(order);
	if (mfn != INVALID_MFN)
		nr_free -= 1ul << order;
	unlock(&alloc_lock);
	return mfn;
}

void free_frames(mfn_t mfn, unsigned order)
{
	ASSERT(!(mfn & ((1ul << order) - 1)));
	lock(&alloc_lock);
	BUG_ON(mfn_to_frame(mfn)->flags & (FRAME_FREE_HEAD | FRAME_UNMANAGED));
	give(mfn, order);
	nr_free += 1ul << order;
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

		free_frames(mfn, order);
		total_frames += 1ul << order;
		mfn += 1ul << order;
	}
}

void *alloc_pages(unsigned order)
{
	mfn_t mfn = alloc_frames(order);

	if (mfn == INVALID_MFN)
		return NULL;
	return memset(mfn_to_virt(mfn), 0, PAGE_SIZE << order);
}

void free_pages(void *virt, unsigned order)
{
	free_frames(virt_to_mfn(virt), order);
}
