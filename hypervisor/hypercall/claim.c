/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Claims: a builder sets memory aside, so that two domains being built at once do not both fail.
 *
 * The total of all claims is what nobody else may take. It is compared without a lock, so two calls
 * at the same moment may both be allowed the last free page; then one of them finds the allocator
 * empty, as it would without claims. Nothing on the way costs anything while there are no claims.
 */
#include <stdatomic.h>

#include "hypervisor/domain/domain.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"

static _Atomic u64 total;

u64 claims_total(void)
{
	return atomic_load(&total);
}

bool claim_allows(struct domain *d, u64 pages)
{
	u64 others = atomic_load(&total);

	if (likely(!others))
		return true;
	others -= MIN(others, (u64)atomic_load(&d->outstanding_pages));
	return free_frame_count() >= others + pages;
}

void claim_used(struct domain *d, u64 pages)
{
	u32 claimed = atomic_load(&d->outstanding_pages), used;

	do {
		used = (u32)MIN(pages, (u64)claimed);
		if (!used)
			return;
	} while (!atomic_compare_exchange_weak(&d->outstanding_pages, &claimed, claimed - used));
	atomic_fetch_sub(&total, used);
}

static int claim_new(struct domain *d, u64 pages)
{
	u64 claim, avail;

	if (atomic_load(&d->outstanding_pages))
		return -EINVAL;
	if (pages <= d->tot_pages || pages > d->max_pages)
		return -EINVAL;
	claim = pages - d->tot_pages;
	avail = free_frame_count();
	if (atomic_load(&total) > avail || claim > avail - atomic_load(&total))
		return -ENOMEM;
	atomic_fetch_add(&total, claim);
	atomic_store(&d->outstanding_pages, (u32)claim);
	return 0;
}

/* @pages is what the domain is to have in the end; 0 gives the claim up. One claim at a time. */
int claim_set(struct domain *d, u64 pages)
{
	int rc = 0;

	lock(&d->pages_lock);
	if (!pages)
		atomic_fetch_sub(&total, atomic_exchange(&d->outstanding_pages, 0));
	else
		rc = domain_is_dying(d) ? -EINVAL : claim_new(d, pages);
	unlock(&d->pages_lock);
	return rc;
}
