/* SPDX-License-Identifier: GPL-2.0-only */
/* Device interrupts that belong to guests: a domain's numbers for them (pirqs), and their delivery. */
#ifndef HV_SERVICES_PIRQ_H
#define HV_SERVICES_PIRQ_H

#include "hypervisor/lib/types.h"

struct domain;
struct domain_hooks;

#define NR_PIRQS	256	/* of one domain; the first ones are GSIs as a rule */
#define PIRQ_ANY	(-1)

/*
 * Gives the domain an interrupt, under the number *@pirq or, with PIRQ_ANY, one that is chosen and
 * written there. It arrives once it is bound to an event channel. -EINVAL, -EBUSY (the hypervisor's
 * own, or another domain's), -EEXIST (the number means something else), -ENOSPC, -ENOMEM, -ENODEV.
 */
int pirq_map_gsi(struct domain *d, u32 gsi, int *pirq);
int pirq_map_msi(struct domain *d, u16 bdf, bool is_x, u32 entry, int *pirq);
/* Sets a number aside that means nothing yet, one of a GSI or another; below 0: -ENOSPC. */
int pirq_reserve(struct domain *d, bool for_gsi);
/* Takes it away, bound or not. -EINVAL when it means nothing. */
int pirq_unmap(struct domain *d, u32 pirq);
bool pirq_is_mapped(struct domain *d, u32 pirq);

/* For evtchn.c: it arrives at @port from now on; -EINVAL, -EEXIST. And at none any more. */
int pirq_bind(struct domain *d, u32 pirq, u32 port);
void pirq_unbind(struct domain *d, u32 pirq, u32 port);

/* The guest has served it: a level-triggered one may come again. -EINVAL when it means nothing. */
int pirq_eoi(struct domain *d, u32 pirq);
bool pirq_needs_eoi(struct domain *d, u32 pirq);
/* The same for all that wait for it and whose event channels are not masked. */
void pirq_eoi_unmasked(struct domain *d);
/* A page of the guest's that has a bit for each pirq that needs an EOI. -EBUSY, -EINVAL. */
int pirq_set_eoi_page(struct domain *d, u64 gfn, bool eoi_unmasks);

/* How a GSI is triggered. -EINVAL; -EEXIST once it is in use. */
int pirq_setup_gsi(u32 gsi, bool level, bool low);

extern const struct domain_hooks pirq_hooks;

#endif
