/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Updates of single entries. The page lock excludes other updates of the same table; what the new
 * entry refers to is taken before it is written, what the old one held is given back after.
 */
#include "hypervisor/mm/update.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/leaf_fast.h"
#include "hypervisor/mm/linear.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/owner.h"
#include "hypervisor/mm/validate.h"

#define AD_BITS		(PTE_ACCESSED | PTE_DIRTY)

/*
 * Bits by which an entry refers to a frame, and the use it makes of it: of a higher table's, whether
 * it may be linear.
 */
#define REFERRING_BITS	(PTE_ADDR | PTE_PRESENT | PTE_RW)

static inline void write_entry(u64 *entry, u64 pte, bool preserve_ad)
{
	u64 old = READ_ONCE(*entry);

	if (!preserve_ad) {
		__atomic_store_n(entry, pte, __ATOMIC_RELEASE);
		return;
	}
	while (!__atomic_compare_exchange_n(entry, &old, (pte & ~AD_BITS) | (old & AD_BITS), false,
					    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
}

/* A table that was refused half-way is to be undone in steps, by whoever wanted it. */
static struct frame *orphan_of(u64 pte, const struct domain *d)
{
	mfn_t mfn = PFN_DOWN(pte & PTE_ADDR);
	struct frame *frame;

	if (!mfn_valid(mfn))
		return NULL;
	frame = mfn_to_frame(mfn);
	if (!(atomic_load(&frame->type) & FT_ORPHAN) || !get_frame(frame, d))
		return NULL;
	return frame;
}

/* @level is a constant for leaves, which nearly all are: what only tables need is left out then. */
static inline __attribute__((always_inline)) int take_new(struct pte_update *u, unsigned level,
							  u64 old, bool *refers_anew)
{
	int rc;

	*refers_anew = ((old ^ u->pte) & REFERRING_BITS) != 0;
	if (!(u->pte & PTE_PRESENT))
		return 0;
	if (!*refers_anew)
		return check_entry(&u->pte, level, u->d);
	if (level == 1)
		return take_leaf(&u->pte, u->d, u->pg_owner);
	rc = get_entry(&u->pte, level, 0, u->table, u->d, u->pg_owner, true);
	if (rc && rc != -ERESTART && level > 2) {
		u->unfinished = orphan_of(u->pte, u->d);
		u->undoing = UNDO_ORPHAN;
	}
	return rc;
}

static inline __attribute__((always_inline)) void put_old(struct pte_update *u, unsigned level,
							  u64 old)
{
	if (level == 1) {
		release_leaf(old, u->d);
	} else if (put_entry(old, u->table, true) == -ERESTART) {
		u->unfinished = mfn_to_frame(PFN_DOWN(old & PTE_ADDR));
		u->undoing = UNDO_USE;
		if (!is_linear_entry(u->unfinished, u->table))
			return;
		u->undoing = UNDO_LINEAR_USE;
		drop_linear_entry(u->table);
	}
}

/* With the page lock held: replaces the entry and gives back what the old one held. */
static inline __attribute__((always_inline)) int replace(struct pte_update *u, unsigned level,
							 u64 *entry)
{
	u64 old = READ_ONCE(*entry);
	bool put_back;
	int rc = take_new(u, level, old, &put_back);

	if (unlikely(rc))
		return rc;
	write_entry(entry, u->pte, u->preserve_ad);
	if (put_back)
		put_old(u, level, old);
	return 0;
}

/* Slots of higher tables may be ours. So is what a pv32 root's last names: it stays while the root does. */
static int may_write(const struct pte_update *u, unsigned level, u64 word)
{
	if (!guest_slot(u->d, level, word, u->index))
		return level == 2 ? -EPERM : -EINVAL;
	return child_flags(u->d, level, u->index) ? -EINVAL : 0;
}

static __attribute__((noinline)) int replace_in_table(struct pte_update *u, u64 *entry, u64 word)
{
	unsigned level = type_level(word);
	int rc;

	if (level < 1 || level > 4)
		return -EBUSY;
	/* Tables are of their owner's own frames. */
	if (level > 1 && u->pg_owner != u->d)
		return -EINVAL;
	rc = may_write(u, level, word);
	return rc ? rc : replace(u, level, entry);
}

static inline void unlock_updated(struct pte_update *u)
{
	if (likely(unlock_table(u->table) != -ERESTART))
		return;
	/* The lock's use was the last: undoing goes on later, by a reference of its own. */
	if (!get_frame_owner(u->table))
		BUG();
	u->table_unfinished = true;
}

int update_entry(struct pte_update *u)
{
	u64 *entry = (u64 *)mfn_to_virt(frame_to_mfn(u->table)) + u->index, word;
	int rc;

	u->unfinished = NULL;
	u->table_unfinished = false;
	rc = lock_table(u->table);
	if (unlikely(rc))
		return rc;
	word = atomic_load_explicit(&u->table->type, memory_order_relaxed);
	rc = likely(type_level(word) == 1) ? replace(u, 1, entry) :
					     replace_in_table(u, entry, word);
	unlock_updated(u);
	return rc;
}

/* An L1 is undone in one go: there is nothing to come back to. */
int update_leaf(struct pte_update *u)
{
	u64 *entry = (u64 *)mfn_to_virt(frame_to_mfn(u->table)) + u->index;
	int rc;

	if (!lock_leaves(u->table))
		return -EBUSY;
	rc = replace(u, 1, entry);
	unlock_table(u->table);
	return rc;
}

int cmpxchg_leaf(struct pte_update *u, u64 *old)
{
	u64 *entry = (u64 *)mfn_to_virt(frame_to_mfn(u->table)) + u->index;
	bool put_back = false;
	u64 expected = *old;
	int rc = -EAGAIN;

	if (!lock_leaves(u->table))
		return -EBUSY;
	if ((READ_ONCE(*entry) ^ expected) & ~AD_BITS) {
		*old = READ_ONCE(*entry);
		goto out;
	}
	rc = take_new(u, 1, expected, &put_back);
	if (rc)
		goto out;
	/* Only the CPU's own accessed and dirty bits can move it under the lock. */
	*old = __atomic_exchange_n(entry, u->pte, __ATOMIC_ACQ_REL);
	if (put_back)
		put_old(u, 1, *old);
out:
	unlock_table(u->table);
	return rc;
}
