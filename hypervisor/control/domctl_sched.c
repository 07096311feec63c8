/* SPDX-License-Identifier: GPL-2.0-only */
/* domctl: where vCPUs may run, and a domain's share. */
#include "hypervisor/arch/percpu.h"
#include "hypervisor/control/bitmap_io.h"
#include "hypervisor/control/domctl.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/sched.h"

#define BOTH	(XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)

static int affinity_vcpu(struct domain *d, const struct xen_domctl_vcpuaffinity *a, struct vcpu **v)
{
	int rc = domctl_vcpu(d, a->vcpu, v);

	if (rc)
		return rc;
	if (!(a->flags & BOTH) ||
	    (a->flags & XEN_VCPUAFFINITY_HARD && !a->cpumap_hard.bitmap.p) ||
	    (a->flags & XEN_VCPUAFFINITY_SOFT && !a->cpumap_soft.bitmap.p))
		return -EINVAL;
	return 0;
}

static int write_affinity(const struct xen_domctl_vcpuaffinity *a, cpumask_t hard, cpumask_t soft)
{
	int rc = 0;

	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = bitmap_write(&a->cpumap_hard, hard, nr_cpus);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = bitmap_write(&a->cpumap_soft, soft, nr_cpus);
	return rc;
}

/* What comes back is what is in effect: with the CPUs that are there. */
int domctl_setvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	cpumask_t hard, soft, online = sched_usable_cpus();
	struct vcpu *v;
	int rc = affinity_vcpu(d, a, &v);

	if (rc)
		return rc;
	sched_get_affinity(v, &hard, &soft);
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = bitmap_read(&a->cpumap_hard, &hard, 64);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = bitmap_read(&a->cpumap_soft, &soft, 64);
	if (!rc)
		rc = sched_set_affinity(v, &hard, &soft);
	return rc ? rc : write_affinity(a, hard & online, soft & hard & online);
}

int domctl_getvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	cpumask_t hard, soft;
	struct vcpu *v;
	int rc = affinity_vcpu(d, a, &v);

	if (rc)
		return rc;
	sched_get_affinity(v, &hard, &soft);
	return write_affinity(a, hard, soft);
}

#define CAP_UNCHANGED	0xffff

/* A weight of 0 and a cap of all ones leave things as they are. */
static int put_credit(struct domain *d, const struct xen_domctl_sched_credit *new)
{
	u16 weight, cap;

	sched_get_params(d, &weight, &cap);
	if (new->weight)
		weight = new->weight;
	if (new->cap != CAP_UNCHANGED)
		cap = new->cap;
	return sched_set_params(d, weight, cap);
}

int domctl_scheduler_op(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;

	if (s->sched_id != XEN_SCHEDULER_CREDIT)
		return -EINVAL;
	switch (s->cmd) {
	case XEN_DOMCTL_SCHEDOP_getinfo:
		sched_get_params(d, &s->u.credit.weight, &s->u.credit.cap);
		return 0;
	case XEN_DOMCTL_SCHEDOP_putinfo:
		return put_credit(d, &s->u.credit);
	default:
		return -EINVAL;		/* credit knows no shares of single vCPUs */
	}
}
