/* SPDX-License-Identifier: GPL-2.0-only */
/* Control of domains and their vCPUs. */
#include <errno.h>
#include <string.h>

#include "pvabi/errno.h"
#include "tools/hypercall/xc.h"
#include "tools/platform/platform.h"

static int do_domctl(struct xen_domctl *op, unsigned int cmd, domid_t domid)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = domid;
	return plat_hypercall(__HYPERVISOR_domctl, (unsigned long)op, 0, 0, 0);
}

/* For the calls whose only argument is the domain. */
static int simple_domctl(unsigned int cmd, domid_t domid)
{
	struct xen_domctl op = { 0 };

	return do_domctl(&op, cmd, domid);
}

int xc_domain_create(const struct xc_create *create, domid_t *domid)
{
	struct xen_domctl op = { 0 };
	struct xen_domctl_createdomain *c = &op.u.createdomain;
	int rc;

	memcpy(c->handle, create->uuid, sizeof(c->handle));
	c->max_vcpus = create->max_vcpus;
	c->max_evtchn_port = create->max_event_channels;
	c->max_grant_frames = create->max_grant_frames;
	c->max_maptrack_frames = create->max_maptrack_frames;
	c->grant_opts = XEN_DOMCTL_GRANT_version(create->max_grant_version);
	/* DOMID_FIRST_RESERVED and above: the hypervisor chooses. */
	rc = do_domctl(&op, XEN_DOMCTL_createdomain, DOMID_FIRST_RESERVED);
	if (!rc)
		*domid = op.domain;
	return rc;
}

int xc_domain_destroy(domid_t domid)
{
	int rc;

	/* A large domain is torn down in steps; the hypervisor says when to come again. */
	do {
		rc = simple_domctl(XEN_DOMCTL_destroydomain, domid);
	} while (rc == -EAGAIN || rc == -XEN_ERESTART);
	return rc;
}

int xc_domain_pause(domid_t domid)
{
	return simple_domctl(XEN_DOMCTL_pausedomain, domid);
}

int xc_domain_unpause(domid_t domid)
{
	return simple_domctl(XEN_DOMCTL_unpausedomain, domid);
}

int xc_domain_max_vcpus(domid_t domid, unsigned int count)
{
	struct xen_domctl op = { 0 };

	op.u.max_vcpus.max = count;
	return do_domctl(&op, XEN_DOMCTL_max_vcpus, domid);
}

int xc_domain_max_mem(domid_t domid, uint64_t kb)
{
	struct xen_domctl op = { 0 };

	op.u.max_mem.max_memkb = kb;
	return do_domctl(&op, XEN_DOMCTL_max_mem, domid);
}

int xc_domain_address_size(domid_t domid, unsigned int bits)
{
	struct xen_domctl op = { 0 };

	op.u.address_size.size = bits;
	return do_domctl(&op, XEN_DOMCTL_set_address_size, domid);
}

int xc_domain_get_address_size(domid_t domid, unsigned int *bits)
{
	struct xen_domctl op = { 0 };
	int rc = do_domctl(&op, XEN_DOMCTL_get_address_size, domid);

	*bits = op.u.address_size.size;
	return rc;
}

int xc_domain_hypercall_page(domid_t domid, uint64_t mfn)
{
	struct xen_domctl op = { 0 };

	op.u.hypercall_init.gmfn = mfn;
	return do_domctl(&op, XEN_DOMCTL_hypercall_init, domid);
}

static int vcpu_context(unsigned int cmd, domid_t domid, unsigned int vcpu, void *context)
{
	struct xen_domctl op = { 0 };

	op.u.vcpucontext.vcpu = vcpu;
	set_xen_guest_handle(op.u.vcpucontext.ctxt, context);
	return do_domctl(&op, cmd, domid);
}

int xc_vcpu_set_context(domid_t domid, unsigned int vcpu, void *context)
{
	return vcpu_context(XEN_DOMCTL_setvcpucontext, domid, vcpu, context);
}

int xc_vcpu_get_context(domid_t domid, unsigned int vcpu, void *context)
{
	return vcpu_context(XEN_DOMCTL_getvcpucontext, domid, vcpu, context);
}

int xc_vcpu_info(domid_t domid, unsigned int vcpu, struct xen_domctl_getvcpuinfo *info)
{
	struct xen_domctl op = { 0 };
	int rc;

	op.u.getvcpuinfo.vcpu = vcpu;
	rc = do_domctl(&op, XEN_DOMCTL_getvcpuinfo, domid);
	*info = op.u.getvcpuinfo;
	return rc;
}

static void mask_to_map(uint8_t map[8], uint64_t mask)
{
	int i;

	for (i = 0; i < 8; i++)
		map[i] = mask >> 8 * i;
}

static uint64_t map_to_mask(const uint8_t map[8])
{
	uint64_t mask = 0;
	int i;

	for (i = 0; i < 8; i++)
		mask |= (uint64_t)map[i] << 8 * i;
	return mask;
}

static int vcpu_affinity(unsigned int cmd, domid_t domid, unsigned int vcpu, unsigned int flags,
			 uint8_t hard[8], uint8_t soft[8])
{
	struct xen_domctl op = { 0 };
	struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;

	a->vcpu = vcpu;
	a->flags = flags;
	set_xen_guest_handle(a->cpumap_hard.bitmap, hard);
	set_xen_guest_handle(a->cpumap_soft.bitmap, soft);
	a->cpumap_hard.nr_bits = a->cpumap_soft.nr_bits = 64;
	return do_domctl(&op, cmd, domid);
}

