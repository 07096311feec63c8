/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of memory_op share: argument structures of either width, and claims. */
#ifndef HV_HYPERCALL_MEMORY_H
#define HV_HYPERCALL_MEMORY_H

#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/lib/types.h"
#include "pvabi/memory.h"

/* The command stands in the low bits of `cmd`; a continuation counts extents done above it. */
#define MEMOP_EXTENT_SHIFT	6
#define MEMOP_CMD_MASK		((1u << MEMOP_EXTENT_SHIFT) - 1)

/* A guest's list of frame numbers, of either width. */
static inline gva_t pfn_list_addr(gva_t list, u64 index, bool is_pv32)
{
	return list + index * (is_pv32 ? sizeof(u32) : sizeof(u64));
}

int __must_check read_pfn(gva_t list, u64 index, u64 *pfn);
int __must_check write_pfn(gva_t list, u64 index, u64 pfn);
/* True when entries [first, end) of the list may be the guest's. */
bool pfn_list_ok(gva_t list, u64 first, u64 end);

int __must_check read_reservation(struct xen_memory_reservation *r, gva_t arg);
/* The domain a call is about, with a reference. -ESRCH, or -EPERM when it is not the caller's to ask. */
static inline int memory_target(domid_t id, struct domain **target)
{
	struct domain *d = domain_get(id);
	int rc;

	if (!d)
		return -ESRCH;
	rc = may_target(current->domain, d);
	if (rc)
		domain_put(d);
	else
		*target = d;
	return rc;
}
/* The address limit in mem_flags, 64 when there is none; false when nothing can lie below it. */
bool memory_address_bits(u32 mem_flags, unsigned *bits);
/* Greatest extent the current domain may ask for. */
unsigned memory_max_order(void);

/* hypercall/reservation.c: @op on extents from @done on; returns how many are done. */
long memory_reservation(u32 op, gva_t arg, u64 done);
/* hypercall/exchange.c */
long memory_exchange(gva_t arg);
/* hypercall/memory_resource.c: frames that the hypervisor keeps for a domain */
long memory_acquire_resource(gva_t arg);
/* hypercall/memory_map.c: maps a guest or the machine is described by. */
long memory_get_map(gva_t arg);
long memory_set_map(gva_t arg);
long memory_machine_map(gva_t arg);
long memory_m2p_mapping(gva_t arg);
long memory_m2p_frames(gva_t arg);
long memory_m2p_frames_compat(gva_t arg);

/*
 * hypercall/claim.c: memory set aside for a domain that is being built. claim_allows() says whether
 * @d may take @pages more without touching what others claimed; claim_used() counts them against
 * its own claim.
 */
int claim_set(struct domain *d, u64 pages);
bool claim_allows(struct domain *d, u64 pages);
void claim_used(struct domain *d, u64 pages);
u64 claims_total(void);

#endif
