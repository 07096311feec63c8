/* SPDX-License-Identifier: GPL-2.0-only */
/* mmuext_op: pinning, roots, TLB and cache flushes, the LDT, and whole pages. */
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/mmu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/type.h"
#include "pvabi/compat/xen.h"
#include "pvabi/xen.h"

#define PREEMPTED	(1ul << 31)

/* An operation in the wider form. */
struct op {
	u32 cmd;
	u64 arg1;		/* mfn, or linear address */
	u64 arg2;		/* nr_ents, address of a vCPU bitmap, or src_mfn */
};

/* --- pinning ---------------------------------------------------------------------------------- */

static long unpin(struct domain *owner, mfn_t mfn)
{
	struct frame *frame;

	if (!mfn_valid(mfn))
		return -EINVAL;
	frame = mfn_to_frame(mfn);
	if (!get_frame(frame, owner))
		return -EINVAL;
	if (!(atomic_fetch_and(&frame->type, ~FT_PINNED) & FT_PINNED)) {
		put_frame(frame);
		return -EINVAL;
	}
	put_frame(frame);		/* the pin's */
	/* The pin's use: with our reference it waits, when it takes longer. */
	address_space_leave_unfinished(current, frame, UNDO_USE);
	return 0;
}

static long pin(struct domain *owner, mfn_t mfn, u64 type)
{
	struct frame *frame;
	int rc;

	if (!mfn_valid(mfn))
		return -EINVAL;
	frame = mfn_to_frame(mfn);
	if (!get_frame(frame, owner))
		return -EINVAL;
	rc = get_frame_type(frame, type, true);
	if (!rc) {
		if (!(atomic_fetch_or(&frame->type, FT_PINNED) & FT_PINNED)) {
			/* The pin keeps the reference; not where all pins have been taken away. */
			if (likely(!domain_is_dying(owner)))
				return 0;
			unpin(owner, mfn);
			return -EINVAL;
		}
		/* Pinned before; but if it was unpinned since, our use is the last one. */
		address_space_leave_unfinished(current, frame, UNDO_USE);
		address_space_finish(current);
		return -EINVAL;
	}
	if (rc != -ERESTART && (atomic_load(&frame->type) & FT_ORPHAN))
		address_space_leave_unfinished(current, frame, UNDO_ORPHAN);
	else
		put_frame(frame);
	return rc;
}

/* --- flushes ---------------------------------------------------------------------------------- */

static long flush_vcpus(const struct op *op, bool one_page)
{
	cpumask_t cpus;

	if (vcpumask_to_cpus(current->domain, op->arg2, &cpus))
		return -EINVAL;
	if (!one_page)
		tlb_flush(cpus);
	else if (guest_range_ok(op->arg1, 1))
		tlb_flush_page(cpus, op->arg1);
	return 0;
}

static long flush_tlb(const struct op *op)
{
	cpumask_t all = atomic_load(&current->domain->cpus);

	switch (op->cmd) {
	case MMUEXT_TLB_FLUSH_LOCAL:
		tlb_load_cr3(this_cpu()->cr3);
		return 0;
	case MMUEXT_INVLPG_LOCAL:
		if (guest_range_ok(op->arg1, 1))
			invlpg(op->arg1);
		return 0;
	case MMUEXT_TLB_FLUSH_MULTI:
		return flush_vcpus(op, false);
	case MMUEXT_INVLPG_MULTI:
		return flush_vcpus(op, true);
	case MMUEXT_TLB_FLUSH_ALL:
		tlb_flush(all);
		return 0;
	default:
		if (guest_range_ok(op->arg1, 1))
			tlb_flush_page(all, op->arg1);
		return 0;
	}
}

/* Caches concern only who has device memory mapped. */
static long flush_cache(bool everywhere)
{
	if (!current->domain->iomem)
		return everywhere ? -EINVAL : -EACCES;
	if (everywhere)
		tlb_flush_with_caches();
	else
		wbinvd();
	return 0;
}

/* --- pages ------------------------------------------------------------------------------------ */

static int get_writable(struct domain *owner, mfn_t mfn)
{
	return mfn_valid(mfn) ? get_frame_and_type(mfn_to_frame(mfn), owner, FT_WRITABLE) : -EINVAL;
}

static long clear_guest_page(struct domain *owner, mfn_t mfn)
{
	if (get_writable(owner, mfn))
		return -EINVAL;
	clear_page(mfn_to_virt(mfn));
	put_frame_and_type(mfn_to_frame(mfn));
	return 0;
}

static long copy_guest_page(struct domain *owner, mfn_t dst, mfn_t src)
{
	if (!mfn_valid(src) || !get_frame(mfn_to_frame(src), owner))
		return -EINVAL;
	if (get_writable(owner, dst)) {
		put_frame(mfn_to_frame(src));
		return -EINVAL;
	}
	copy_page(mfn_to_virt(dst), mfn_to_virt(src));
	put_frame_and_type(mfn_to_frame(dst));
	put_frame(mfn_to_frame(src));
	return 0;
}

