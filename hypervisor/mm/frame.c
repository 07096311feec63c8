/* SPDX-License-Identifier: GPL-2.0-only */
/* References to frames, frames of a domain, and the use of frames as one type at a time. */
#include "hypervisor/mm/frame.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame_fast.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/owner.h"
#include "hypervisor/mm/preempt.h"
#include "hypervisor/mm/tlb.h"
#include "hypervisor/mm/type.h"
#include "hypervisor/mm/validate.h"

/* --- lists of a domain's frames --------------------------------------------------------------- */

static void list_in(struct owner *o, struct frame *frame)
{
	u32 mfn = (u32)frame_to_mfn(frame);

	frame->prev = NO_FRAME;
	frame->next = o->pages;
	if (o->pages != NO_FRAME)
		frame_table[o->pages].prev = mfn;
	o->pages = mfn;
}

static void list_out(struct owner *o, struct frame *frame)
{
	if (o->relinquish_next == (u32)frame_to_mfn(frame))
		o->relinquish_next = frame->next;
	if (frame->prev != NO_FRAME)
		frame_table[frame->prev].next = frame->next;
	else
		o->pages = frame->next;
	if (frame->next != NO_FRAME)
		frame_table[frame->next].prev = frame->prev;
}

/* Each frame that names @d as its owner keeps the structure; so does its life up to its death. */
static void hold_owner(struct domain *d, u32 frames)
{
	atomic_fetch_add(&owner_of(d)->frames_held, frames);
}

static void release_owner(struct domain *d, u32 frames)
{
	if (atomic_fetch_sub(&owner_of(d)->frames_held, frames) == frames)
		domain_last_page_gone(d);
}

/* --- references ------------------------------------------------------------------------------- */

struct domain *get_frame_owner(struct frame *frame)
{
	if (!count_up(frame))
		return NULL;
	if (frame->owner)
		return frame->owner;
	put_frame(frame);
	return NULL;
}

bool get_frame(struct frame *frame, const struct domain *owner)
{
	return owner && hold_frame(frame, owner);
}

static void unlist(struct owner *o, struct frame *frame)
{
	list_out(o, frame);
	o->tot_pages--;
}

bool unlist_if_unused(struct domain *d, struct frame *frame)
{
	u64 sole = FC_ALLOCATED | 1;

	if (!atomic_compare_exchange_strong(&frame->count, &sole, 0))
		return false;
	unlist(owner_of(d), frame);
	return true;
}

void free_unlisted(struct domain *d, const u32 *mfns, unsigned nr)
{
	u32 clock = tlb_clock();

	for (unsigned i = 0; i < nr; i++) {
		frame_table[mfns[i]].owner = NULL;
		frame_table[mfns[i]].tlb_stamp = clock;
		m2p_set(mfns[i], INVALID_M2P);
	}
	free_frames_of(mfns, nr, owner_of(d)->serial);
	release_owner(d, nr);
}

static void free_domain_frame(struct frame *frame, struct domain *d)
{
	u32 mfn = (u32)frame_to_mfn(frame);
	struct owner *o = owner_of(d);

	lock(&o->pages_lock);
	unlist(o, frame);
	unlock(&o->pages_lock);
	free_unlisted(d, &mfn, 1);
}

static void free_shared_page(struct frame *frame, struct domain *d)
{
	frame->owner = NULL;
	frame->tlb_stamp = tlb_clock();
	m2p_set(frame_to_mfn(frame), INVALID_M2P);
	atomic_store(&frame->count, 0);
	atomic_store(&frame->type, FT_NONE);
	free_frames(frame_to_mfn(frame), 0);
	release_owner(d, 1);
}

void frame_last_put(struct frame *frame, u64 old)
{
	BUG_ON((old & FC_COUNT) != 1 || (old & FC_ALLOCATED));
	BUG_ON(!frame->owner);
	if (old & FC_HV)
		free_shared_page(frame, frame->owner);
	else
		free_domain_frame(frame, frame->owner);
}

void put_frame(struct frame *frame)
{
	drop_frame(frame);
}

bool free_by_owner(struct frame *frame)
{
	if (!(atomic_fetch_and(&frame->count, ~FC_ALLOCATED) & FC_ALLOCATED))
		return false;
	put_frame(frame);
	return true;
}

bool give_up_frame(struct domain *d, struct frame *frame)
{
	bool its_own;

	if (!get_frame(frame, d))
		return false;
	its_own = !(atomic_load(&frame->count) & FC_HV);
	if (its_own)
		free_by_owner(frame);
	put_frame(frame);
	return its_own;
}

