/* SPDX-License-Identifier: GPL-2.0-only */
/* The transitions of a frame's type word, as pure functions: what may follow what. */
#ifndef HV_MM_TYPE_H
#define HV_MM_TYPE_H

#include "hypervisor/mm/frame.h"

/* What must be done once the new word stands in the frame. */
enum type_step {
	TYPE_DONE,		/* nothing */
	TYPE_REFUSED,		/* nothing was changed: the frame is in use as something else */
	TYPE_WAIT,		/* nothing was changed: another CPU is at work on it; try again */
	TYPE_FLUSH,		/* flush what TLBs may hold of the old type, then set FT_VALIDATED */
	TYPE_VALIDATE,		/* check the contents from nr_validated up, then type_finish_get() */
	TYPE_INVALIDATE,	/* give back what entries below nr_validated hold, then finish_put */
	TYPE_CLEAR_ORPHAN,	/* as TYPE_INVALIDATE, then start again */
};

/* The step that takes a use as @want (a type, perhaps with FT_TOP_L2). */
enum type_step type_get(u64 old, u64 want, u64 *new_word);
/* The step that gives one use back, a linear entry's or another's. */
enum type_step type_put(u64 old, bool linear, u64 *new_word);
/* The step that undoes an orphan; TYPE_DONE when there is none. */
enum type_step type_clear_orphan(u64 old, u64 *new_word);

/* A table that gets a linear entry, and loses one; false: it is named by such entries itself. */
bool type_add_linear_entry(u64 old, u64 *new_word);
u64 type_drop_linear_entry(u64 old);
/* The use that a linear entry takes; false when the frame is no whole table of @type to be named. */
bool type_get_linear(u64 old, u64 type, u64 *new_word);

/* How contents turned out. */
enum type_outcome { TYPE_OK, TYPE_BAD, TYPE_PREEMPTED };

/*
 * The word after validation for type_get() of a word @before, when the frame now holds @busy.
 * *@drop_reference says that the reference an orphan had kept is to be dropped, *@keep_reference
 * that a new orphan keeps one.
 */
u64 type_finish_get(u64 before, u64 busy, enum type_outcome outcome, bool *drop_reference,
		    bool *keep_reference);
/* The word after invalidation (by TYPE_OK or TYPE_PREEMPTED). */
u64 type_finish_put(u64 busy, enum type_outcome outcome);
u64 type_finish_orphan(u64 busy, enum type_outcome outcome);

/* Tables and descriptor pages are checked before they are used; other types are not. */
bool type_has_contents(u64 word);
/* Whether TLBs may hold translations that the new type forbids. */
bool type_change_needs_flush(u64 old, u64 new_word);

#endif
