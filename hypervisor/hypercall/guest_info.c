/* SPDX-License-Identifier: GPL-2.0-only */
/* Birth and death of a domain's struct guest_info. */
#include "hypervisor/hypercall/guest_info.h"

#include "hypervisor/hypercall/memory.h"
#include "hypervisor/mm/alloc.h"

static int guest_info_create(struct domain *d)
{
	struct guest_info *info = kalloc(sizeof(*info));

	if (!info)
		return -ENOMEM;
	spin_init(&info->lock, "guest info", RANK_DOMCTL);
	d->info = info;
	return 0;
}

/* What it had claimed is there for others. */
static int guest_info_kill(struct domain *d)
{
	return claim_set(d, 0);
}

static void guest_info_destroy(struct domain *d)
{
	kfree(d->info->map);
	kfree(d->info);
	d->info = NULL;
}

const struct domain_hooks guest_info_hooks = {
	.domain_create = guest_info_create,
	.domain_kill = guest_info_kill,
	.domain_destroy = guest_info_destroy,
};
