/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op: frames that the hypervisor keeps for a domain, named to a tool that will map them.
 *
 * Of the kinds there are only a grant table's frames concern PV domains. A null list asks how many
 * there may be.
 */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/grant.h"
#include "pvabi/compat/memory.h"

_Static_assert(offsetof(struct xen_mem_acquire_resource, nr_frames) ==
	       offsetof(struct compat_xen_mem_acquire_resource, nr_frames), "written back alike");

static int read_argument(struct xen_mem_acquire_resource *r, gva_t arg)
{
	return guest_read(r, arg, xen_mem_acquire_resource,
			  .domid = narrow.domid, .type = narrow.type, .id = narrow.id,
			  .nr_frames = narrow.nr_frames, .pad = narrow.pad, .frame = narrow.frame,
			  .frame_list.p = widened(narrow.frame_list));
}

static u32 resource_size(const struct xen_mem_acquire_resource *r, const struct domain *d)
{
	if (r->type != XENMEM_resource_grant_table || r->id > XENMEM_resource_grant_table_id_status)
		return 0;
	return grant_max_frames(d, r->id == XENMEM_resource_grant_table_id_status);
}

/* The table grows as far as it is asked for, as with GNTTABOP_setup_table. */
static long name_frames(const struct xen_mem_acquire_resource *r)
{
	bool status = r->id == XENMEM_resource_grant_table_id_status;
	u32 first = (u32)r->frame, end = first + r->nr_frames;
	struct domain *d;
	long rc = 0;

	if (grant_need_frames(r->domid, status, end, &d))
		return -EINVAL;
	for (u32 i = 0; i < r->nr_frames && !rc; i++)
		rc = write_pfn((gva_t)r->frame_list.p, i, grant_mfn(d, status, first + i));
	domain_put(d);
	return rc;
}

static long acquire(struct xen_mem_acquire_resource *r, const struct domain *d, gva_t arg)
{
	u32 size = resource_size(r, d);

	if (!size || (!r->frame_list.p && r->nr_frames))
		return -EINVAL;
	if (!r->frame_list.p)
		return copy_to_guest(arg + offsetof(struct xen_mem_acquire_resource, nr_frames),
				     &size, sizeof(size));
	if (r->frame >= size || r->nr_frames > size - r->frame)
		return -EINVAL;
	return r->nr_frames ? name_frames(r) : 0;
}

long memory_acquire_resource(gva_t arg)
{
	struct xen_mem_acquire_resource r;
	struct domain *d;
	long rc;

	if (read_argument(&r, arg))
		return -EFAULT;
	if (r.pad)
		return -EINVAL;
	/* A domain has its own frames by other ways. */
	d = r.domid == DOMID_SELF ? NULL : domain_get(r.domid);
	if (!d)
		return -ESRCH;
	rc = d == current->domain || !current->domain->is_privileged ? -EPERM : acquire(&r, d, arg);
	domain_put(d);
	return rc;
}
