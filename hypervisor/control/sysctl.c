/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl: one table and one loop, and what concerns the hypervisor as a whole. */
#include "hypervisor/control/sysctl.h"

#include "hypervisor/arch/console.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/control/bitmap_io.h"
#include "hypervisor/control/domain_info.h"
#include "hypervisor/control/keys.h"
#include "hypervisor/control/policy.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/sched.h"

static int not_supported(struct xen_sysctl *op)
{
	(void)op;
	return -EOPNOTSUPP;
}

static int no_device(struct xen_sysctl *op)
{
	(void)op;
	return -ENODEV;
}

#define ROW(name)	{ XEN_SYSCTL_##name, sysctl_##name },

static const struct sysctl_row rows[] = {
	SYSCTL_ROWS(ROW)
	{ XEN_SYSCTL_coverage_op, not_supported },
	{ XEN_SYSCTL_livepatch_op, not_supported },
	/* CPUs keep their frequency and wait by HLT; caches and monitors are not shared out. */
	{ XEN_SYSCTL_get_pmstat, no_device },
	{ XEN_SYSCTL_pm_op, no_device },
	{ XEN_SYSCTL_psr_cmt_op, no_device },
	{ XEN_SYSCTL_psr_alloc, no_device },
};

const struct sysctl_row *sysctl_find(u32 cmd)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].cmd == cmd)
			return &rows[i];
	return NULL;
}

long do_sysctl(u64 arg)
{
	const struct sysctl_row *row;
	struct xen_sysctl op;
	long rc;

	if (copy_from_guest(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	rc = policy_check(POLICY_CONTROL_HOST, current->domain, NULL);
	if (rc)
		return rc;
	row = sysctl_find(op.cmd);
	rc = row ? row->run(&op) : -ENOSYS;
	if (rc == -ERESTART)
		return HYPERCALL_CONTINUE(arg);
	if (!rc && copy_to_guest(arg, &op, sizeof(op)))
		rc = -EFAULT;
	return rc;
}

/* --- console ring ---------------------------------------------------------------------------- */

int sysctl_readconsole(struct xen_sysctl *op)
{
	struct xen_sysctl_readconsole *r = &op->u.readconsole;
	u32 index = r->incremental ? r->index : 0, done = 0;
	char text[256];
	size_t n;

	while (done < r->count &&
	       (n = console_read_ring(text, MIN(r->count - done, (u32)sizeof(text)), &index)) > 0) {
		if (copy_to_guest((gva_t)r->buffer.p + done, text, n))
			return -EFAULT;
		done += (u32)n;
	}
	if (r->clear)
		console_clear_ring();
	r->count = done;
	r->index = index;
	return 0;
}

#define DEBUG_KEYS_MAX	128

int sysctl_debug_keys(struct xen_sysctl *op)
{
	const struct xen_sysctl_debug_keys *k = &op->u.debug_keys;
	char key;

	for (u32 i = 0; i < MIN(k->nr_keys, (u32)DEBUG_KEYS_MAX); i++) {
		if (copy_from_guest(&key, (gva_t)k->keys.p + i, 1))
			return -EFAULT;
		debug_key(key);
	}
	return 0;
}

/* --- domains --------------------------------------------------------------------------------- */

int sysctl_getdomaininfolist(struct xen_sysctl *op)
{
	struct xen_sysctl_getdomaininfolist *l = &op->u.getdomaininfolist;
	gva_t to = (gva_t)l->buffer.p;
	struct xen_domctl_getdomaininfo info;
	struct domain *d = NULL;
	u32 n, next = l->first_domain;
	int rc = 0;

	for (n = 0; n < l->max_domains && (d = domain_get_next(next)) != NULL; n++) {
		domain_info_fill(d, &info);
		next = d->id + 1u;
		domain_put(d);
		rc = copy_to_guest(to + n * sizeof(info), &info, sizeof(info));
		if (rc)
			break;
	}
	l->num_domains = n;
	return rc;
}

/* --- the scheduler --------------------------------------------------------------------------- */

int sysctl_sched_id(struct xen_sysctl *op)
{
	op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT;
	return 0;
}

int sysctl_scheduler_op(struct xen_sysctl *op)
{
	struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;
	struct xen_sysctl_credit_schedule *c = &s->u.sched_credit;

	if (s->cpupool_id)
		return -ESRCH;
	if (s->sched_id != XEN_SCHEDULER_CREDIT)
		return -EINVAL;
	if (s->cmd == XEN_SYSCTL_SCHEDOP_putinfo)
		return sched_set_global(c->tslice_ms, c->ratelimit_us);
	if (s->cmd != XEN_SYSCTL_SCHEDOP_getinfo)
		return -EINVAL;
	sched_get_global(&c->tslice_ms, &c->ratelimit_us);
	c->vcpu_migr_delay_us = 0;
	return 0;
}

static u32 count_domains(void)
{
	struct domain *d;
	u32 n = 0;

	for_each_domain(d)
		n++;
	return n;
}

/* There is one pool, of number 0, with all CPUs. */
int sysctl_cpupool_op(struct xen_sysctl *op)
{
	struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;

	switch (p->op) {
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		if (p->cpupool_id && p->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY)
			return -ENOENT;
		p->cpupool_id = 0;
		p->sched_id = XEN_SCHEDULER_CREDIT;
		p->n_dom = count_domains();
		return bitmap_write(&p->cpumap, sched_usable_cpus(), nr_cpus);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return bitmap_write(&p->cpumap, 0, nr_cpus);
	default:
		return -EOPNOTSUPP;
	}
}
