/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's grant table as a whole: its frames, its size, its version, its life. */
#include "hypervisor/services/grant.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/domain/hooks.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/services/grant_impl.h"

struct domain *grant_get_domain(domid_t id)
{
	struct domain *d = domain_get(id);

	if (d && d->grant)
		return d;
	if (d)
		domain_put(d);
	return NULL;
}

/* As above, of one the current domain may act upon. GNTST_*. */
static int get_target(domid_t id, struct domain **out)
{
	struct domain *d = grant_get_domain(id);

	if (!d)
		return GNTST_bad_domain;
	if (d != current->domain && !current->domain->is_privileged) {
		domain_put(d);
		return GNTST_permission_denied;
	}
	*out = d;
	return GNTST_okay;
}

/* --- growth: under the table's lock ------------------------------------------------------------ */

static u32 status_frames(u32 nr_frames)
{
	return DIV_UP(nr_frames * V2_PER_PAGE, STATUS_PER_PAGE);
}

static void *new_shared_page(struct domain *d)
{
	void *page = alloc_page();

	if (page)
		share_page(page, d, true);
	return page;
}

static int grow_status(struct domain *d, u32 nr_frames)
{
	struct grant_table *gt = d->grant;

	for (; gt->nr_status < status_frames(nr_frames); gt->nr_status++) {
		gt->status[gt->nr_status] = new_shared_page(d);
		if (!gt->status[gt->nr_status])
			return -ENOMEM;
	}
	return 0;
}

/* Pages that an attempt which failed has left behind are used by the next one. */
static int add_frame(struct domain *d)
{
	struct grant_table *gt = d->grant;
	u32 nr = atomic_load(&gt->nr_frames);

	for (u32 i = nr * ACTIVE_PAGES; i < (nr + 1) * ACTIVE_PAGES; i++) {
		if (!gt->active[i])
			gt->active[i] = alloc_page();
		if (!gt->active[i])
			return -ENOMEM;
	}
	if (atomic_load(&gt->version) == GRANT_V2 && grow_status(d, nr + 1))
		return -ENOMEM;
	gt->shared[nr] = new_shared_page(d);
	if (!gt->shared[nr])
		return -ENOMEM;
	atomic_store_explicit(&gt->nr_frames, nr + 1, memory_order_release);
	return 0;
}

static int grow(struct domain *d, u32 nr_frames)
{
	struct grant_table *gt = d->grant;

	if (nr_frames > gt->max_frames || atomic_load(&gt->version) == GRANT_DEAD)
		return -EINVAL;
	while (atomic_load(&gt->nr_frames) < nr_frames)
		if (add_frame(d))
			return -ENOMEM;
	return 0;
}

int grant_need_frames(domid_t dom, bool status, u32 nr, struct domain **d)
{
	int rc = get_target(dom, d);

	if (rc)
		return rc;
	lock(&(*d)->grant->lock);
	/* Status frames come with the table's; in version 1 there are none. */
	if (status ? nr > (*d)->grant->nr_status : grow(*d, nr) != 0)
		rc = GNTST_general_error;
	unlock(&(*d)->grant->lock);
	if (rc)
		domain_put(*d);
	return rc;
}

u32 grant_max_frames(const struct domain *d, bool status)
{
	return status ? status_frames(d->grant->max_frames) : d->grant->max_frames;
}

mfn_t grant_mfn(const struct domain *d, bool status, u32 i)
{
	return virt_to_mfn(status ? (void *)d->grant->status[i] : d->grant->shared[i]);
}

void grant_query_size(struct gnttab_query_size *op)
{
	struct domain *d;

	op->status = get_target(op->dom, &d);
	if (op->status)
		return;
	op->nr_frames = atomic_load(&d->grant->nr_frames);
	op->max_nr_frames = d->grant->max_frames;
	domain_put(d);
}

/* --- versions ---------------------------------------------------------------------------------- */

/* Whether version 1 has words for the reserved entries, which stay what they are. */
static bool fits_v1(struct grant_table *gt)
{
	for (u32 ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
		const union grant_entry_v2 *v2 = grant_v2(gt, ref);
		u16 type = READ_ONCE(v2->hdr.flags) & GTF_type_mask;

		if (type == GTF_transitive ||
		    (type == GTF_permit_access && READ_ONCE(v2->full_page.frame) >> 32))
			return false;
	}
	return true;
}

