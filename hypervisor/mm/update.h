/* SPDX-License-Identifier: GPL-2.0-only */
/* Changing one entry of a page table in use. */
#ifndef HV_MM_UPDATE_H
#define HV_MM_UPDATE_H

#include "hypervisor/mm/frame.h"

struct pte_update {
	struct frame *table;		/* referenced by the caller; owned by @d */
	unsigned index;
	u64 pte;
	const struct domain *d;
	const struct domain *pg_owner;	/* of the frames that leaves name */
	bool preserve_ad;		/* keep accessed and dirty as they are */
	struct frame *unfinished;	/* out: see below */
	enum undoing undoing;
	bool table_unfinished;		/* out: so is ->table itself, by a reference of its own */
};

/*
 * 0; -EINVAL for what must not stand there; -EBUSY when the frame is not a page table in use (the
 * caller may then write to it as plain memory); -ERESTART: nothing was changed, call again.
 *
 * When ->unfinished comes back set, it is a frame, with a reference passed to the caller, whose
 * undoing takes longer, and so may the table be, when the update held its last use. Both are for
 * address_space_leave_update().
 */
int update_entry(struct pte_update *u);

/* As above of an L1 (-EBUSY of any other): done at once, and nothing is left to be undone. */
int update_leaf(struct pte_update *u);

/*
 * As update_leaf(), if the entry still is *@old; -EAGAIN, and *@old updated, if not. For emulated
 * writes.
 */
int cmpxchg_leaf(struct pte_update *u, u64 *old);

#endif
