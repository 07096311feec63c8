/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hypervisor tells of the machine. */
#include <string.h>

#include "tools/hypercall/xc.h"
#include "tools/platform/platform.h"

static int do_sysctl(struct xen_sysctl *op, unsigned int cmd)
{
	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return plat_hypercall(__HYPERVISOR_sysctl, (unsigned long)op, 0, 0, 0);
}

int xc_domain_list(domid_t first, struct xen_domctl_getdomaininfo *list, unsigned int max)
{
	struct xen_sysctl op = { 0 };
	int rc;

	op.u.getdomaininfolist.first_domain = first;
	op.u.getdomaininfolist.max_domains = max;
	set_xen_guest_handle(op.u.getdomaininfolist.buffer, list);
	rc = do_sysctl(&op, XEN_SYSCTL_getdomaininfolist);
	return rc ? rc : (int)op.u.getdomaininfolist.num_domains;
}

int xc_physinfo(struct xen_sysctl_physinfo *info)
{
	struct xen_sysctl op = { 0 };
	int rc = do_sysctl(&op, XEN_SYSCTL_physinfo);

	*info = op.u.physinfo;
	return rc;
}

int xc_sched_id(unsigned int *id)
{
	struct xen_sysctl op = { 0 };
	int rc = do_sysctl(&op, XEN_SYSCTL_sched_id);

	*id = op.u.sched_id.sched_id;
	return rc;
}

int xc_cpu_topology(struct xen_sysctl_cputopo *list, unsigned int max)
{
	struct xen_sysctl op = { 0 };
	int rc;

	op.u.cputopoinfo.num_cpus = max;
	set_xen_guest_handle(op.u.cputopoinfo.cputopo, list);
	rc = do_sysctl(&op, XEN_SYSCTL_cputopoinfo);
	return rc ? rc : (int)op.u.cputopoinfo.num_cpus;
}

int xc_numa(struct xen_sysctl_meminfo *list, uint32_t *distances, unsigned int max)
{
	struct xen_sysctl op = { 0 };
	int rc;

	op.u.numainfo.num_nodes = max;
	set_xen_guest_handle(op.u.numainfo.meminfo, list);
	set_xen_guest_handle(op.u.numainfo.distance, distances);
	rc = do_sysctl(&op, XEN_SYSCTL_numainfo);
	return rc ? rc : (int)op.u.numainfo.num_nodes;
}

int xc_read_console(char *out, unsigned int size, bool clear, uint32_t *index)
{
	struct xen_sysctl op = { 0 };
	struct xen_sysctl_readconsole *r = &op.u.readconsole;
	int rc;

	r->clear = clear;
	r->incremental = 1;
	r->index = *index;
	r->count = size;
	set_xen_guest_handle(r->buffer, out);
	rc = do_sysctl(&op, XEN_SYSCTL_readconsole);
	if (rc)
		return rc;
	*index = r->index;
	return r->count;
}

int xc_debug_keys(const char *keys)
{
	struct xen_sysctl op = { 0 };
	char copy[64];

	strncpy(copy, keys, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	set_xen_guest_handle(op.u.debug_keys.keys, copy);
	op.u.debug_keys.nr_keys = strlen(copy);
	return do_sysctl(&op, XEN_SYSCTL_debug_keys);
}

static int sched_params(struct xen_sysctl *op, unsigned int cmd)
{
	op->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT;
	op->u.scheduler_op.cmd = cmd;
	return do_sysctl(op, XEN_SYSCTL_scheduler_op);
}

int xc_sched_get_params(unsigned int *tslice_ms, unsigned int *ratelimit_us)
{
	struct xen_sysctl op = { 0 };
	int rc = sched_params(&op, XEN_SYSCTL_SCHEDOP_getinfo);

	*tslice_ms = op.u.scheduler_op.u.sched_credit.tslice_ms;
	*ratelimit_us = op.u.scheduler_op.u.sched_credit.ratelimit_us;
	return rc;
}

int xc_sched_set_params(unsigned int tslice_ms, unsigned int ratelimit_us)
{
	struct xen_sysctl op = { 0 };

	op.u.scheduler_op.u.sched_credit.tslice_ms = tslice_ms;
	op.u.scheduler_op.u.sched_credit.ratelimit_us = ratelimit_us;
	return sched_params(&op, XEN_SYSCTL_SCHEDOP_putinfo);
}
