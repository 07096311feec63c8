/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op: frames exchanged for others of another size or place.
 *
 * Work goes in chunks, as large as one extent of the coarser side. A chunk's input frames are taken
 * from the domain first (nobody else may reference them), which makes room under its maximum for
 * the output; only then is output allocated. Until then all can be undone.
 */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "pvabi/compat/memory.h"

struct exchange {
	struct xen_memory_reservation in, out;
	u64 done;			/* extents of `in` */
	struct domain *d;
	unsigned in_order, out_order;	/* extents of each side in one chunk: 2^order */
	unsigned address_bits;		/* output must lie below 2^this */
};

/* Stolen frames, linked by their `next`. */
struct stolen {
	u32 first;
};

static int read_exchange(struct exchange *x, gva_t arg)
{
	if (read_reservation(&x->in, arg) ||
	    read_reservation(&x->out, arg + guest_offsetof(xen_memory_exchange, out)) ||
	    read_pfn(arg + guest_offsetof(xen_memory_exchange, nr_exchanged), 0, &x->done))
		return -EFAULT;
	return 0;
}

static int write_done(gva_t arg, u64 done)
{
	return write_pfn(arg + guest_offsetof(xen_memory_exchange, nr_exchanged), 0, done);
}

static int check_sizes(struct exchange *x)
{
	const struct xen_memory_reservation *in = &x->in, *out = &x->out;

	if (MAX(in->extent_order, out->extent_order) > memory_max_order())
		return -EPERM;
	if (x->done > in->nr_extents || in->domid != out->domid ||
	    ~0ul >> in->extent_order < in->nr_extents ||
	    ~0ul >> out->extent_order < out->nr_extents ||
	    in->nr_extents << in->extent_order != out->nr_extents << out->extent_order)
		return -EINVAL;
	if (!memory_address_bits(out->mem_flags, &x->address_bits))
		return -ENOMEM;
	if (in->extent_order <= out->extent_order)
		x->in_order = out->extent_order - in->extent_order;
	else
		x->out_order = in->extent_order - out->extent_order;
	if (!pfn_list_ok((gva_t)in->extent_start.p, x->done, in->nr_extents) ||
	    !pfn_list_ok((gva_t)out->extent_start.p, x->done >> x->in_order << x->out_order,
			 out->nr_extents))
		return -EFAULT;
	return 0;
}

/* --- the input of one chunk ------------------------------------------------------------------ */

static int steal_extent(struct exchange *x, u64 index, struct stolen *list)
{
	mfn_t mfn;
	int rc;

	if (read_pfn((gva_t)x->in.extent_start.p, index, &mfn))
		return -EFAULT;
	for (u64 i = 0; i < 1ull << x->in.extent_order; i++) {
		if (!mfn_valid(mfn + i))
			return -EINVAL;
		rc = steal_frame(x->d, mfn_to_frame(mfn + i));
		if (rc)
			return rc;
		mfn_to_frame(mfn + i)->next = list->first;
		list->first = (u32)(mfn + i);
	}
	return 0;
}

static struct frame *pop(struct stolen *list)
{
	struct frame *frame;

	if (list->first == NO_FRAME)
		return NULL;
	frame = mfn_to_frame(list->first);
	list->first = frame->next;
	return frame;
}

static void free_stolen(struct frame *frame)
{
	m2p_set(frame_to_mfn(frame), INVALID_M2P);
	free_frames(frame_to_mfn(frame), 0);
}

/* Its maximum may be reached by other calls meanwhile, or it may be dying: then they are free. */
static void return_stolen(struct exchange *x, struct stolen *list)
{
	struct frame *frame;

	while ((frame = pop(list)) != NULL)
		if (assign_frame(x->d, frame))
			free_stolen(frame);
}

/* --- the output of one chunk ----------------------------------------------------------------- */

/* What was allocated for this chunk so far is linked through an array of first frames. */
static int allocate_output(struct exchange *x, u64 first, u32 *mfns, u64 nr, u64 *got)
{
	for (*got = 0; *got < nr; (*got)++) {
		struct frame *frame;
		u64 pfn;

		if (read_pfn((gva_t)x->out.extent_start.p, first + *got, &pfn))
			return -EFAULT;
		frame = alloc_domain_frames(x->d, x->out.extent_order, x->address_bits, pfn);
		if (!frame)
			return -ENOMEM;
		mfns[*got] = (u32)frame_to_mfn(frame);
	}
	return 0;
}

/* Another vCPU may have freed some since, and they may be somebody else's, or ours, by now. */
static void free_output(struct exchange *x, const u32 *mfns, u64 nr)
{
	for (u64 i = 0; i < nr; i++)
		for (u64 j = 0; j < 1ull << x->out.extent_order; j++)
			give_up_frame(x->d, mfn_to_frame(mfns[i] + j));
}

/* Tells the guest; what it cannot be told it owns nevertheless. */
static int report_output(struct exchange *x, u64 first, const u32 *mfns, u64 nr)
{
	gva_t list = (gva_t)x->out.extent_start.p;
	int rc = 0;

	for (u64 i = 0; i < nr; i++)
		if (write_pfn(list, first + i, mfns[i]))
			rc = -EFAULT;
	return rc;
}

/* Chunk @chunk of both lists. */
static int exchange_chunk(struct exchange *x, u64 chunk, u32 *mfns)
{
	struct stolen stolen = { NO_FRAME };
	u64 nr_out = 1ull << x->out_order, got = 0;
	struct frame *frame;
	int rc = 0;

	for (u64 i = 0; i < 1ull << x->in_order && !rc; i++)
		rc = steal_extent(x, (chunk << x->in_order) + i, &stolen);
	if (!rc)
		rc = allocate_output(x, chunk << x->out_order, mfns, nr_out, &got);
	if (rc) {
		free_output(x, mfns, got);
		return_stolen(x, &stolen);
		return rc;
	}
	rc = report_output(x, chunk << x->out_order, mfns, nr_out);
	while ((frame = pop(&stolen)) != NULL)
		free_stolen(frame);
	return rc;
}

static long run(struct exchange *x, gva_t arg)
{
	u64 chunk = x->done >> x->in_order, end = x->in.nr_extents >> x->in_order;
	u32 *mfns = kalloc(sizeof(u32) << x->out_order);
	bool preempted = false;
	int rc = mfns ? 0 : -ENOMEM;

	for (u64 first = chunk; !rc && chunk < end; chunk++) {
		preempted = chunk != first && preempt_needed();
		if (preempted)
			break;
		rc = exchange_chunk(x, chunk, mfns);
		if (rc)
			break;
	}
	kfree(mfns);
	if (write_done(arg, preempted || rc ? chunk << x->in_order : x->in.nr_extents))
		return -EFAULT;
	return preempted ? HYPERCALL_CONTINUE(XENMEM_exchange, arg) : rc;
}

long memory_exchange(gva_t arg)
{
	struct exchange x = { 0 };
	long rc;

	if (read_exchange(&x, arg))
		return -EFAULT;
	rc = check_sizes(&x);
	if (!rc)
		rc = memory_target(x.in.domid, &x.d);
	if (!rc)
		rc = run(&x, arg);
	else if (write_done(arg, x.done))
		rc = -EFAULT;
	if (x.d)
		domain_put(x.d);
	return rc;
}
