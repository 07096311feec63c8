/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op: frames given to a domain and taken from it.
 *
 * The result is the number of extents done so far, whatever the reason for stopping: the caller
 * learns how far it came, and knows what it passed.
 */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"

#define MEMOP_EXTENTS_MAX(is_pv32) \
	((is_pv32) ? ~0u >> MEMOP_EXTENT_SHIFT : ~0ul >> MEMOP_EXTENT_SHIFT)

/* Extents of one page are cheap: look whether others wait after some of them only. */
#define PREEMPT_PAGES_MASK	15

struct request {
	struct domain *d;
	gva_t list;		/* 0: none */
	u64 nr;
	unsigned order;
	unsigned address_bits;	/* frames must lie below 2^this */
};

static struct frame *take_extent(const struct request *req, u64 pfn)
{
	struct frame *frame;

	if (!claim_allows(req->d, 1ull << req->order))
		return NULL;
	frame = alloc_domain_frames(req->d, req->order, req->address_bits, pfn);
	if (frame)
		claim_used(req->d, 1ull << req->order);
	return frame;
}

static bool increase(const struct request *req, u64 index)
{
	struct frame *frame = take_extent(req, INVALID_M2P);

	if (!frame)
		return false;
	return !req->list || !write_pfn(req->list, index, frame_to_mfn(frame));
}

static bool populate(const struct request *req, u64 index)
{
	struct frame *frame;
	u64 pfn;

	if (read_pfn(req->list, index, &pfn))
		return false;
	frame = take_extent(req, pfn);
	return frame && !write_pfn(req->list, index, frame_to_mfn(frame));
}

/* Others may still map it: then it is free with their last reference. */
static bool remove_frame(struct domain *d, mfn_t mfn)
{
	return mfn_valid(mfn) && give_up_frame(d, mfn_to_frame(mfn));
}

static bool decrease(const struct request *req, u64 index)
{
	mfn_t mfn;

	if (read_pfn(req->list, index, &mfn))
		return false;
	for (u64 i = 0; i < 1ull << req->order; i++) {
		if (!remove_frame(req->d, mfn + i)) {
			guest_log(LOG_DEBUG, "decrease_reservation: frame %#lx is not its own",
				  mfn + i);
			return false;
		}
	}
	return true;
}

/* False: nothing (more) is to be done. */
static bool decode(struct request *req, u32 op, const struct xen_memory_reservation *r, u64 done)
{
	req->list = (gva_t)r->extent_start.p;
	req->nr = r->nr_extents;
	req->order = r->extent_order;
	if (req->nr > MEMOP_EXTENTS_MAX(guest_is_pv32()) || done >= req->nr)
		return false;
	if (req->order > memory_max_order() ||
	    !memory_address_bits(r->mem_flags, &req->address_bits))
		return false;
	if (r->mem_flags & XENMEMF_populate_on_demand && op == XENMEM_populate_physmap)
		return false;
	if (op == XENMEM_increase_reservation && !req->list)
		return true;
	return pfn_list_ok(req->list, done, req->nr);
}

static long run(const struct request *req, u32 op, gva_t arg, u64 done)
{
	bool (*step)(const struct request *, u64) =
		op == XENMEM_increase_reservation ? increase :
		op == XENMEM_decrease_reservation ? decrease : populate;

	for (u64 i = done; i < req->nr; i++) {
		bool look = i != done && (req->order || !(i & PREEMPT_PAGES_MASK));

		if (look && preempt_needed())
			return HYPERCALL_CONTINUE(op | i << MEMOP_EXTENT_SHIFT, arg);
		if (!step(req, i))
			return (long)i;
	}
	return (long)req->nr;
}

long memory_reservation(u32 op, gva_t arg, u64 done)
{
	struct xen_memory_reservation r;
	struct request req;
	long rc = (long)done;

	if (read_reservation(&r, arg) || !decode(&req, op, &r, done))
		return rc;
	if (memory_target(r.domid, &req.d))
		return rc;
	rc = run(&req, op, arg, done);
	domain_put(req.d);
	return rc;
}
