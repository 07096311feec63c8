/* SPDX-License-Identifier: GPL-2.0-only */
/* What promotion and demotion of tables and descriptor pages do to their contents. */
#ifndef HV_MM_VALIDATE_H
#define HV_MM_VALIDATE_H

#include "hypervisor/lib/types.h"

struct domain;
struct frame;

#define PTES_PER_TABLE	512

/*
 * Takes what the entries from frame->nr_validated up refer to. @word is the frame's type word.
 * 0; -EINVAL for an illegal entry; -ERESTART. nr_validated then tells how far it came: invalidate
 * undoes from there.
 */
int validate_contents(struct frame *frame, u64 word, bool preemptible);
/* Gives back what the entries below frame->nr_validated hold. 0 or -ERESTART. */
int invalidate_contents(struct frame *frame, u64 word, bool preemptible);
/* How many entries a frame of this type has to be checked. */
unsigned contents_entries(const struct frame *frame, u64 word);

/*
 * One entry of a table of @level (1..4) that belongs to @d: checks it and takes what it refers to;
 * frames must be owned by @pg_owner (for leaves) or @d (for tables). *@pte is completed with the
 * bits that the hardware needs (the user bit for pv64, the access bits of PAE L3 entries). An entry
 * that is not present takes nothing, nor does one by which @table names itself. @flags: FT_TOP_L2 of
 * the wanted child, for a pv32 L3's last.
 */
int get_entry(u64 *pte, unsigned level, u64 child_flags, struct frame *table,
	      const struct domain *d, const struct domain *pg_owner, bool preemptible);
/* The checks and the completion alone, for an entry that goes on referring to what it did. */
int check_entry(u64 *pte, unsigned level, const struct domain *d);
/* Of a higher table's entry: 0 or -ERESTART. */
int put_entry(u64 pte, struct frame *table, bool preemptible);

/* Whether slot @index of such a table is the guest's to write. */
bool guest_slot(const struct domain *d, unsigned level, u64 word, unsigned index);
/* FT_TOP_L2 when entry @index of a table of @level must name the topmost pv32 L2. */
u64 child_flags(const struct domain *d, unsigned level, unsigned index);

static inline unsigned type_level(u64 word)
{
	return (unsigned)((word & (7ull << 61)) >> 61);
}

#endif
