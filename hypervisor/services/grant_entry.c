/* SPDX-License-Identifier: GPL-2.0-only */
/* One entry of a grant table: pinning it, and the protocol with its guest on the shared half. */
#include "hypervisor/services/grant_impl.h"

u32 grant_entries(struct grant_table *gt, u32 version)
{
	return atomic_load_explicit(&gt->nr_frames, memory_order_acquire) *
	       (version == GRANT_V2 ? V2_PER_PAGE : V1_PER_PAGE);
}

struct grant_active *grant_lock_entry(struct grant_table *gt, u32 ref, u32 *version)
{
	struct grant_active *act;

	for (;; spin_wait()) {
		*version = atomic_load(&gt->version);
		if (*version == GRANT_CHANGING)
			continue;
		if (ref >= grant_entries(gt, *version))
			return NULL;
		act = grant_active(gt, ref);
		byte_lock(&act->lock);
		if (likely(atomic_load(&gt->version) == *version))
			return act;
		byte_unlock(&act->lock);
	}
}

/* As above; inline where nobody else wants the entry and all are of version 1, as nearly always. */
static inline struct grant_active *lock_entry(struct grant_table *gt, u32 ref, u32 *version)
{
	struct grant_active *act;

	if (likely(ref < atomic_load_explicit(&gt->nr_frames, memory_order_acquire) * V1_PER_PAGE)) {
		act = grant_active(gt, ref);
		if (likely(byte_try_lock(&act->lock))) {
			*version = GRANT_V1;
			if (likely(atomic_load(&gt->version) == GRANT_V1))
				return act;
			byte_unlock(&act->lock);
		}
	}
	return grant_lock_entry(gt, ref, version);
}

void grant_quiesce(struct grant_table *gt, u32 version)
{
	atomic_store(&gt->version, version);
	for (u32 ref = 0; ref < grant_entries(gt, GRANT_V1); ref++) {
		struct grant_active *act = grant_active(gt, ref);

		byte_lock(&act->lock);
		byte_unlock(&act->lock);
	}
}

/* --- the shared half --------------------------------------------------------------------------- */

static bool is_pinned(const struct grant_active *act)
{
	return act->readers || act->writers;
}

/* Whether an entry that reads @flags and @domid allows this use. The first pin decides on both. */
static inline bool permits(const struct grant_active *act, const struct grant_use *use, u16 flags,
		    domid_t domid, bool may_be_transitive)
{
	u16 type = flags & (GTF_type_mask | (use->is_mapping ? GTF_sub_page : 0));

	if (!is_pinned(act) &&
	    (domid != use->user ||
	     (type != GTF_permit_access && !(may_be_transitive && type == GTF_transitive))))
		return false;
	return !(use->writes && (flags & GTF_readonly));
}

static u16 status_bits(bool writes)
{
	return GTF_reading | (writes ? GTF_writing : 0);
}

/*
 * Version 1: flags, domid and status share one word, so the claim is one compare-and-exchange. The
 * guest may rightly change the word under us once or twice (GTF_readonly); one that never rests
 * gets no grant used, instead of keeping us here.
 */
static bool claim_v1(struct grant_table *gt, const struct grant_active *act,
		     const struct grant_use *use)
{
	_Atomic u32 *word = (_Atomic u32 *)grant_v1(gt, use->ref);
	u32 old = atomic_load(word);

	for (int tries = 0; tries < 5; tries++) {
		if (!permits(act, use, (u16)old, old >> 16, false))
			return false;
		if (atomic_compare_exchange_strong(word, &old, old | status_bits(use->writes)))
			return true;
	}
	return false;
}

/*
 * Version 2: the status stands elsewhere. We set it, then look at the flags again; the guest clears
 * the flags, then looks at the status: one of both sees the other.
 */
static bool claim_v2(struct grant_table *gt, const struct grant_active *act,
		     const struct grant_use *use)
{
	_Atomic u32 *word = (_Atomic u32 *)&grant_v2(gt, use->ref)->hdr;
	_Atomic u16 *status = (_Atomic u16 *)grant_status(gt, use->ref);
	u32 header = atomic_load(word);

	if (!permits(act, use, (u16)header, header >> 16, !use->is_mapping))
		return false;
	atomic_fetch_or(status, status_bits(use->writes));
	header = atomic_load(word);
	if (permits(act, use, (u16)header, header >> 16, !use->is_mapping))
		return true;
	atomic_fetch_and(status, (u16)~(is_pinned(act) ? GTF_writing : GTF_reading | GTF_writing));
	return false;
}

