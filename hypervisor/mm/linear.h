/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries by which a page table names another of its own level. */
#ifndef HV_MM_LINEAR_H
#define HV_MM_LINEAR_H

#include "hypervisor/mm/frame.h"

extern bool opt_pv_linear_pt;		/* whether guests may have such entries, and those to itself */

/* Takes for an entry of @table what it needs of @mfn, which is @d's. 0 or -EINVAL. */
int __must_check get_linear_table(mfn_t mfn, struct frame *table, const struct domain *d);
/* Gives it back: 0, or -ERESTART and nothing was. */
int put_linear_table(struct frame *frame, struct frame *table, bool preemptible);
/* The part of it that is counted in @table, for an entry that is gone when the rest is not. */
void drop_linear_entry(struct frame *table);

/* Whether the entry of @table that holds a use of @frame is linear: each has but one type. */
static inline bool is_linear_entry(const struct frame *frame, const struct frame *table)
{
	return frame_type(frame) == frame_type(table);
}

#endif
