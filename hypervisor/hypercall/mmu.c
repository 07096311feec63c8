/* SPDX-License-Identifier: GPL-2.0-only */
/* mmu_update and update_va_mapping: page-table and M2P entries. */
#include "hypervisor/hypercall/mmu.h"

#include "hypervisor/arch/guest_span.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/update.h"
#include "hypervisor/mm/walk.h"
#include "pvabi/xen.h"

#define PREEMPTED	(1ul << 31)	/* in a count: this is a continuation, `done` holds what was done */
#define PREEMPT_EVERY	16		/* requests between looks for other work */

/* --- owners ----------------------------------------------------------------------------------- */

int get_pg_owner(domid_t id, struct domain **owner)
{
	struct domain *self = current->domain;

	if (id == DOMID_SELF) {
		domain_hold(self);
		*owner = self;
		return 0;
	}
	if (id == self->id)
		return -ESRCH;		/* one does not name oneself as a foreigner */
	if (id == DOMID_IO || id == DOMID_XEN) {
		*owner = id == DOMID_IO ? &domain_io : &domain_hv;
		domain_hold(*owner);
	} else {
		*owner = domain_get(id);
	}
	if (!*owner)
		return -ESRCH;
	if (self->is_privileged)
		return 0;
	domain_put(*owner);
	return -EPERM;
}

void put_pg_owner(struct domain *owner)
{
	domain_put(owner);
}

/* --- one request ------------------------------------------------------------------------------ */

struct owners {
	struct domain *tables, *frames;
};

/* A frame that is no page table: plain memory of the guest's, written as such. */
static int write_plain(struct frame *frame, unsigned index, u64 value)
{
	u64 *words = mfn_to_virt(frame_to_mfn(frame));
	int rc = get_frame_type(frame, FT_WRITABLE, false);

	if (rc)
		return rc;
	WRITE_ONCE(words[index], value);
	put_frame_type(frame, false);
	return 0;
}

static int run_update(struct pte_update *u)
{
	int rc = update_entry(u);

	if (rc == -EBUSY)
		rc = write_plain(u->table, u->index, u->pte);
	address_space_leave_update(current, u);
	return rc;
}

static int update_pte(const struct owners *o, u64 ptr, u64 value, bool preserve_ad)
{
	mfn_t mfn = PFN_DOWN(ptr);
	struct pte_update u = {
		.index = (unsigned)(ptr & ~PAGE_MASK) / 8, .pte = value, .d = o->tables,
		.pg_owner = o->frames, .preserve_ad = preserve_ad,
	};
	int rc;

	if (!mfn_valid(mfn))
		return -EINVAL;
	u.table = mfn_to_frame(mfn);
	if (!get_frame(u.table, o->tables))
		return -EINVAL;
	rc = run_update(&u);
	put_frame(u.table);
	return rc;
}

static int update_m2p(const struct owners *o, u64 ptr, u64 pfn)
{
	mfn_t mfn = PFN_DOWN(ptr);

	if (o->tables != current->domain)
		return -EPERM;
	if (!mfn_valid(mfn) || !get_frame(mfn_to_frame(mfn), o->frames))
		return -EINVAL;
	m2p_set(mfn, pfn);
	put_frame(mfn_to_frame(mfn));
	return 0;
}

static int run_request(const struct owners *o, const struct mmu_update *req)
{
	u64 ptr = req->ptr & ~7ull;

	switch (req->ptr & 7) {
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_NO_TRANSLATE:
		return update_pte(o, ptr, req->val, false);
	case MMU_PT_UPDATE_PRESERVE_AD:
		return update_pte(o, ptr, req->val, true);
	case MMU_MACHPHYS_UPDATE:
		return update_m2p(o, ptr, req->val);
	default:
		return -ENOSYS;
	}
}

/* --- mmu_update ------------------------------------------------------------------------------- */

static int get_owners(u64 foreigndom, struct owners *o)
{
	u16 tables = (u16)(foreigndom >> 16);
	int rc = get_pg_owner((domid_t)foreigndom, &o->frames);

	if (rc)
		return rc;
	if (!tables) {
		o->tables = current->domain;
		domain_hold(o->tables);
		return 0;
	}
	o->tables = domain_get((domid_t)(tables - 1));
	rc = !o->tables ? -ESRCH :
	     o->tables != current->domain && !current->domain->is_privileged ? -EPERM : 0;
	if (rc) {
		if (o->tables)
			domain_put(o->tables);
		put_pg_owner(o->frames);
	}
	return rc;
}

static inline int read_request(u64 addr, struct mmu_update *req)
{
	struct guest_span span;

	if (!guest_span(&span, addr, sizeof(*req)))
		return -EFAULT;
	guest_get(&span, offsetof(struct mmu_update, ptr), req->ptr, fault);
	guest_get(&span, offsetof(struct mmu_update, val), req->val, fault);
	return 0;
fault:
	return -EFAULT;
}

