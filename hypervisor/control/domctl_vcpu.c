/* SPDX-License-Identifier: GPL-2.0-only */
/* domctl: creating vCPUs, and their state in and out. */
#include "hypervisor/arch/descriptor.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/control/cpu_policy.h"
#include "hypervisor/control/domctl.h"
#include "hypervisor/domain/context.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/sched.h"

/* The number was fixed when the domain was created; this makes them. */
int domctl_max_vcpus(struct domain *d, struct xen_domctl *op)
{
	struct vcpu *v;
	int rc = 0;

	if (op->u.max_vcpus.max != d->max_vcpus)
		return -EINVAL;
	for (unsigned i = 0; !rc && i < d->max_vcpus; i++)
		if (!d->vcpu[i])
			rc = vcpu_create(d, i, &v);
	return rc;
}

/* --- contexts -------------------------------------------------------------------------------- */

/* In this call -EINVAL stands for a vCPU that is not there, too. */
static struct vcpu *context_vcpu(struct domain *d, const struct xen_domctl *op)
{
	struct vcpu *v;

	return domctl_vcpu(d, op->u.vcpucontext.vcpu, &v) ? NULL : v;
}

/* The context has the width of the domain it is for, not of the caller. */
int domctl_setvcpucontext(struct domain *d, struct xen_domctl *op)
{
	struct vcpu *v = context_vcpu(d, op);
	size_t size = context_size(d);
	void *context;
	int rc;

	if (!v || !op->u.vcpucontext.ctxt.p)
		return -EINVAL;
	context = kalloc(size);
	if (!context)
		return -ENOMEM;
	rc = copy_from_guest(context, (gva_t)op->u.vcpucontext.ctxt.p, size);
	if (!rc) {
		domain_pause(d);
		rc = vcpu_load_context(v, context);
		/* Builders clear the shared page, wall clock and all, before they come to this. */
		if (!rc && v->id == 0)
			wallclock_publish(d);
		domain_unpause(d);
	}
	kfree(context);
	return rc;
}

int domctl_getvcpucontext(struct domain *d, struct xen_domctl *op)
{
	struct vcpu *v = context_vcpu(d, op);
	size_t size = context_size(d);
	void *context;
	int rc;

	if (!v || v == current)
		return -EINVAL;
	if (!v->is_initialised)
		return -ENODATA;
	context = kalloc(size);
	if (!context)
		return -ENOMEM;
	vcpu_pause(v);
	rc = vcpu_save_context(v, context);
	vcpu_unpause(v);
	if (!rc)
		rc = copy_to_guest((gva_t)op->u.vcpucontext.ctxt.p, context, size);
	kfree(context);
	return rc;
}

/* --- what the context has no room for: entries from compatibility mode ----------------------- */

int domctl_set_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
	struct vcpu *v;
	int rc = domctl_vcpu(d, e->vcpu, &v);

	if (rc)
		return -ESRCH;
	if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap))
		return -EINVAL;
	if (!is_canonical(e->sysenter_callback_eip) || !is_canonical(e->syscall32_callback_eip))
		return -EINVAL;
	domain_pause(d);
	v->sysenter.address = e->sysenter_callback_eip;
	v->sysenter.cs = fix_code_selector(e->sysenter_callback_cs, d->is_pv32);
	v->sysenter.mask_events = e->sysenter_disables_events;
	v->syscall32.address = e->syscall32_callback_eip;
	v->syscall32.cs = fix_code_selector(e->syscall32_callback_cs, d->is_pv32);
	v->syscall32.mask_events = e->syscall32_disables_events;
	domain_unpause(d);
	return 0;
}

int domctl_get_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
	u32 id = e->vcpu;
	struct vcpu *v;
	int rc = domctl_vcpu(d, id, &v);

	if (rc)
		return -ESRCH;
	if (v == current)
		return -EINVAL;
	memset(e, 0, sizeof(*e));
	vcpu_pause(v);
	*e = (struct xen_domctl_ext_vcpucontext){
		.vcpu = id,
		.size = sizeof(*e),
		.sysenter_callback_eip = v->sysenter.address,
		.sysenter_callback_cs = v->sysenter.cs,
		.sysenter_disables_events = v->sysenter.mask_events,
		.syscall32_callback_eip = v->syscall32.address,
		.syscall32_callback_cs = v->syscall32.cs,
		.syscall32_disables_events = v->syscall32.mask_events,
	};
	vcpu_unpause(v);
	return 0;
}

/* --- questions and triggers ------------------------------------------------------------------ */

int domctl_getvcpuinfo(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
	struct vcpu *v;
	u32 paused;
	int rc = domctl_vcpu(d, info->vcpu, &v);

	if (rc)
		return rc;
	paused = atomic_load(&v->pause_flags);
	info->online = !(paused & PAUSE_DOWN);
	info->blocked = !!(paused & PAUSE_BLOCKED);
	info->running = atomic_load(&v->running_on) != 0;
	info->cpu_time = sched_cpu_time(v);
	info->cpu = READ_ONCE(v->processor);
	return 0;
}

int domctl_sendtrigger(struct domain *d, struct xen_domctl *op)
{
	struct vcpu *v;

	if (domctl_vcpu(d, op->u.sendtrigger.vcpu, &v))
		return -ESRCH;
	switch (op->u.sendtrigger.trigger) {
	case XEN_DOMCTL_SENDTRIGGER_NMI:
		if (!(atomic_fetch_or(&v->work, VCPU_WORK_NMI) & VCPU_WORK_NMI))
			vcpu_kick(v);
		return 0;
	case XEN_DOMCTL_SENDTRIGGER_POWER:
	case XEN_DOMCTL_SENDTRIGGER_SLEEP:
		return -EINVAL;		/* buttons that HVM domains have */
	default:
		return -ENOSYS;
	}
}

/* --- which CPU it is shown ------------------------------------------------------------------- */

int domctl_get_cpu_policy(struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;

	return cpu_policy_write(d, &(struct policy_room){
		(gva_t)p->leaves.p, (gva_t)p->msrs.p, &p->nr_leaves, &p->nr_msrs });
}

int domctl_set_cpu_policy(struct domain *d, struct xen_domctl *op)
{
	return cpu_policy_set(d, &op->u.cpu_policy);
}