/* --- frames of a domain ----------------------------------------------------------------------- */

void flush_former_users(struct frame *frame, unsigned order)
{
	cpumask_t cpus = tlb_cpus_in_domains(), stale = 0;

	for (unsigned i = 0; i < 1u << order; i++)
		stale |= tlb_stale(cpus & ~stale, frame[i].tlb_stamp);
	if (stale)
		tlb_flush(stale);
}

/* What others left behind goes; what the domain itself gave up a moment ago may come back as it was. */
static void clear_for(const struct owner *o, struct frame *frame, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		if (!frame[i].left_by || frame[i].left_by != o->serial)
			memset(mfn_to_virt(frame_to_mfn(&frame[i])), 0, PAGE_SIZE);
}

static void init_domain_frame(struct frame *frame, struct domain *d)
{
	frame->owner = d;
	frame->flags &= (u8)~FRAME_FOREIGN;
	atomic_store_explicit(&frame->type, FT_NONE, memory_order_relaxed);
	/* Whoever sees the reference sees the owner. */
	atomic_store_explicit(&frame->count, FC_ALLOCATED | 1, memory_order_release);
}

static int charge(struct owner *o, u32 frames)
{
	if (owner_is_dying((struct domain *)o))
		return -EINVAL;
	if (frames > o->max_pages || o->tot_pages > o->max_pages - frames)
		return -E2BIG;
	o->tot_pages += frames;
	return 0;
}

static struct frame *alloc_block(struct domain *d, unsigned order, unsigned bits, u64 pfn,
				 bool cleared)
{
	struct owner *o = owner_of(d);
	mfn_t mfn = alloc_frames_below(order, bits);
	struct frame *frame;
	u32 nr = 1u << order;

	if (mfn == INVALID_MFN)
		return NULL;
	frame = mfn_to_frame(mfn);
	flush_former_users(frame, order);
	if (cleared)
		clear_for(o, frame, nr);
	lock(&o->pages_lock);
	if (charge(o, nr)) {
		unlock(&o->pages_lock);
		free_frames(mfn, order);
		return NULL;
	}
	hold_owner(d, nr);
	for (u32 i = nr; i-- > 0;) {
		if (pfn != INVALID_M2P)
			m2p_set(mfn + i, pfn + i);
		init_domain_frame(&frame[i], d);
		list_in(o, &frame[i]);
	}
	unlock(&o->pages_lock);
	return frame;
}

struct frame *alloc_domain_frames(struct domain *d, unsigned order, unsigned bits, u64 pfn)
{
	return alloc_block(d, order, bits, pfn, true);
}

struct frame *alloc_first_domain_frames(struct domain *d, unsigned order, unsigned bits, u64 pfn)
{
	return alloc_block(d, order, bits, pfn, false);
}

int assign_frame(struct domain *d, struct frame *frame)
{
	struct owner *o = owner_of(d);
	int rc;

	/* The type that would remember a writable use is forgotten with the former owner. */
	flush_former_users(frame, 0);
	lock(&o->pages_lock);
	rc = charge(o, 1);
	if (!rc) {
		hold_owner(d, 1);
		init_domain_frame(frame, d);
		list_in(o, frame);
	}
	unlock(&o->pages_lock);
	return rc;
}

int steal_frame(struct domain *d, struct frame *frame)
{
	struct owner *o = owner_of(d);
	u64 sole = FC_ALLOCATED | 2;	/* the owner's own reference, and the caller's */

	if (owner_is_dying(d) || !get_frame(frame, d))
		return -EINVAL;
	if (frame_in_use(frame) || !atomic_compare_exchange_strong(&frame->count, &sole, 0)) {
		put_frame(frame);
		return -EINVAL;
	}
	lock(&o->pages_lock);
	unlist(o, frame);
	unlock(&o->pages_lock);
	frame->owner = NULL;
	frame->tlb_stamp = tlb_clock();
	release_owner(d, 1);
	return 0;
}

void share_page(void *page, struct domain *d, bool writable)
{
	struct frame *frame = mfn_to_frame(virt_to_mfn(page));

	hold_owner(d, 1);
	frame->owner = d;
	/* Read-only: one use as nothing, which no writable mapping can ever join. */
	atomic_store(&frame->type, (writable ? FT_WRITABLE : FT_NONE) | FT_VALIDATED | 1);
	atomic_store_explicit(&frame->count, FC_HV | FC_ALLOCATED | 1, memory_order_release);
}

