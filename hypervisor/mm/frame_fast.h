/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The steps that nearly all are, inline for the loops of mm/: one more reference or use of a frame
 * that has some, one fewer of several. All others are made in mm/frame.c. A use comes with a
 * reference, of which there are never more than entries in all of memory: counting one up in
 * state `used` (mm/type.c) cannot overflow.
 */
#ifndef HV_MM_FRAME_FAST_H
#define HV_MM_FRAME_FAST_H

#include "hypervisor/mm/frame.h"

/* Frees what nobody refers to any more; @old is the count before the last reference went. */
void frame_last_put(struct frame *frame, u64 old);

static inline void drop_frame(struct frame *frame)
{
	u64 old = atomic_fetch_sub(&frame->count, 1);

	if (unlikely((old & FC_COUNT) <= 1))
		frame_last_put(frame, old);
}

/* Neither 0 nor at its end; the flags shifted out, so that both bounds are short constants. */
static inline bool can_count_up(u64 count)
{
	return (count << FC_FLAG_BITS) - (1ull << FC_FLAG_BITS) < -(2ull << FC_FLAG_BITS);
}

/* False for a frame that nobody owns, that is being freed, or whose count is at its end. */
static inline bool count_up(struct frame *frame)
{
	u64 old = atomic_load_explicit(&frame->count, memory_order_relaxed);

	do {
		if (unlikely(!can_count_up(old)))
			return false;
	} while (unlikely(!atomic_compare_exchange_weak(&frame->count, &old, old + 1)));
	return true;
}

/* @owner is not NULL. */
static inline bool hold_frame(struct frame *frame, const struct domain *owner)
{
	if (unlikely(!count_up(frame)))
		return false;
	if (likely(frame->owner == owner))
		return true;
	drop_frame(frame);
	return false;
}

/* used -> used + 1 */
static inline bool use_again(struct frame *frame, u64 type)
{
	u64 old = atomic_load_explicit(&frame->type, memory_order_relaxed);

	return (old & (FT_TYPE | FT_TOP_L2 | FT_VALIDATED)) == (type | FT_VALIDATED) &&
	       atomic_compare_exchange_weak(&frame->type, &old, old + 1);
}

/* used -> used - 1 */
static inline bool unuse_one_of_many(struct frame *frame)
{
	u64 old = atomic_load_explicit(&frame->type, memory_order_relaxed);

	return (old & FT_VALIDATED) && (old & FT_COUNT) > 1 &&
	       atomic_compare_exchange_weak(&frame->type, &old, old - 1);
}

static inline int use_frame(struct frame *frame, u64 type)
{
	return likely(use_again(frame, type)) ? 0 : get_frame_type(frame, type, false);
}

static inline void unuse_frame(struct frame *frame)
{
	if (unlikely(!unuse_one_of_many(frame)))
		put_frame_type(frame, false);
}

static inline int lock_table(struct frame *frame)
{
	u64 old = atomic_load_explicit(&frame->type, memory_order_relaxed);

	return likely((old & (FT_VALIDATED | FT_LOCKED)) == FT_VALIDATED &&
		      atomic_compare_exchange_weak(&frame->type, &old, (old + 1) | FT_LOCKED)) ?
	       0 : frame_lock(frame);
}

static inline bool lock_leaves(struct frame *frame)
{
	u64 old = atomic_load_explicit(&frame->type, memory_order_relaxed);

	return likely((old & (FT_TYPE | FT_VALIDATED | FT_LOCKED)) == (FT_L1 | FT_VALIDATED) &&
		      atomic_compare_exchange_weak(&frame->type, &old, (old + 1) | FT_LOCKED)) ||
	       frame_lock_leaves(frame);
}

static inline int unlock_table(struct frame *frame)
{
	u64 old = atomic_load_explicit(&frame->type, memory_order_relaxed);

	if (likely((old & FT_COUNT) > 1 &&
		   atomic_compare_exchange_weak(&frame->type, &old, old - 1 - FT_LOCKED)))
		return 0;
	return frame_unlock(frame);
}

#endif
