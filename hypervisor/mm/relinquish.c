/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a domain's memory.
 *
 * By now no vCPU runs or refers to a root table, and no new references to its frames are given. One
 * walk over the list gives up what the guest held by itself: pins, then what a preempted promotion
 * left behind, then the owner's reference. Frames that others still map stay on the list until
 * their last reference goes. Tables that name one another in a circle cannot exist (a table's
 * level is its type), so dropping all pins unravels everything.
 */
#include <stdatomic.h>

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/owner.h"
#include "hypervisor/mm/preempt.h"

/* Gives up what @frame (referenced by us) holds by itself. 0 or -ERESTART. */
static int relinquish_frame(struct frame *frame)
{
	int rc;

	if (atomic_fetch_and(&frame->type, ~FT_PINNED) & FT_PINNED) {
		rc = put_frame_type(frame, true);
		if (rc) {
			/* The pin's use is still held, but not yet undone: pin again, come back. */
			atomic_fetch_or(&frame->type, FT_PINNED);
			return rc;
		}
		put_frame(frame);
	}
	rc = clear_orphan(frame, true);
	if (!rc)
		free_by_owner(frame);
	return rc;
}

/*
 * Given-up frames that tables or others still refer to remain on the list: they are passed by once,
 * and not again for each frame that follows. Frame 0 is nobody's, so 0 stands for the beginning;
 * nothing is added to the list of the dying.
 */
static struct frame *next_owned(struct domain *d)
{
	struct owner *o = owner_of(d);
	struct frame *frame = NULL;

	lock(&o->pages_lock);
	if (!o->relinquish_next)
		o->relinquish_next = o->pages;
	while (o->relinquish_next != NO_FRAME &&
	       !(atomic_load(&frame_table[o->relinquish_next].count) & FC_ALLOCATED))
		o->relinquish_next = frame_table[o->relinquish_next].next;
	if (o->relinquish_next != NO_FRAME) {
		frame = &frame_table[o->relinquish_next];
		if (!get_frame(frame, d))
			frame = NULL;
	}
	unlock(&o->pages_lock);
	return frame;
}

int relinquish_frames(struct domain *d)
{
	struct frame *frame;
	int rc = 0;

	BUG_ON(!owner_is_dying(d));
	while (!rc && (frame = next_owned(d)) != NULL) {
		rc = relinquish_frame(frame);
		put_frame(frame);
		if (!rc && preempt_pending())
			rc = -ERESTART;
	}
	return rc;
}