/* The guest may change an entry after fits_v1(): what cannot be said in version 1 is nothing. */
static struct grant_entry_v1 from_v2(struct grant_table *gt, u32 ref)
{
	const union grant_entry_v2 *v2 = grant_v2(gt, ref);
	u64 frame = READ_ONCE(v2->full_page.frame);

	if (frame >> 32)
		return (struct grant_entry_v1){ 0 };
	return (struct grant_entry_v1){
		.flags = READ_ONCE(v2->hdr.flags) | READ_ONCE(*grant_status(gt, ref)),
		.domid = READ_ONCE(v2->hdr.domid),
		.frame = frame,
	};
}

/* The console's and the store's rings stay granted when the guest (or its successor) changes. */
static void save_reserved(struct grant_table *gt, u32 version, struct grant_entry_v1 *saved)
{
	for (u32 ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
		saved[ref] = version == GRANT_V1 ? *grant_v1(gt, ref) : from_v2(gt, ref);
		if ((saved[ref].flags & GTF_type_mask) != GTF_permit_access)
			saved[ref] = (struct grant_entry_v1){ 0 };
	}
}

static void restore_reserved(struct grant_table *gt, u32 version,
			     const struct grant_entry_v1 *saved)
{
	const u16 status = GTF_reading | GTF_writing;

	for (u32 ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
		if (version == GRANT_V1) {
			*grant_v1(gt, ref) = saved[ref];
			continue;
		}
		grant_v2(gt, ref)->full_page.hdr.domid = saved[ref].domid;
		grant_v2(gt, ref)->full_page.frame = saved[ref].frame;
		grant_v2(gt, ref)->hdr.flags = saved[ref].flags & ~status;
		*grant_status(gt, ref) = saved[ref].flags & status;
	}
}

static void free_status(struct grant_table *gt)
{
	while (gt->nr_status > 0)
		unshare_and_free_page(gt->status[--gt->nr_status]);
}

static bool in_use(struct grant_table *gt)
{
	for (u32 ref = GNTTAB_NR_RESERVED_ENTRIES; ref < grant_entries(gt, GRANT_V1); ref++)
		if (grant_active(gt, ref)->readers || grant_active(gt, ref)->writers)
			return true;
	return false;
}

/* Nobody else is at work on any entry. Returns the version in force afterwards. */
static u32 convert(struct grant_table *gt, u32 from, u32 to)
{
	struct grant_entry_v1 saved[GNTTAB_NR_RESERVED_ENTRIES];
	u32 nr = atomic_load(&gt->nr_frames);

	save_reserved(gt, from, saved);
	for (u32 i = 0; i < nr; i++)
		clear_page(gt->shared[i]);
	restore_reserved(gt, to, saved);
	return to;
}

static int change_version(struct domain *d, u32 to)
{
	struct grant_table *gt = d->grant;
	u32 from = atomic_load(&gt->version);
	int rc = 0;

	if (from == to)
		return 0;
	if (to == GRANT_V2 && grow_status(d, atomic_load(&gt->nr_frames))) {
		free_status(gt);
		return -ENOMEM;
	}
	grant_quiesce(gt, GRANT_CHANGING);
	if (in_use(gt))
		rc = -EBUSY;
	else if (from == GRANT_V2 && !fits_v1(gt))
		rc = -ERANGE;
	else
		from = convert(gt, from, to);
	atomic_store(&gt->version, from);
	if (from == GRANT_V1)
		free_status(gt);
	return rc;
}

int grant_set_version(struct gnttab_set_version *op)
{
	struct domain *d = current->domain;
	struct grant_table *gt = d->grant;
	int rc = -EINVAL;

	lock(&gt->lock);
	if (op->version == GRANT_V2 && gt->max_version < GRANT_V2)
		rc = -ENOSYS;
	else if (op->version == GRANT_V1 || op->version == GRANT_V2)
		rc = change_version(d, op->version);
	op->version = atomic_load(&gt->version);
	unlock(&gt->lock);
	return rc;
}

int grant_get_version(struct gnttab_get_version *op)
{
	struct domain *d;
	int rc = get_target(op->dom, &d);

	if (rc)
		return rc == GNTST_bad_domain ? -ESRCH : -EPERM;
	op->version = atomic_load(&d->grant->version);
	domain_put(d);
	return 0;
}

