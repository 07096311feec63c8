/* SPDX-License-Identifier: GPL-2.0-only */
/* Mapping other domains' frames by their grants, and the handles by which mappings are undone. */
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/preempt.h"
#include "hypervisor/mm/tlb.h"
#include "hypervisor/services/grant_impl.h"

#define MAP_KINDS	(GNTMAP_host_map | GNTMAP_device_map)
#define MAPTRACK_FLAGS	(MAP_KINDS | GNTMAP_readonly | GNTMAP_contains_pte)

/* --- handles ----------------------------------------------------------------------------------- */

/*
 * The free ones form a stack without a lock. The count of pops beside its head makes a pop fail
 * that was overtaken by others which took the same head and put it back.
 */
static void push_handles(struct grant_table *gt, u32 first, u32 last)
{
	u64 head = atomic_load(&gt->free_handle), next;

	do {
		atomic_store(&maptrack_entry(gt, last)->ref, (u32)head);
		next = (head & ~0xffffffffull) | first;
	} while (!atomic_compare_exchange_weak(&gt->free_handle, &head, next));
}

static bool add_handles(struct grant_table *gt)
{
	u32 nr = atomic_load(&gt->nr_maptrack), first = nr * MAPTRACK_PER_PAGE;
	struct maptrack *page = nr < gt->max_maptrack ? alloc_page() : NULL;

	if (!page)
		return false;
	for (u32 i = 0; i < MAPTRACK_PER_PAGE - 1; i++)
		atomic_init(&page[i].ref, first + i + 1);
	gt->maptrack[nr] = page;
	atomic_store_explicit(&gt->nr_maptrack, nr + 1, memory_order_release);
	push_handles(gt, first, first + MAPTRACK_PER_PAGE - 1);
	return true;
}

static bool ensure_handles(struct grant_table *gt)
{
	bool ok;

	lock(&gt->maptrack_lock);
	ok = (u32)atomic_load(&gt->free_handle) != NO_HANDLE || add_handles(gt);
	unlock(&gt->maptrack_lock);
	return ok;
}

static u32 get_handle(struct grant_table *gt)
{
	u64 head = atomic_load(&gt->free_handle), next;

	for (;;) {
		if ((u32)head == NO_HANDLE) {
			if (!ensure_handles(gt))
				return NO_HANDLE;
			head = atomic_load(&gt->free_handle);
			continue;
		}
		next = ((head >> 32) + 1) << 32 | atomic_load(&maptrack_entry(gt, (u32)head)->ref);
		if (atomic_compare_exchange_weak(&gt->free_handle, &head, next))
			return (u32)head;
	}
}

static void put_handle(struct grant_table *gt, u32 handle)
{
	struct maptrack *mt = maptrack_entry(gt, handle);

	mt->granter = NULL;
	atomic_store(&mt->flags, 0);
	push_handles(gt, handle, handle);
}

static struct maptrack *find_handle(struct grant_table *gt, u32 handle)
{
	if (handle / MAPTRACK_PER_PAGE >=
	    atomic_load_explicit(&gt->nr_maptrack, memory_order_acquire))
		return NULL;
	return maptrack_entry(gt, handle);
}

static unsigned kinds(u32 flags)
{
	return !!(flags & GNTMAP_host_map) + !!(flags & GNTMAP_device_map);
}

/* --- map --------------------------------------------------------------------------------------- */

static u64 pte_flags(u32 flags)
{
	u64 pte = (u64)(flags >> _GNTMAP_guest_avail0) << 9 & PTE_AVAIL;

	if (!(flags & GNTMAP_readonly))
		pte |= PTE_RW;
	if (flags & GNTMAP_application_map)
		pte |= PTE_USER;
	return pte;
}