void unshare_and_free_page(void *page)
{
	BUG_ON(!free_by_owner(mfn_to_frame(virt_to_mfn(page))));
}

/* --- types ------------------------------------------------------------------------------------ */

/*
 * A new type forbids what the old one allowed; so translations made under the old one must be gone,
 * also those of others who had mapped it: they may have dropped their entries without a flush.
 */
static void flush_for_new_type(struct frame *frame)
{
	bool was_foreign = frame->flags & FRAME_FOREIGN;
	struct domain *d = frame->owner;
	cpumask_t stale;

	if (!d)
		return;
	stale = tlb_stale(was_foreign ? tlb_cpus_in_domains() : atomic_load(&owner_of(d)->cpus),
			  frame->tlb_stamp);
	if (unlikely(stale))
		tlb_flush(stale);
	/* Nobody can map a table writable meanwhile, and say so here. */
	if (was_foreign && frame_type(frame) != FT_WRITABLE)
		frame->flags &= (u8)~FRAME_FOREIGN;
}

static enum type_outcome outcome_of(int rc)
{
	return rc == 0 ? TYPE_OK : rc == -ERESTART ? TYPE_PREEMPTED : TYPE_BAD;
}

/*
 * Only the CPU that made the word busy replaces it, but the page lock's bit never moves then. What
 * moves is the count of linear entries, while their own CPU takes or gives them.
 */
static u64 counted(struct frame *frame)
{
	return atomic_load_explicit(&frame->type, memory_order_relaxed);
}

static void store_type(struct frame *frame, u64 word)
{
	if (!(word & FT_COUNT))
		frame->tlb_stamp = tlb_clock();
	atomic_store_explicit(&frame->type, word, memory_order_release);
}

static int validate_and_finish(struct frame *frame, u64 before, u64 busy, bool preemptible)
{
	enum type_outcome outcome;
	bool drop, keep;
	int rc;

	if (!(before & FT_PARTIAL))
		frame->nr_validated = 0;
	if (!(before & FT_COUNT) && type_change_needs_flush(before, busy))
		flush_for_new_type(frame);
	rc = validate_contents(frame, busy, preemptible);
	busy = counted(frame);
	outcome = outcome_of(rc);
	/*
	 * Undoing may take as long as doing took. A preemptible caller comes back for it by
	 * clear_orphan(); for another it is done here, and so is what is short.
	 */
	if (outcome == TYPE_BAD && preemptible && (busy & FT_TYPE) != FT_L1)
		outcome = TYPE_PREEMPTED;
	else if (outcome == TYPE_BAD)
		invalidate_contents(frame, busy, false);
	busy = type_finish_get(before, busy, outcome, &drop, &keep);
	if (keep)
		atomic_fetch_add(&frame->count, 1);
	store_type(frame, busy);
	if (drop)
		put_frame(frame);
	return rc;
}

static int invalidate_orphan(struct frame *frame, u64 busy, bool preemptible)
{
	int rc = invalidate_contents(frame, busy, preemptible);

	store_type(frame, type_finish_orphan(counted(frame), outcome_of(rc)));
	if (!rc)
		put_frame(frame);
	return rc;
}

/*
 * Another CPU is at work on a table, perhaps for long if nothing calls it away; what calls this CPU
 * away must not wait for that.
 */
static int wait_for_other(bool preemptible)
{
	spin_wait();
	return preemptible && preempt_pending() ? -ERESTART : 0;
}

int clear_orphan(struct frame *frame, bool preemptible)
{
	u64 old = atomic_load(&frame->type), busy;

	do {
		if (type_clear_orphan(old, &busy) == TYPE_DONE)
			return 0;
	} while (!atomic_compare_exchange_weak(&frame->type, &old, busy));
	return invalidate_orphan(frame, busy, preemptible);
}

/* Who builds a domain cannot say what its kernel knows before there is a context, and is let. */
static bool is_out_of_reach(const struct frame *frame, u64 type)
{
	const struct owner *o = owner_of(frame->owner);

	return (type & FT_TYPE) == FT_L3 && frame_to_mfn(frame) >> 20 && o && o->is_pv32 &&
	       o->has_context && !names_high_roots(frame->owner);
}

