/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a domain's memory.
 *
 * By now no vCPU runs or refers to a root table, and no new references to its frames are given. Two
 * walks over the list give up what the guest held by itself. The first drops pins: tables that name
 * one another in a circle cannot exist (a table's level is its type; for linear ones see
 * mm/linear.c), so that unravels all tables, and leaves most frames with the owner's reference
 * alone. The second gives that up, and what a preempted promotion left behind. Frames that others
 * still map stay on the list until their last reference goes.
 */
#include <stdatomic.h>

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/owner.h"
#include "hypervisor/mm/preempt.h"

/*
 * The use of a pin, whose undoing may take several calls, waits in the owner. It is no pin meanwhile:
 * others (a control domain that maps what dies) may be at work on the frame's type word, and a flag
 * put back there could be taken twice.
 */
static int finish_unpin(struct owner *o)
{
	int rc = o->unpinned ? put_frame_type(o->unpinned, true) : 0;

	if (!rc && o->unpinned) {
		put_frame(o->unpinned);		/* the pin's reference */
		o->unpinned = NULL;
	}
	return rc;
}

/* Gives up what @frame (referenced by us) holds by itself. 0 or -ERESTART. */
static int relinquish_frame(struct owner *o, struct frame *frame)
{
	int rc;

	if (atomic_fetch_and(&frame->type, ~FT_PINNED) & FT_PINNED)
		o->unpinned = frame;
	rc = finish_unpin(o);
	if (!rc)
		rc = clear_orphan(frame, true);
	if (!rc)
		free_by_owner(frame);
	return rc;
}

/* Frames that are looked at with the lock in hand. */
#define STEP	32

/* Whether @frame holds what this walk is to give up. */
static bool is_wanted(const struct owner *o, struct frame *frame)
{
	if (o->pins_gone)
		return atomic_load(&frame->count) & FC_ALLOCATED;
	return atomic_load(&frame->type) & FT_PINNED;
}

/* With the lock: the next frame of STEP that this walk does not pass by, referenced; or NULL. */
static struct frame *step(struct domain *d, u32 unused[STEP], unsigned *nr)
{
	struct owner *o = owner_of(d);

	for (unsigned i = 0; i < STEP && o->relinquish_next != NO_FRAME; i++) {
		u32 mfn = o->relinquish_next;
		struct frame *frame = &frame_table[mfn];

		if (o->pins_gone && unlist_if_unused(d, frame)) {
			unused[(*nr)++] = mfn;
			continue;
		}
		if (is_wanted(o, frame) && get_frame(frame, d))
			return frame;
		o->relinquish_next = frame->next;
	}
	return NULL;
}

/*
 * Goes on with a walk, and frees what nobody but the owner refers to. Given-up frames that others
 * still refer to remain on the list: they are passed by once, and not again for each frame that
 * follows, but there may be many. Frame 0 is nobody's, so 0 stands for the beginning; nothing is
 * added to the list of the dying. False at its end; *@found is referenced, or NULL when the walk is
 * to go on.
 */
static bool next_owned(struct domain *d, struct frame **found)
{
	struct owner *o = owner_of(d);
	u32 unused[STEP];
	unsigned nr = 0;
	bool more = true;

	lock(&o->pages_lock);
	if (!o->relinquish_next)
		o->relinquish_next = o->pages;
	*found = step(d, unused, &nr);
	if (o->relinquish_next == NO_FRAME) {
		more = !o->pins_gone;
		o->pins_gone = true;
		o->relinquish_next = more ? 0 : NO_FRAME;
	}
	unlock(&o->pages_lock);
	if (nr)
		free_unlisted(d, unused, nr);
	return more;
}

int relinquish_frames(struct domain *d)
{
	struct frame *frame;
	int rc = finish_unpin(owner_of(d));

	BUG_ON(!owner_is_dying(d));
	while (!rc && next_owned(d, &frame)) {
		if (frame) {
			rc = relinquish_frame(owner_of(d), frame);
			put_frame(frame);
		}
		if (!rc && preempt_pending())
			rc = -ERESTART;
	}
	return rc;
}
