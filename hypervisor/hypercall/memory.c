/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op: the table of its commands, and those that only ask or refuse. */
#include "hypervisor/hypercall/memory.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "pvabi/compat/memory.h"

/* Extents are blocks of 2^order frames: what a guest and what the control domain may ask for. */
#define GUEST_MAX_ORDER		9
#define CONTROL_MAX_ORDER	18

unsigned memory_max_order(void)
{
	return current->domain->is_privileged ? CONTROL_MAX_ORDER : GUEST_MAX_ORDER;
}

bool memory_address_bits(u32 mem_flags, unsigned *bits)
{
	*bits = XENMEMF_get_address_bits(mem_flags);
	if (!*bits || *bits > 64)
		*bits = 64;
	return *bits > PAGE_SHIFT;
}

int read_pfn(gva_t list, u64 index, u64 *pfn)
{
	bool narrow = guest_is_pv32();

	*pfn = 0;
	return copy_from_guest(pfn, pfn_list_addr(list, index, narrow), narrow ? 4 : 8);
}

int write_pfn(gva_t list, u64 index, u64 pfn)
{
	bool narrow = guest_is_pv32();

	return copy_to_guest(pfn_list_addr(list, index, narrow), &pfn, narrow ? 4 : 8);
}

bool pfn_list_ok(gva_t list, u64 first, u64 end)
{
	bool narrow = guest_is_pv32();

	return guest_range_ok(pfn_list_addr(list, first, narrow),
			      (end - first) * (narrow ? sizeof(u32) : sizeof(u64)));
}

int read_reservation(struct xen_memory_reservation *r, gva_t arg)
{
	return guest_read(r, arg, xen_memory_reservation,
			  .extent_start.p = widened(narrow.extent_start),
			  .nr_extents = narrow.nr_extents, .extent_order = narrow.extent_order,
			  .mem_flags = narrow.mem_flags, .domid = narrow.domid);
}

/* The questions whose argument is a domain id. */
static long ask_domain(gva_t arg, long (*answer)(struct domain *d))
{
	struct domain *d;
	domid_t id;
	long rc;

	if (copy_from_guest(&id, arg, sizeof(id)))
		return -EFAULT;
	rc = memory_target(id, &d);
	if (rc)
		return rc;
	rc = answer(d);
	domain_put(d);
	return rc;
}

static long tot_pages(struct domain *d)
{
	return d->tot_pages;
}

static long max_pages(struct domain *d)
{
	return d->max_pages;
}

/*
 * The guest keeps its own p2m and says in shared_info how long it is. That page goes when the
 * domain dies, so it is referenced while it is read.
 */
static long maximum_gpfn(struct domain *d)
{
	const struct shared_info *shared = READ_ONCE(d->shared);
	const struct compat_shared_info *narrow = (const void *)shared;
	u64 entries;

	if (!get_shared_page(shared, d))
		return 0;
	entries = d->is_pv32 ? READ_ONCE(narrow->arch.max_pfn) : READ_ONCE(shared->arch.max_pfn);
	put_shared_page(shared);
	return entries ? (long)entries - 1 : 0;
}

static long current_reservation(gva_t arg)
{
	return ask_domain(arg, tot_pages);
}

static long maximum_reservation(gva_t arg)
{
	return ask_domain(arg, max_pages);
}

static long ask_maximum_gpfn(gva_t arg)
{
	return ask_domain(arg, maximum_gpfn);
}

static long maximum_ram_page(gva_t arg)
{
	(void)arg;
	return (long)max_mfn;
}

/* Pages are never shared by content, so none are and none were saved by it. */
static long no_sharing(gva_t arg)
{
	(void)arg;
	return 0;
}

static long claim_pages(gva_t arg)
{
	struct xen_memory_reservation r;
	struct domain *d;
	int rc;

	if (read_reservation(&r, arg))
		return -EFAULT;
	if (r.extent_start.p || r.extent_order || r.mem_flags)
		return -EINVAL;
	d = r.domid < DOMID_FIRST_RESERVED ? domain_get(r.domid) : NULL;
	if (!d)
		return -EINVAL;
	rc = current->domain->is_privileged ? claim_set(d, r.nr_extents) : -EPERM;
	domain_put(d);
	return rc;
}

/* Only translated guests have a physmap that could be added to. */
static long refuse_physmap(domid_t id)
{
	struct domain *d = domain_get(id);

	if (!d)
		return -ESRCH;
	domain_put(d);
	return -EACCES;
}

static long add_to_physmap(gva_t arg)
{
	struct xen_add_to_physmap op;	/* the members we read lie alike in both widths */

	if (copy_from_guest(&op, arg, guest_sizeof(xen_add_to_physmap)))
		return -EFAULT;
	return op.space == XENMAPSPACE_gmfn_foreign ? -ENOSYS : refuse_physmap(op.domid);
}

static long add_to_physmap_batch(gva_t arg)
{
	struct xen_add_to_physmap_batch op;	/* the members we read lie alike in both widths */

	if (copy_from_guest(&op, arg, guest_sizeof(xen_add_to_physmap_batch)))
		return -EFAULT;
	return op.space == XENMAPSPACE_gmfn_range ? -EOPNOTSUPP : refuse_physmap(op.domid);
}