/* --- the call --------------------------------------------------------------------------------- */

static u64 pin_type(u32 cmd)
{
	static const u64 types[] = { FT_L1, FT_L2, FT_L3, FT_L4 };

	return types[cmd - MMUEXT_PIN_L1_TABLE];
}

/* Roots, segments and TLBs are one's own. */
static long run_own(const struct op *op)
{
	struct vcpu *v = current;

	switch (op->cmd) {
	case MMUEXT_NEW_BASEPTR:
		return address_space_set_root(v, op->arg1);
	case MMUEXT_NEW_USER_BASEPTR:
		return address_space_set_user_root(v, op->arg1);
	case MMUEXT_TLB_FLUSH_LOCAL ... MMUEXT_INVLPG_ALL:
		return flush_tlb(op);
	case MMUEXT_FLUSH_CACHE:
	case MMUEXT_FLUSH_CACHE_GLOBAL:
		return flush_cache(op->cmd == MMUEXT_FLUSH_CACHE_GLOBAL);
	default:	/* MMUEXT_SET_LDT; the address of none is of no interest */
		return op->arg2 > 8192 ? -EINVAL :
			segment_set_ldt(v, op->arg2 ? op->arg1 : 0, (unsigned)op->arg2);
	}
}

static long run(struct domain *owner, const struct op *op)
{
	switch (op->cmd) {
	case MMUEXT_PIN_L4_TABLE:
		if (owner_of(owner)->is_pv32)
			return 0;	/* a level it does not have: ignored */
		__attribute__((fallthrough));
	case MMUEXT_PIN_L1_TABLE ... MMUEXT_PIN_L3_TABLE:
		return pin(owner, op->arg1, pin_type(op->cmd));
	case MMUEXT_UNPIN_TABLE:
		return unpin(owner, op->arg1);
	case MMUEXT_CLEAR_PAGE:
		return clear_guest_page(owner, op->arg1);
	case MMUEXT_COPY_PAGE:
		return copy_guest_page(owner, op->arg1, op->arg2);
	case MMUEXT_MARK_SUPER:
	case MMUEXT_UNMARK_SUPER:
		return -EOPNOTSUPP;
	case MMUEXT_NEW_BASEPTR:
	case MMUEXT_NEW_USER_BASEPTR:
	case MMUEXT_TLB_FLUSH_LOCAL ... MMUEXT_INVLPG_ALL:
	case MMUEXT_FLUSH_CACHE:
	case MMUEXT_FLUSH_CACHE_GLOBAL:
	case MMUEXT_SET_LDT:
		return owner == current->domain ? run_own(op) : -EPERM;
	default:
		return -ENOSYS;
	}
}

static size_t op_size(void)
{
	return guest_sizeof(mmuext_op);
}

static int read_op(u64 addr, struct op *op)
{
	struct compat_mmuext_op narrow;
	struct mmuext_op wide;

	if (guest_is_pv32()) {
		if (copy_from_guest(&narrow, addr, sizeof(narrow)))
			return -EFAULT;
		*op = (struct op){ narrow.cmd, narrow.arg1.linear_addr, narrow.arg2.nr_ents };
		return 0;
	}
	if (copy_from_guest(&wide, addr, sizeof(wide)))
		return -EFAULT;
	*op = (struct op){ wide.cmd, wide.arg1.mfn, wide.arg2.src_mfn };
	if (wide.cmd == MMUEXT_SET_LDT)
		op->arg2 = wide.arg2.nr_ents;
	return 0;
}

static long run_ops(struct domain *owner, u64 ops, u32 count, u32 *handled)
{
	struct op op;
	long rc;

	for (*handled = 0; *handled < count; ++*handled) {
		if (*handled && preempt_needed())
			return -ERESTART;
		if (read_op(ops + *handled * op_size(), &op))
			return -EFAULT;
		rc = run(owner, &op);
		if (rc)
			return rc;
		if (address_space_finish(current)) {
			++*handled;
			return -ERESTART;
		}
	}
	return 0;
}

long do_mmuext_op(u64 ops, u64 count, u64 done, u64 foreigndom)
{
	u32 before = 0, handled = 0, nr = (u32)(count & ~PREEMPTED);
	struct domain *owner;
	long rc;

	if (address_space_finish(current))
		return HYPERCALL_CONTINUE(ops, count, done, foreigndom);
	if ((count & PREEMPTED) && done && copy_from_guest(&before, done, sizeof(before)))
		before = 0;
	if (!guest_range_ok(ops, (u64)nr * op_size()))
		return -EFAULT;
	rc = get_pg_owner((domid_t)foreigndom, &owner);
	if (rc)
		return rc;
	rc = run_ops(owner, ops, nr, &handled);
	put_pg_owner(owner);
	before += handled;
	if (done)
		(void)!copy_to_guest(done, &before, sizeof(before));
	if (rc == -ERESTART)
		return HYPERCALL_CONTINUE(ops + handled * op_size(), (nr - handled) | PREEMPTED, done,
					  foreigndom);
	return rc;
}
