/* SPDX-License-Identifier: GPL-2.0-only */
/* domctl: a domain's frames, and which ports, device frames and interrupts it may use. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/control/domctl.h"
#include "hypervisor/domain/hypercall_page.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"

int domctl_hypercall_init(struct domain *d, struct xen_domctl *op)
{
	return hypercall_page_make(d, op->u.hypercall_init.gmfn);
}

/* --- kinds of frames ------------------------------------------------------------------------- */

static u32 frame_info(const struct domain *d, mfn_t mfn)
{
	struct frame *frame;
	u64 word, type;
	u32 info = 0;

	if (!mfn_valid(mfn))
		return XEN_DOMCTL_PFINFO_XTAB;
	frame = mfn_to_frame(mfn);
	if (!get_frame(frame, d))
		return XEN_DOMCTL_PFINFO_XTAB;
	word = atomic_load(&frame->type);
	type = (word & FT_TYPE) >> FT_SHIFT;
	if (type >= FT_L1 >> FT_SHIFT && type <= FT_L4 >> FT_SHIFT)
		info = (u32)type << XEN_DOMCTL_PFINFO_LTAB_SHIFT;
	if (word & FT_PINNED)
		info |= XEN_DOMCTL_PFINFO_LPINTAB;
	put_frame(frame);
	return info;
}

#define FRAME_INFO_MAX	1024

/* The array has the caller's width; the answer takes the place of the frame number. */
int domctl_getpageframeinfo3(struct domain *d, struct xen_domctl *op)
{
	u64 num = op->u.getpageframeinfo3.num;
	gva_t array = (gva_t)op->u.getpageframeinfo3.array.p;
	size_t width = guest_is_pv32() ? 4 : 8;

	if (num > FRAME_INFO_MAX)
		return -E2BIG;
	for (u64 i = 0; i < num; i++, array += width) {
		u64 value = 0;

		if (copy_from_guest(&value, array, width))
			return -EFAULT;
		value = frame_info(d, value);
		if (copy_to_guest(array, &value, width))
			return -EFAULT;
	}
	return 0;
}

/* --- what there is not ----------------------------------------------------------------------- */

/* A PV domain without shadow tables has none to switch off, and no pool to be asked about. */
int domctl_shadow_op(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_shadow_op *s = &op->u.shadow_op;

	if (!d->vcpu[0])
		return -EINVAL;
	switch (s->op) {
	case XEN_DOMCTL_SHADOW_OP_OFF:
		return 0;
	case XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION:
		s->mb = 0;
		return 0;
	case XEN_DOMCTL_SHADOW_OP_ENABLE:
		return s->mode & XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY ? -EOPNOTSUPP : -EINVAL;
	case XEN_DOMCTL_SHADOW_OP_ENABLE_TEST:
	case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
	case XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

/* --- permissions ----------------------------------------------------------------------------- */

/*
 * The sets are read by the domain itself while it runs: so it does not, while they change. Device
 * frames are also looked up for others that work on its tables, under the lock of its frames.
 */
static void pause_readers(struct domain *d, bool pause)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		if (v == current)
			continue;
		if (pause)
			vcpu_pause(v);
		else
			vcpu_unpause(v);
	}
}

/* Nobody can give what it does not have. */
static int change_access(struct domain *d, struct rangeset **set, const struct rangeset *mine,
			 u64 first, u64 last, bool allow)
{
	int rc;

	if (!rangeset_contains(mine, first, last))
		return -EPERM;
	if (!*set && !allow)
		return 0;
	pause_readers(d, true);
	lock(&d->pages_lock);
	if (!*set)
		*set = rangeset_new(kalloc, kfree);
	rc = !*set ? -ENOMEM : allow ? rangeset_add(*set, first, last) :
				       rangeset_remove(*set, first, last);
	unlock(&d->pages_lock);
	pause_readers(d, false);
	return rc;
}

int domctl_irq_permission(struct domain *d, struct xen_domctl *op)
{
	u32 irq = op->u.irq_permission.pirq;

	return change_access(d, &d->irqs, current->domain->irqs, irq, irq,
			     op->u.irq_permission.allow_access);
}

int domctl_iomem_permission(struct domain *d, struct xen_domctl *op)
{
	u64 first = op->u.iomem_permission.first_mfn;
	u64 last = first + op->u.iomem_permission.nr_mfns - 1;

	if (last < first)
		return -EINVAL;
	return change_access(d, &d->iomem, current->domain->iomem, first, last,
			     op->u.iomem_permission.allow_access);
}

#define IO_PORTS	65536

int domctl_ioport_permission(struct domain *d, struct xen_domctl *op)
{
	u64 first = op->u.ioport_permission.first_port;
	u64 end = first + op->u.ioport_permission.nr_ports;

	if (end <= first || end > IO_PORTS)
		return -EINVAL;
	return change_access(d, &d->ioports, current->domain->ioports, first, end - 1,
			     op->u.ioport_permission.allow_access);
}