static long remove_from_physmap(gva_t arg)
{
	struct xen_remove_from_physmap op;
	struct domain *d;
	long rc;

	if (guest_read(&op, arg, xen_remove_from_physmap, narrow.domid, narrow.gpfn))
		return -EFAULT;
	rc = memory_target(op.domid, &d);
	if (rc)
		return rc;
	if (mfn_valid(op.gpfn) && get_frame(mfn_to_frame(op.gpfn), d))
		put_frame(mfn_to_frame(op.gpfn));
	else
		rc = -ENOENT;
	domain_put(d);
	return rc;
}

_Static_assert(sizeof(struct xen_vnuma_topology_info) ==
	       sizeof(struct compat_xen_vnuma_topology_info), "handles have room for either width");

static long get_vnumainfo(gva_t arg)
{
	struct xen_vnuma_topology_info op;
	struct domain *d;
	long rc;

	if (copy_from_guest(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.pad)
		return -EINVAL;
	rc = memory_target(op.domid, &d);
	if (rc)
		return rc;
	domain_put(d);
	return -EOPNOTSUPP;
}

/* Nothing is populated on demand, so any target is met. Toolstacks set it whatever the domain. */
static long pod_target(gva_t arg, bool set)
{
	struct xen_pod_target op;
	struct domain *d;
	long rc = 0;

	if (copy_from_guest(&op, arg, guest_sizeof(xen_pod_target)))
		return -EFAULT;
	d = domain_get(op.domid);
	if (!d)
		return -ESRCH;
	op.tot_pages = d->tot_pages;
	op.pod_cache_pages = op.pod_entries = 0;
	if (!current->domain->is_privileged)
		rc = -EPERM;
	else if (set && op.target_pages > d->max_pages)
		rc = -EINVAL;
	else
		rc = copy_to_guest(arg, &op, offsetof(struct xen_pod_target, domid));
	domain_put(d);
	return rc;
}

_Static_assert(offsetof(struct xen_pod_target, domid) ==
	       offsetof(struct compat_xen_pod_target, domid), "read and written in either layout");

static long set_pod_target(gva_t arg)
{
	return pod_target(arg, true);
}

static long get_pod_target(gva_t arg)
{
	return pod_target(arg, false);
}

/* Without an IOMMU no device has memory reserved for it. */
static long reserved_device_memory(gva_t arg)
{
	struct xen_reserved_device_memory_map op;
	u32 none = 0;

	if (copy_from_guest(&op, arg, guest_sizeof(xen_reserved_device_memory_map)))
		return -EFAULT;
	if (op.flags & ~XENMEM_RDM_ALL)
		return -EINVAL;
	return copy_to_guest(arg + offsetof(struct xen_reserved_device_memory_map, nr_entries),
			     &none, sizeof(none));
}

static const struct {
	u32 op;
	long (*run)(gva_t arg);
} rows[] = {
	{ XENMEM_exchange,			memory_exchange },
	{ XENMEM_maximum_ram_page,		maximum_ram_page },
	{ XENMEM_current_reservation,		current_reservation },
	{ XENMEM_maximum_reservation,		maximum_reservation },
	{ XENMEM_maximum_gpfn,			ask_maximum_gpfn },
	{ XENMEM_claim_pages,			claim_pages },
	{ XENMEM_add_to_physmap,		add_to_physmap },
	{ XENMEM_add_to_physmap_batch,		add_to_physmap_batch },
	{ XENMEM_remove_from_physmap,		remove_from_physmap },
	{ XENMEM_set_pod_target,		set_pod_target },
	{ XENMEM_get_pod_target,		get_pod_target },
	{ XENMEM_reserved_device_memory_map,	reserved_device_memory },
	{ XENMEM_acquire_resource,		memory_acquire_resource },
	{ XENMEM_memory_map,			memory_get_map },
	{ XENMEM_set_memory_map,		memory_set_map },
	{ XENMEM_machine_memory_map,		memory_machine_map },
	{ XENMEM_machphys_mapping,		memory_m2p_mapping },
	{ XENMEM_machphys_mfn_list,		memory_m2p_frames },
	{ XENMEM_machphys_compat_mfn_list,	memory_m2p_frames_compat },
	{ XENMEM_get_sharing_freed_pages,	no_sharing },
	{ XENMEM_get_sharing_shared_pages,	no_sharing },
	{ XENMEM_get_vnumainfo,			get_vnumainfo },
};

long do_memory_op(u64 cmd, u64 arg)
{
	u32 op = (u32)cmd & MEMOP_CMD_MASK;
	u64 done = cmd >> MEMOP_EXTENT_SHIFT;

	if (op == XENMEM_increase_reservation || op == XENMEM_decrease_reservation ||
	    op == XENMEM_populate_physmap)
		return memory_reservation(op, arg, done);
	if (op == XENMEM_add_to_physmap || op == XENMEM_add_to_physmap_batch) {
		/* They could go on from where they were, which has 16 bits. */
		if (done > 0xffff)
			return -EDOM;
		done = 0;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].op == op)
			return done ? -EINVAL : rows[i].run(arg);
	return -ENOSYS;
}
