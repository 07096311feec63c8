/* SPDX-License-Identifier: GPL-2.0-only */
/* domctl: one table, and the one loop that copies, checks, looks up and runs. */
#include "hypervisor/control/domctl.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/control/policy.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"

/* Caches and monitors of CPUs are not shared out. */
static int no_device(struct domain *d, struct xen_domctl *op)
{
	(void)d;
	(void)op;
	return -ENODEV;
}

#define ROW(name, flags)	{ XEN_DOMCTL_##name, flags, domctl_##name },

static const struct domctl_row rows[] = {
	DOMCTL_ROWS(ROW)
	{ XEN_DOMCTL_psr_cmt_op, DOMCTL_READS, no_device },
	{ XEN_DOMCTL_psr_alloc, DOMCTL_READS, no_device },
};

const struct domctl_row *domctl_find(u32 cmd)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].cmd == cmd)
			return &rows[i];
	return NULL;
}

int domctl_vcpu(struct domain *d, u32 id, struct vcpu **v)
{
	if (id >= d->max_vcpus)
		return -EINVAL;
	*v = d->vcpu[id];
	return *v ? 0 : -ESRCH;
}

/* One changing operation at a time; who comes second is sent back, and tries again. */
static int run_alone(const struct domctl_row *row, struct domain *d, struct xen_domctl *op)
{
	int rc;

	if (!d || row->flags & DOMCTL_READS)
		return row->run(d, op);
	if (atomic_exchange(&d->info->control_busy, true))
		return -ERESTART;
	if (atomic_load(&d->dying) == DOMAIN_DEAD)
		rc = -ESRCH;	/* it was found just before it left the table */
	else
		rc = row->flags & DOMCTL_ALIVE && domain_is_dying(d) ? -EINVAL : row->run(d, op);
	atomic_store(&d->info->control_busy, false);
	return rc;
}

static int run(const struct domctl_row *row, struct domain *d, struct xen_domctl *op)
{
	int rc = policy_check(POLICY_CONTROL_DOMAIN, current->domain, d);

	if (rc)
		return rc;
	if (!row)
		return -ENOSYS;
	if (row->flags & DOMCTL_OTHERS && d == current->domain)
		return -EINVAL;
	return run_alone(row, d, op);
}

/* Only ordinary domains are controlled, and none by the name of "self". */
static int find_domain(const struct domctl_row *row, domid_t id, struct domain **d)
{
	bool next = row && row->flags & DOMCTL_NEXT;

	if (id >= DOMID_FIRST_RESERVED)
		return next ? -EINVAL : -ESRCH;
	*d = next ? domain_get_next(id) : domain_get(id);
	return *d ? 0 : -ESRCH;
}

static bool gives_back(const struct domctl_row *row, long rc)
{
	return row && row->flags & DOMCTL_OUT &&
	       (!rc || (row->flags & DOMCTL_ERRORS && rc != -EPERM));
}

static u32 interface_version(const struct domctl_row *row)
{
	return row && row->flags & DOMCTL_STABLE ? 0 : XEN_DOMCTL_INTERFACE_VERSION;
}

long do_domctl(u64 arg)
{
	const struct domctl_row *row;
	struct domain *d = NULL;
	struct xen_domctl op;
	long rc;

	if (copy_from_guest(&op, arg, sizeof(op)))
		return -EFAULT;
	row = domctl_find(op.cmd);
	if (op.interface_version != interface_version(row))
		return -EACCES;
	if (!row || !(row->flags & DOMCTL_NEW)) {
		rc = find_domain(row, op.domain, &d);
		if (rc)
			return rc;
	}
	rc = run(row, d, &op);
	if (d)
		domain_put(d);
	if (rc == -ERESTART)
		return HYPERCALL_CONTINUE(arg);
	if (gives_back(row, rc) && copy_to_guest(arg, &op, sizeof(op)))
		rc = -EFAULT;
	return rc;
}