/* Each kind of mapping holds the frame by itself. */
static int map_frame(const struct gnttab_map_grant_ref *op, const struct grant_use *use)
{
	bool host = op->flags & GNTMAP_host_map, device = op->flags & GNTMAP_device_map;
	int rc = GNTST_okay;

	if (device)
		rc = mm_grant_hold(use->mfn, use->granter, use->writes);
	if (rc || !host)
		return rc;
	rc = mm_grant_hold(use->mfn, use->granter, use->writes);
	if (!rc) {
		rc = mm_grant_map(op->host_addr, op->flags & GNTMAP_contains_pte, use->mfn,
				  pte_flags(op->flags));
		if (rc)
			mm_grant_release(use->mfn, use->writes);
	}
	if (rc && device)
		mm_grant_release(use->mfn, use->writes);
	return rc;
}

static int pin_and_map(const struct gnttab_map_grant_ref *op, struct grant_use *use)
{
	int rc = grant_pin(use);

	if (rc)
		return rc;
	rc = map_frame(op, use);
	if (rc)
		grant_unpin(use);
	return rc;
}

static int map(struct gnttab_map_grant_ref *op)
{
	struct domain *ld = current->domain;
	struct grant_use use;
	struct maptrack *mt;
	u32 handle;
	int rc;

	use.ref = op->ref;
	use.user = ld->id;
	use.is_mapping = true;
	use.pins = kinds(op->flags);
	use.writes = !(op->flags & GNTMAP_readonly);
	if (!use.pins)
		return GNTST_bad_gntref;
	use.granter = op->dom < DOMID_FIRST_RESERVED ? grant_get_domain(op->dom) : NULL;
	if (!use.granter)
		return GNTST_bad_domain;
	handle = get_handle(ld->grant);
	rc = handle == NO_HANDLE ? GNTST_no_space : pin_and_map(op, &use);
	if (rc) {
		if (handle != NO_HANDLE)
			put_handle(ld->grant, handle);
		domain_put(use.granter);
		return rc;
	}
	/* The flags last: they make the rest valid. The handle keeps the domain's reference. */
	mt = maptrack_entry(ld->grant, handle);
	mt->granter = use.granter;
	atomic_store(&mt->ref, op->ref);
	atomic_store_explicit(&mt->flags, op->flags & MAPTRACK_FLAGS, memory_order_release);
	op->handle = handle;
	op->dev_bus_addr = use.mfn << PAGE_SHIFT;
	return GNTST_okay;
}

void grant_map(struct gnttab_map_grant_ref *op)
{
	op->status = map(op);
}

/* --- unmap ------------------------------------------------------------------------------------- */

struct unmap {
	u32 handle;
	u64 host_addr, new_addr, dev_bus_addr;
};

/* Removes what is asked for; *@done says what was. The handle is busy, so it is ours alone. */
static int unmap_kinds(const struct unmap *op, u32 flags, mfn_t mfn, u32 *done)
{
	bool is_pte = flags & GNTMAP_contains_pte;
	int rc;

	if (op->dev_bus_addr && (flags & GNTMAP_device_map)) {
		if (op->dev_bus_addr != mfn << PAGE_SHIFT)
			return GNTST_bad_dev_addr;
		*done |= GNTMAP_device_map;
	}
	if (op->host_addr && (flags & GNTMAP_host_map)) {
		rc = is_pte && op->new_addr ? GNTST_general_error :
		     mm_grant_unmap(op->host_addr, is_pte, op->new_addr, mfn,
				    flags & GNTMAP_readonly);
		if (rc) {
			*done = 0;
			return rc;
		}
		*done |= GNTMAP_host_map;
	}
	return GNTST_okay;
}

