/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain as domctl and sysctl describe it. */
#include "hypervisor/control/domain_info.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/services/sched.h"

/* Blocked while all vCPUs that are up are, running while one of them is. */
static u32 add_vcpus(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	u32 flags = XEN_DOMINF_blocked;
	struct vcpu *v;

	for_each_vcpu(d, v) {
		u32 paused = atomic_load(&v->pause_flags);

		info->cpu_time += sched_cpu_time(v);
		info->max_vcpu_id = v->id;
		if (paused & PAUSE_DOWN)
			continue;
		info->nr_online_vcpus++;
		if (!(paused & PAUSE_BLOCKED))
			flags &= ~XEN_DOMINF_blocked;
		if (atomic_load(&v->running_on))
			flags |= XEN_DOMINF_running;
	}
	return info->nr_online_vcpus ? flags : 0;
}

static u32 state_flags(const struct domain *d)
{
	u32 flags = 0, code = d->is_shut_down ? d->shutdown_code : ~0u;

	if (domain_is_dying(d))
		flags |= XEN_DOMINF_dying;
	if (d->is_shut_down)
		flags |= XEN_DOMINF_shutdown;
	if (d->pause_by_control)
		flags |= XEN_DOMINF_paused;
	if (d->info->is_debugged)
		flags |= XEN_DOMINF_debugged;
	if (d->create_flags & XEN_DOMCTL_CDF_xs_domain)
		flags |= XEN_DOMINF_xs_domain;
	return flags | code << XEN_DOMINF_shutdownshift;
}

void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	const struct shared_info *shared = READ_ONCE(d->shared);

	memset(info, 0, sizeof(*info));
	info->domain = d->id;
	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	info->flags = add_vcpus(d, info) | state_flags(d);
	info->tot_pages = d->tot_pages;
	info->max_pages = d->max_pages;
	info->outstanding_pages = atomic_load(&d->outstanding_pages);
	info->shared_info_frame = shared ? virt_to_mfn(shared) : INVALID_MFN;
	info->ssidref = d->ssidref;
	info->gpaddr_bits = (u8)cpu_has.phys_bits;
	memcpy(info->handle, d->handle, sizeof(info->handle));
}