/* --- the smaller operations -------------------------------------------------------------------- */

#define SWAP(a, b)	do { __typeof__(a) t_ = (a); (a) = (b); (b) = t_; } while (0)

static int swap_locked(struct grant_table *gt, u32 a, u32 b, u32 version)
{
	struct grant_active *x = grant_active(gt, a), *y = grant_active(gt, b);

	if (x->readers || x->writers || y->readers || y->writers)
		return GNTST_eagain;
	if (version == GRANT_V1) {
		SWAP(*grant_v1(gt, a), *grant_v1(gt, b));
	} else {
		SWAP(*grant_v2(gt, a), *grant_v2(gt, b));
		SWAP(*grant_status(gt, a), *grant_status(gt, b));
	}
	return GNTST_okay;
}

/* Under the table's lock the version stands still; both entries' locks keep users out. */
void grant_swap(struct gnttab_swap_grant_ref *op)
{
	struct grant_table *gt = current->domain->grant;
	u32 low = MIN(op->ref_a, op->ref_b), high = MAX(op->ref_a, op->ref_b), version;

	lock(&gt->lock);
	version = atomic_load(&gt->version);
	if (high >= grant_entries(gt, version)) {
		op->status = GNTST_bad_gntref;
	} else if (low == high) {
		op->status = GNTST_okay;
	} else {
		byte_lock(&grant_active(gt, low)->lock);
		byte_lock(&grant_active(gt, high)->lock);
		op->status = swap_locked(gt, op->ref_a, op->ref_b, version);
		byte_unlock(&grant_active(gt, high)->lock);
		byte_unlock(&grant_active(gt, low)->lock);
	}
	unlock(&gt->lock);
}

/* Whether @user uses a grant of that frame by this table. A walk: no guest on x86 asks often. */
static bool is_granted(struct grant_table *gt, const struct domain *user, mfn_t mfn)
{
	bool found = false;

	for (u32 ref = 0; !found && ref < grant_entries(gt, GRANT_V1); ref++) {
		struct grant_active *act = grant_active(gt, ref);

		byte_lock(&act->lock);
		found = (act->readers || act->writers) && act->user == user->id && act->mfn == mfn;
		byte_unlock(&act->lock);
	}
	return found;
}

static int clean_cache(const struct gnttab_cache_flush *op, mfn_t mfn)
{
	const char *p = (const char *)mfn_to_virt(mfn) + op->offset;

	/* x86 has nothing that throws modified lines away. */
	if (!(op->op & GNTTAB_CACHE_CLEAN))
		return -EOPNOTSUPP;
	for (const char *end = p + op->length; p < end; p += 64 - (uintptr_t)p % 64)
		asm volatile("clflush %0" : : "m"(*p));
	return 0;
}

int grant_cache_flush(const struct gnttab_cache_flush *op)
{
	mfn_t mfn = op->a.dev_bus_addr >> PAGE_SHIFT;
	struct domain *owner;
	int rc;

	if (op->op & GNTTAB_CACHE_SOURCE_GREF)
		return -EOPNOTSUPP;
	if (op->offset >= PAGE_SIZE || (u32)op->offset + op->length > PAGE_SIZE ||
	    (op->op & ~(GNTTAB_CACHE_INVAL | GNTTAB_CACHE_CLEAN)))
		return -EINVAL;
	if (!op->length || !op->op)
		return 0;
	if (!mfn_valid(mfn))
		return -EINVAL;
	owner = get_frame_owner(mfn_to_frame(mfn));
	if (!owner)
		return -EPERM;
	if (!owner->grant)
		rc = -EPERM;
	else if (owner != current->domain && !is_granted(owner->grant, current->domain, mfn))
		rc = -EINVAL;
	else
		rc = clean_cache(op, mfn);
	put_frame(mfn_to_frame(mfn));
	return rc;
}

void grant_dump(struct domain *d)
{
	struct grant_table *gt = d->grant;

	hv_print("d%u: grant table version %u, %u of %u frames, %u of %u pages of handles\n", d->id,
		 atomic_load(&gt->version), atomic_load(&gt->nr_frames), gt->max_frames,
		 atomic_load(&gt->nr_maptrack), gt->max_maptrack);
	for (u32 ref = 0; ref < grant_entries(gt, GRANT_V1); ref++) {
		struct grant_active *act = grant_active(gt, ref);

		if (act->readers || act->writers)
			hv_print("  %5u: d%u reads %u writes %u mfn %x\n", ref, act->user,
				 act->readers, act->writers, act->mfn);
	}
}