static void clear_status(struct grant_table *gt, u32 version, u32 ref, u16 bits)
{
	_Atomic u16 *status = version == GRANT_V1 ? (_Atomic u16 *)&grant_v1(gt, ref)->flags :
						    (_Atomic u16 *)grant_status(gt, ref);

	atomic_fetch_and(status, (u16)~bits);
}

/* What a version 2 entry names: a frame, a part of one, or a grant of another domain's. */
static void read_v2(const union grant_entry_v2 *entry, bool is_mapping, struct grant_active *act)
{
	u16 flags = READ_ONCE(entry->hdr.flags);
	u64 mfn = READ_ONCE(entry->full_page.frame);

	if (!is_mapping && (flags & GTF_type_mask) == GTF_transitive) {
		act->partial = act->transitive = true;
		act->trans_dom = READ_ONCE(entry->transitive.trans_domid);
		act->trans_ref = READ_ONCE(entry->transitive.gref);
		return;
	}
	if (!is_mapping && (flags & GTF_sub_page)) {
		act->partial = true;
		act->start = READ_ONCE(entry->sub_page.page_off);
		act->length = READ_ONCE(entry->sub_page.length);
	}
	/* No frame has the number NO_FRAME: what does not fit is refused as a bad page. */
	act->mfn = mfn < NO_FRAME ? mfn : NO_FRAME;
}

/* The guest's words are read once, at the first pin; from then on the active entry counts. */
static void read_entry(struct grant_table *gt, u32 version, const struct grant_use *use,
		       struct grant_active *act)
{
	act->user = use->user;
	act->partial = act->transitive = false;
	act->start = 0;
	act->length = PAGE_SIZE;
	act->mfn = NO_FRAME;
	if (version == GRANT_V1)
		act->mfn = READ_ONCE(grant_v1(gt, use->ref)->frame);
	else
		read_v2(grant_v2(gt, use->ref), use->is_mapping, act);
}

/* --- pins -------------------------------------------------------------------------------------- */

/* Under the entry's lock. */
static inline int pin(struct grant_table *gt, u32 version, struct grant_active *act, struct grant_use *use)
{
	bool first = !is_pinned(act);

	if (!first && (act->user != use->user || (use->is_mapping && act->partial)))
		return GNTST_general_error;
	if ((first || (use->writes && !act->writers)) &&
	    !(version == GRANT_V1 ? claim_v1(gt, act, use) : claim_v2(gt, act, use)))
		return GNTST_general_error;
	if (first)
		read_entry(gt, version, use, act);
	*(use->writes ? &act->writers : &act->readers) += use->pins;
	use->mfn = act->mfn;
	if (use->is_mapping)
		return GNTST_okay;
	use->start = act->start;
	use->length = act->length;
	use->trans_dom = act->trans_dom;
	use->trans_ref = act->trans_ref;
	return act->transitive ? GRANT_TRANSITIVE : GNTST_okay;
}

int grant_pin(struct grant_use *use)
{
	struct grant_table *gt = use->granter->grant;
	struct grant_active *act;
	u32 version;
	int rc;

	act = lock_entry(gt, use->ref, &version);
	if (!act)
		return GNTST_bad_gntref;
	rc = version == GRANT_DEAD ? GNTST_bad_domain : pin(gt, version, act, use);
	byte_unlock(&act->lock);
	return rc;
}

void grant_unpin(const struct grant_use *use)
{
	struct grant_table *gt = use->granter->grant;
	u32 version;
	struct grant_active *act = lock_entry(gt, use->ref, &version);
	u16 ended = 0;

	*(use->writes ? &act->writers : &act->readers) -= use->pins;
	if (use->writes && !act->writers)
		ended |= GTF_writing;
	if (!is_pinned(act))
		ended |= GTF_reading;
	if (ended && version != GRANT_DEAD)
		clear_status(gt, version, use->ref, ended);
	byte_unlock(&act->lock);
}
