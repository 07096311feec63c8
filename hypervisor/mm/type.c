/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The transitions of a frame's type word.
 *
 * A word is in one of five states. T stands for a type with contents (L1-L4, SEG).
 *
 *   state     type  VALIDATED PARTIAL ORPHAN  count  meaning
 *   free      any   0         0       0       0      nobody uses it; the type is a memory of the last
 *   used      any   1         0       0       >= 1   its users rely on the type
 *   busy      any   0         0       0       >= 1   one CPU checks or undoes the contents, or flushes
 *                                                    what TLBs may hold of the type before
 *   partial   T     0         1       0       1      undoing was preempted; the last user still
 *                                                    holds its use, and will put it again
 *   orphan    T     0         1       1       1      checking was preempted; the use, and one
 *                                                    reference, belong to the state itself
 *
 *   get the same type   free -> busy (T, flush) or used; used -> used + 1; busy: wait;
 *                       partial, orphan -> busy (checking goes on where it stopped)
 *   get another type    free -> as above; used, partial: refused; busy: refused;
 *                       orphan -> busy (undone first, then from free)
 *   put                 used -> used - 1, or for the last use of T -> busy, else -> free;
 *                       partial -> busy (undoing goes on)
 *   checked             busy -> used (from partial: count 2, the putter's use being still there)
 *   found bad           busy -> free (from partial: partial with nothing left to undo)
 *   check preempted     busy -> orphan (from partial: partial)
 *   undone              busy -> free
 *   undo preempted      busy -> partial (of an orphan: orphan)
 *
 * The pinned flag and the page lock ride along: pinned is a use by itself and never survives the
 * last one; locked holds a use. So does the count of linear entries (mm/linear.c), positive for a
 * table that has some, negative for one that is named by some, whose uses are among those counted.
 */
#include "hypervisor/mm/type.h"

#define IDENTITY	(FT_TYPE | FT_TOP_L2)
#define LINEAR_SHIFT	(__builtin_ctzll(FT_LINEAR))

bool type_has_contents(u64 word)
{
	u64 type = word & FT_TYPE;

	return type != FT_NONE && type != FT_WRITABLE;
}

/* Whoever comes second may rely on the type, so not before the TLBs have forgotten the old one. */
static enum type_step get_unused(u64 old, u64 want, u64 *new_word)
{
	*new_word = want | 1;
	if (type_has_contents(want))
		return TYPE_VALIDATE;
	if (type_change_needs_flush(old, want))
		return TYPE_FLUSH;
	*new_word |= FT_VALIDATED;
	return TYPE_DONE;
}

enum type_step type_get(u64 old, u64 want, u64 *new_word)
{
	bool same = (old & IDENTITY) == want;

	if (!(old & FT_COUNT))
		return get_unused(old, want, new_word);
	if (old & FT_PARTIAL) {
		if (!same && !(old & FT_ORPHAN))
			return TYPE_REFUSED;
		*new_word = old & ~(FT_PARTIAL | FT_ORPHAN);
		return same ? TYPE_VALIDATE : TYPE_CLEAR_ORPHAN;
	}
	if (!same || (old & FT_COUNT) == FT_COUNT)
		return TYPE_REFUSED;
	if (!(old & FT_VALIDATED))
		return TYPE_WAIT;
	*new_word = old + 1;
	return TYPE_DONE;
}

static s16 linear_count(u64 word)
{
	return (s16)(word >> LINEAR_SHIFT);
}

/* Where the count would pass its end it turns its sign, and so ends what was counted. */
static u64 linear_add(u64 word, u64 n)
{
	return (word & ~FT_LINEAR) | ((word + (n << LINEAR_SHIFT)) & FT_LINEAR);
}

bool type_add_linear_entry(u64 old, u64 *new_word)
{
	*new_word = linear_add(old, 1);
	return linear_count(old) >= 0;
}

u64 type_drop_linear_entry(u64 old)
{
	return linear_add(old, -1ull);
}

bool type_get_linear(u64 old, u64 type, u64 *new_word)
{
	*new_word = linear_add(old, -1ull) + 1;
	return (old & (FT_TYPE | FT_VALIDATED)) == (type | FT_VALIDATED) && linear_count(old) <= 0 &&
	       (old & FT_COUNT) != FT_COUNT;
}

enum type_step type_put(u64 old, bool linear, u64 *new_word)
{
	if (old & FT_PARTIAL) {
		*new_word = old & ~FT_PARTIAL;
		return TYPE_INVALIDATE;
	}
	if (!(old & FT_VALIDATED))
		return TYPE_WAIT;
	if ((old & FT_COUNT) > 1) {
		*new_word = linear ? linear_add(old, 1) - 1 : old - 1;
		return TYPE_DONE;
	}
	if (type_has_contents(old)) {
		*new_word = old & ~(FT_VALIDATED | FT_PINNED);
		return TYPE_INVALIDATE;
	}
	*new_word = old & FT_TYPE;
	return TYPE_DONE;
}

enum type_step type_clear_orphan(u64 old, u64 *new_word)
{
	if (!(old & FT_ORPHAN))
		return TYPE_DONE;
	*new_word = old & ~(FT_PARTIAL | FT_ORPHAN);
	return TYPE_CLEAR_ORPHAN;
}

static u64 finish_partial_get(u64 busy, enum type_outcome outcome)
{
	if (outcome == TYPE_OK)
		return (busy | FT_VALIDATED) + 1;
	return busy | FT_PARTIAL;
}

u64 type_finish_get(u64 before, u64 busy, enum type_outcome outcome, bool *drop_reference,
		    bool *keep_reference)
{
	bool was_orphan = before & FT_ORPHAN;

	*drop_reference = was_orphan && outcome != TYPE_PREEMPTED;
	*keep_reference = !was_orphan && !(before & FT_PARTIAL) && outcome == TYPE_PREEMPTED;
	if ((before & FT_PARTIAL) && !was_orphan)
		return finish_partial_get(busy, outcome);
	if (outcome == TYPE_OK)
		return busy | FT_VALIDATED;
	if (outcome == TYPE_PREEMPTED)
		return busy | FT_PARTIAL | FT_ORPHAN;
	return busy & FT_TYPE;
}

u64 type_finish_put(u64 busy, enum type_outcome outcome)
{
	return outcome == TYPE_PREEMPTED ? busy | FT_PARTIAL : busy & FT_TYPE;
}

u64 type_finish_orphan(u64 busy, enum type_outcome outcome)
{
	return outcome == TYPE_PREEMPTED ? busy | FT_PARTIAL | FT_ORPHAN : busy & FT_TYPE;
}

bool type_change_needs_flush(u64 old, u64 new_word)
{
	u64 was = old & FT_TYPE, is = new_word & FT_TYPE;

	return was != is && was != FT_NONE && (was == FT_WRITABLE || type_has_contents(old));
}