/* --- a domain's life --------------------------------------------------------------------------- */

/* A longer directory of pages in place of the old one, which has @used entries. */
static int resize(void *dir, u32 used, u32 length)
{
	void ***old = dir, **longer = kalloc(length * sizeof(void *));

	if (!longer)
		return -ENOMEM;
	if (used)
		memcpy(longer, *old, used * sizeof(void *));
	kfree(*old);
	*old = longer;
	return 0;
}

int grant_set_limits(struct domain *d, u32 max_grant_frames, u32 max_maptrack_frames)
{
	struct grant_table *gt = d->grant;
	u32 frames = max_grant_frames == ~0u ? GRANT_FRAMES_DEFAULT : max_grant_frames;
	u32 handles = max_maptrack_frames == ~0u ? MAPTRACK_FRAMES_DEFAULT : max_maptrack_frames;
	u32 nr_frames = atomic_load(&gt->nr_frames), nr_handles = atomic_load(&gt->nr_maptrack);
	int rc = -EINVAL;

	if (!frames || frames > GRANT_FRAMES_MAX || handles > MAPTRACK_FRAMES_MAX)
		return rc;
	lock(&gt->lock);
	if (frames >= nr_frames && handles >= nr_handles) {
		rc = resize(&gt->shared, nr_frames, frames) ?:
		     resize(&gt->status, gt->nr_status, status_frames(frames)) ?:
		     resize(&gt->active, nr_frames * ACTIVE_PAGES, frames * ACTIVE_PAGES) ?:
		     resize(&gt->maptrack, nr_handles, handles + 1);
	}
	if (!rc) {
		gt->max_frames = frames;
		gt->max_maptrack = handles;
	}
	unlock(&gt->lock);
	return rc;
}

void grant_set_max_version(struct domain *d, u32 version)
{
	d->grant->max_version = version;
}

/*
 * Others may hold pins yet, and keep the active entries, but never again look at the shared ones.
 * Those pages go now: each of them keeps the domain.
 */
static void give_up_table(struct grant_table *gt)
{
	lock(&gt->lock);
	if (atomic_load(&gt->version) != GRANT_DEAD) {
		grant_quiesce(gt, GRANT_DEAD);
		for (u32 i = 0; i < atomic_load(&gt->nr_frames); i++)
			unshare_and_free_page(gt->shared[i]);
		free_status(gt);
	}
	unlock(&gt->lock);
}

static void destroy_hook(struct domain *d)
{
	struct grant_table *gt = d->grant;

	give_up_table(gt);		/* of a domain that was never born */
	for (u32 i = 0; i < gt->max_frames * ACTIVE_PAGES; i++)
		if (gt->active[i])
			free_page(gt->active[i]);
	for (u32 i = 0; i < atomic_load(&gt->nr_maptrack); i++)
		free_page(gt->maptrack[i]);
	kfree(gt->shared);
	kfree(gt->status);
	kfree(gt->active);
	kfree(gt->maptrack);
	kfree(gt);
	d->grant = NULL;
}

/* Mappings end first, since they may be of the domain's own grants. */
static int kill_hook(struct domain *d)
{
	int rc = grant_release_mappings(d);

	if (!rc)
		give_up_table(d->grant);
	return rc;
}

static int create_hook(struct domain *d)
{
	struct grant_table *gt = kalloc(sizeof(*gt));
	int rc;

	if (!gt)
		return -ENOMEM;
	spin_init(&gt->lock, "grant table", RANK_GRANT);
	spin_init(&gt->maptrack_lock, "grant handles", RANK_MAPTRACK);
	atomic_init(&gt->version, GRANT_V1);
	atomic_init(&gt->free_handle, NO_HANDLE);
	gt->max_version = GRANT_V2;
	d->grant = gt;
	rc = grant_set_limits(d, ~0u, ~0u);
	if (!rc)
		rc = grow(d, 1);
	if (rc)
		destroy_hook(d);
	return rc;
}

const struct domain_hooks grant_hooks = {
	.domain_create = create_hook,
	.domain_kill = kill_hook,
	.domain_destroy = destroy_hook,
};