int get_frame_type(struct frame *frame, u64 type, bool preemptible)
{
	u64 old, busy;
	int rc;

	if (likely(use_again(frame, type)))
		return 0;
	old = atomic_load_explicit(&frame->type, memory_order_relaxed);
	for (;;) {
		enum type_step step = type_get(old, type, &busy);

		if (step == TYPE_REFUSED)
			return -EINVAL;
		/* What stands below is too much to be undone here, and a table may name many such. */
		if (step == TYPE_CLEAR_ORPHAN && !preemptible)
			return -EINVAL;
		if (step == TYPE_WAIT) {
			if (wait_for_other(preemptible))
				return -ERESTART;
			old = atomic_load(&frame->type);
			continue;
		}
		if (step == TYPE_VALIDATE && unlikely(is_out_of_reach(frame, type)))
			return -ERANGE;
		if (!atomic_compare_exchange_weak(&frame->type, &old, busy))
			continue;
		if (step == TYPE_VALIDATE)
			return validate_and_finish(frame, old, busy, preemptible);
		if (step == TYPE_DONE)
			return 0;
		if (step == TYPE_FLUSH) {
			flush_for_new_type(frame);
			store_type(frame, busy | FT_VALIDATED);
			return 0;
		}
		rc = invalidate_orphan(frame, busy, preemptible);
		if (rc)
			return rc;
		old = atomic_load(&frame->type);
	}
}

static int put_use(struct frame *frame, bool linear, bool preemptible)
{
	enum type_step step;
	u64 old, busy;
	int rc;

	old = atomic_load_explicit(&frame->type, memory_order_relaxed);
	for (;;) {
		step = type_put(old, linear, &busy);
		ASSERT(old & FT_COUNT);
		if (step == TYPE_WAIT) {
			if (wait_for_other(preemptible))
				return -ERESTART;
			old = atomic_load(&frame->type);
			continue;
		}
		/* Before the word says that nobody uses it, so that the next user sees it. */
		if (step == TYPE_DONE && !(busy & FT_COUNT))
			frame->tlb_stamp = tlb_clock();
		if (atomic_compare_exchange_weak(&frame->type, &old, busy))
			break;
	}
	if (step == TYPE_DONE)
		return 0;
	if (!(old & FT_PARTIAL))
		frame->nr_validated = contents_entries(frame, old);
	rc = invalidate_contents(frame, busy, preemptible);
	store_type(frame, type_finish_put(counted(frame), outcome_of(rc)));
	return rc;
}

int put_frame_type(struct frame *frame, bool preemptible)
{
	return likely(unuse_one_of_many(frame)) ? 0 : put_use(frame, false, preemptible);
}

int put_linear_use(struct frame *frame, bool preemptible)
{
	return put_use(frame, true, preemptible);
}

int undo_frame(struct frame *frame, enum undoing what)
{
	return what == UNDO_ORPHAN ? clear_orphan(frame, true) :
				     put_use(frame, what == UNDO_LINEAR_USE, true);
}

int get_frame_and_type(struct frame *frame, const struct domain *owner, u64 type)
{
	int rc;

	if (!get_frame(frame, owner))
		return -EINVAL;
	rc = use_frame(frame, type);
	if (rc)
		drop_frame(frame);
	return rc;
}

void put_frame_and_type(struct frame *frame)
{
	unuse_frame(frame);
	drop_frame(frame);
}

/* --- page locks ------------------------------------------------------------------------------- */

/* @mask, @want: of the type word. */
static int lock_if(struct frame *frame, u64 mask, u64 want, bool preemptible)
{
	u64 old = atomic_load_explicit(&frame->type, memory_order_relaxed);

	for (;;) {
		if ((old & mask) != want || !(old & FT_COUNT))
			return -EBUSY;
		if (old & FT_LOCKED) {
			lock_waited(RANK_FRAME);
			if (wait_for_other(preemptible))
				return -ERESTART;
			old = atomic_load(&frame->type);
			continue;
		}
		if (atomic_compare_exchange_weak(&frame->type, &old, (old + 1) | FT_LOCKED))
			return 0;
	}
}

int frame_lock(struct frame *frame)
{
	return lock_if(frame, FT_VALIDATED, FT_VALIDATED, true);
}

bool frame_lock_leaves(struct frame *frame)
{
	return !lock_if(frame, FT_VALIDATED | FT_TYPE, FT_VALIDATED | FT_L1, false);
}

/* The use that the lock held may have become the last one meanwhile: give it back as any other. */
int frame_unlock(struct frame *frame)
{
	atomic_fetch_and_explicit(&frame->type, ~FT_LOCKED, memory_order_release);
	return put_frame_type(frame, true);
}