static int run_requests(const struct owners *o, u64 reqs, u32 count, u32 *handled)
{
	struct mmu_update req;
	int rc = 0;

	for (*handled = 0; *handled < count; ++*handled) {
		if (*handled && *handled % PREEMPT_EVERY == 0 && preempt_needed())
			return -ERESTART;
		if (read_request(reqs + *handled * sizeof(req), &req))
			return -EFAULT;
		rc = run_request(o, &req);
		if (rc)
			return rc;
		/* What this one left to be undone comes before the next. */
		if (address_space_finish(current)) {
			++*handled;
			return -ERESTART;
		}
	}
	return 0;
}

long do_mmu_update(u64 reqs, u64 count, u64 done, u64 foreigndom)
{
	struct owners o;
	u32 before = 0, handled = 0, nr = (u32)(count & ~PREEMPTED);
	int rc = address_space_finish(current);

	if (rc)
		return HYPERCALL_CONTINUE(reqs, count, done, foreigndom);
	/* Who cannot be told how far it came does not learn it: that is no error of the updates. */
	if ((count & PREEMPTED) && done && copy_from_guest(&before, done, sizeof(before)))
		before = 0;
	if (!guest_range_ok(reqs, (u64)nr * sizeof(struct mmu_update)))
		return -EFAULT;
	rc = get_owners(foreigndom, &o);
	if (rc)
		return rc;
	rc = run_requests(&o, reqs, nr, &handled);
	domain_put(o.tables);
	put_pg_owner(o.frames);
	before += handled;
	if (done)
		(void)!copy_to_guest(done, &before, sizeof(before));
	if (rc == -ERESTART)
		return HYPERCALL_CONTINUE(reqs + handled * sizeof(struct mmu_update),
					  (nr - handled) | PREEMPTED, done, foreigndom);
	return rc;
}

/* --- update_va_mapping ------------------------------------------------------------------------ */

int vcpumask_to_cpus(const struct domain *d, u64 bitmap, cpumask_t *cpus)
{
	u32 vcpus;

	*cpus = 0;
	if (copy_from_guest(&vcpus, bitmap, sizeof(vcpus)))
		return -EFAULT;
	for (unsigned i = 0; i < d->max_vcpus; i++) {
		u32 on;

		if (!(vcpus & BIT(i)) || !d->vcpu[i])
			continue;
		on = atomic_load(&d->vcpu[i]->running_on);
		if (on)
			*cpus |= BIT(on - 1);
	}
	return 0;
}

static int flush_after(u64 va, u64 flags)
{
	struct domain *d = current->domain;
	cpumask_t cpus = BIT(this_cpu()->id);
	u64 who = flags & ~(u64)UVMF_FLUSHTYPE_MASK;

	if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_NONE)
		return 0;
	if (who == UVMF_ALL)
		cpus = atomic_load(&d->cpus);
	else if (who != UVMF_LOCAL && vcpumask_to_cpus(d, who, &cpus))
		return -EFAULT;
	if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_INVLPG)
		tlb_flush_page(cpus, va);
	else if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_TLB_FLUSH)
		tlb_flush(cpus);
	return 0;
}

static int update_va(u64 va, u64 pte, struct domain *pg_owner)
{
	struct pte_update u = { .pte = pte, .d = current->domain, .pg_owner = pg_owner };
	int rc;

	if (!guest_range_ok(va, 1) || !guest_find_leaf(va, &u.table, &u.index))
		return -EINVAL;
	if (!get_frame(u.table, u.d))
		return -EINVAL;
	rc = update_leaf(&u);
	put_frame(u.table);
	return rc == -EBUSY ? -EINVAL : rc;
}

static long update_own_va(u64 va, u64 pte, u64 flags)
{
	int rc = update_va(va, pte, current->domain);

	return rc || (flags & UVMF_FLUSHTYPE_MASK) == UVMF_NONE ? rc : flush_after(va, flags);
}

long do_update_va_mapping(u64 va, u64 pte, u64 flags)
{
	if (address_space_finish(current))
		return HYPERCALL_CONTINUE(va, pte, flags);
	return update_own_va(va, pte, flags);
}

long compat_update_va_mapping(u64 va, u64 pte_lo, u64 pte_hi, u64 flags)
{
	if (address_space_finish(current))
		return HYPERCALL_CONTINUE(va, pte_lo, pte_hi, flags);
	return update_own_va(va, pte_hi << 32 | pte_lo, flags);
}

static long update_other_va(u64 va, u64 pte, u64 flags, u64 domid)
{
	struct domain *pg_owner;
	int rc = get_pg_owner((domid_t)domid, &pg_owner);

	if (rc)
		return rc;
	rc = update_va(va, pte, pg_owner);
	put_pg_owner(pg_owner);
	return rc ? rc : flush_after(va, flags);
}

long do_update_va_mapping_otherdomain(u64 va, u64 pte, u64 flags, u64 domid)
{
	if (address_space_finish(current))
		return HYPERCALL_CONTINUE(va, pte, flags, domid);
	return update_other_va(va, pte, flags, domid);
}

long compat_update_va_mapping_otherdomain(u64 va, u64 lo, u64 hi, u64 flags, u64 domid)
{
	if (address_space_finish(current))
		return HYPERCALL_CONTINUE(va, lo, hi, flags, domid);
	return update_other_va(va, hi << 32 | lo, flags, domid);
}