int xc_vcpu_set_affinity(domid_t domid, unsigned int vcpu, uint64_t hard, uint64_t soft)
{
	unsigned int flags = (hard ? XEN_VCPUAFFINITY_HARD : 0) | (soft ? XEN_VCPUAFFINITY_SOFT : 0);
	uint8_t hard_map[8], soft_map[8];

	if (!flags)
		return 0;
	mask_to_map(hard_map, hard);
	mask_to_map(soft_map, soft);
	return vcpu_affinity(XEN_DOMCTL_setvcpuaffinity, domid, vcpu, flags, hard_map, soft_map);
}

int xc_vcpu_get_affinity(domid_t domid, unsigned int vcpu, uint64_t *hard, uint64_t *soft)
{
	uint8_t hard_map[8] = { 0 }, soft_map[8] = { 0 };
	int rc = vcpu_affinity(XEN_DOMCTL_getvcpuaffinity, domid, vcpu,
			       XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT, hard_map, soft_map);

	*hard = map_to_mask(hard_map);
	*soft = map_to_mask(soft_map);
	return rc;
}

int xc_domain_info(domid_t domid, struct xen_domctl_getdomaininfo *info)
{
	struct xen_domctl op = { 0 };
	int rc = do_domctl(&op, XEN_DOMCTL_getdomaininfo, domid);

	/* The call answers for the next domain when there is none with this id. */
	if (!rc && op.domain != domid)
		rc = -ESRCH;
	*info = op.u.getdomaininfo;
	return rc;
}

int xc_domain_changed(domid_t *domid, unsigned int *state)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_get_domain_state, .domain = DOMID_INVALID };
	int rc = plat_hypercall(__HYPERVISOR_domctl, (unsigned long)&op, 0, 0, 0);

	*domid = op.domain;
	*state = op.u.get_domain_state.state;
	return rc;
}

static int credit(domid_t domid, unsigned int cmd, unsigned int *weight, unsigned int *cap)
{
	struct xen_domctl op = { 0 };
	struct xen_domctl_scheduler_op *s = &op.u.scheduler_op;
	unsigned int id;
	int rc = xc_sched_id(&id);

	if (rc)
		return rc;
	s->sched_id = id;
	s->cmd = cmd;
	s->u.credit.weight = *weight;
	s->u.credit.cap = *cap;
	rc = do_domctl(&op, XEN_DOMCTL_scheduler_op, domid);
	*weight = s->u.credit.weight;
	*cap = s->u.credit.cap;
	return rc;
}

int xc_domain_set_credit(domid_t domid, unsigned int weight, unsigned int cap)
{
	unsigned int old_cap = 0, old_weight = 0;
	int rc;

	if (!weight) {
		rc = credit(domid, XEN_DOMCTL_SCHEDOP_getinfo, &old_weight, &old_cap);
		if (rc)
			return rc;
		weight = old_weight;
	}
	return credit(domid, XEN_DOMCTL_SCHEDOP_putinfo, &weight, &cap);
}

int xc_domain_get_credit(domid_t domid, unsigned int *weight, unsigned int *cap)
{
	*weight = *cap = 0;
	return credit(domid, XEN_DOMCTL_SCHEDOP_getinfo, weight, cap);
}

int xc_domain_trigger(domid_t domid, unsigned int vcpu, unsigned int trigger)
{
	struct xen_domctl op = { 0 };

	op.u.sendtrigger.vcpu = vcpu;
	op.u.sendtrigger.trigger = trigger;
	return do_domctl(&op, XEN_DOMCTL_sendtrigger, domid);
}

int xc_domain_set_tsc_mode(domid_t domid, unsigned int mode)
{
	struct xen_domctl op = { 0 };

	op.u.tsc_info.tsc_mode = mode;
	return do_domctl(&op, XEN_DOMCTL_settscinfo, domid);
}

int xc_domain_get_cpu_policy(domid_t domid, struct xen_cpuid_leaf *leaves, unsigned int *nr)
{
	struct xen_domctl op = { 0 };
	int rc;

	op.u.cpu_policy.nr_leaves = *nr;
	set_xen_guest_handle(op.u.cpu_policy.leaves, leaves);
	rc = do_domctl(&op, XEN_DOMCTL_get_cpu_policy, domid);
	*nr = op.u.cpu_policy.nr_leaves;
	return rc;
}

int xc_domain_set_cpu_policy(domid_t domid, const struct xen_cpuid_leaf *leaves, unsigned int nr,
			     struct xen_cpuid_leaf *refused)
{
	struct xen_domctl op = { 0 };
	struct xen_domctl_cpu_policy *p = &op.u.cpu_policy;
	int rc;

	p->nr_leaves = nr;
	set_xen_guest_handle(p->leaves, (struct xen_cpuid_leaf *)leaves);
	p->err_leaf = p->err_subleaf = XEN_CPUID_NO_SUBLEAF;
	rc = do_domctl(&op, XEN_DOMCTL_set_cpu_policy, domid);
	refused->leaf = p->err_leaf;
	refused->subleaf = p->err_subleaf;
	return rc;
}