static int unmap(const struct unmap *op, struct grant_unmap_batch *batch)
{
	struct maptrack *mt = find_handle(current->domain->grant, op->handle);
	u32 flags = mt ? atomic_load_explicit(&mt->flags, memory_order_acquire) : 0;
	struct grant_unmapped *el = &batch->el[batch->nr];
	int rc;

	do {
		if (!flags || (flags & MAPTRACK_BUSY))
			return GNTST_bad_handle;
	} while (!atomic_compare_exchange_weak(&mt->flags, &flags, flags | MAPTRACK_BUSY));
	el->handle = op->handle;
	el->granter = mt->granter;
	el->ref = atomic_load(&mt->ref);
	el->mfn = grant_active(el->granter->grant, el->ref)->mfn;	/* constant while it is pinned */
	el->done = 0;
	rc = unmap_kinds(op, flags, el->mfn, &el->done);
	el->last = !(flags & ~el->done & MAP_KINDS);
	/* The last one stays busy until grant_unmap_finish() frees the handle. */
	if (!el->last) {
		/* A handle of which something is left keeps its reference to the granter. */
		if (el->done)
			domain_hold(el->granter);
		atomic_store_explicit(&mt->flags, flags & ~(el->done & MAP_KINDS),
				      memory_order_release);
	}
	if (el->done) {
		el->done |= flags & GNTMAP_readonly;
		batch->nr++;
	}
	return rc;
}

void grant_unmap(struct gnttab_unmap_grant_ref *op, struct grant_unmap_batch *batch)
{
	struct unmap u = {
		.handle = op->handle, .host_addr = op->host_addr, .dev_bus_addr = op->dev_bus_addr,
	};

	op->status = unmap(&u, batch);
}

void grant_unmap_and_replace(struct gnttab_unmap_and_replace *op, struct grant_unmap_batch *batch)
{
	struct unmap u = {
		.handle = op->handle, .host_addr = op->host_addr, .new_addr = op->new_addr,
	};

	op->status = unmap(&u, batch);
}

static void finish(struct domain *ld, const struct grant_unmapped *el)
{
	struct grant_use use;		/* what grant_unpin() needs of it */

	use.granter = el->granter;
	use.ref = el->ref;
	use.writes = !(el->done & GNTMAP_readonly);
	use.pins = kinds(el->done);
	for (unsigned i = 0; i < use.pins; i++)
		mm_grant_release(el->mfn, use.writes);
	grant_unpin(&use);
	if (el->last)
		put_handle(ld->grant, el->handle);
	domain_put(el->granter);
}

/*
 * One flush for all: of everything, since the guest may have mapped the same table, and so the same
 * entry, at other addresses too.
 */
void grant_unmap_finish(struct grant_unmap_batch *batch)
{
	struct domain *ld = current->domain;

	if (batch->nr)
		tlb_flush(atomic_load(&ld->cpus));
	for (unsigned i = 0; i < batch->nr; i++)
		finish(ld, &batch->el[i]);
	batch->nr = 0;
}

/* --- death of the mapper ----------------------------------------------------------------------- */

/*
 * No vCPU of the domain runs any more. The L1 entries of host mappings hold their frames and give
 * them back with the page tables; the rest is undone here.
 */
static void release_mapping(struct grant_table *gt, u32 handle)
{
	struct maptrack *mt = maptrack_entry(gt, handle);
	struct domain *granter = mt->granter;
	u32 flags = atomic_load(&mt->flags);
	struct grant_use use = {
		.granter = granter, .ref = atomic_load(&mt->ref), .pins = kinds(flags),
		.writes = !(flags & GNTMAP_readonly),
	};

	if (!flags)
		return;
	if (flags & GNTMAP_device_map)
		mm_grant_release(grant_active(granter->grant, use.ref)->mfn, use.writes);
	grant_unpin(&use);
	put_handle(gt, handle);
	domain_put(granter);
}

int grant_release_mappings(struct domain *d)
{
	struct grant_table *gt = d->grant;

	while (find_handle(gt, gt->next_release)) {
		release_mapping(gt, gt->next_release++);
		if (gt->next_release % 64 == 0 && preempt_pending())
			return -ERESTART;
	}
	return 0;
}
