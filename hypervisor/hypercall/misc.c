/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls for machines and guests of other kinds, answered as a PV guest is answered. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"

#define HVMOP_set_param	0
#define HVMOP_get_param	1
#define HVM_NR_PARAMS	39

/* struct xen_hvm_param, of one layout in both widths. */
struct hvm_param {
	domid_t domid;
	u16 pad;
	u32 index;
	u64 value;
};

/* Parameters belong to HVM domains; that the domain is none is found out last. */
static long hvm_param(gva_t arg)
{
	struct hvm_param p;
	struct domain *d;

	if (copy_from_guest(&p, arg, sizeof(p)))
		return -EFAULT;
	if (p.index >= HVM_NR_PARAMS)
		return -EINVAL;
	d = domain_get(p.domid);
	if (!d)
		return -ESRCH;
	domain_put(d);
	return -EINVAL;
}

long do_hvm_op(u64 cmd, u64 arg)
{
	return cmd == HVMOP_set_param || cmd == HVMOP_get_param ? hvm_param(arg) : -ENOSYS;
}

/* Performance counters are not virtualized. */
long do_xenpmu_op(u64 cmd, u64 arg)
{
	(void)cmd;
	(void)arg;
	return -EOPNOTSUPP;
}
