/* SPDX-License-Identifier: GPL-2.0-only */
/* event_channel_op: one row for each command, the work in services/evtchn.c. */
#include "hypervisor/arch/guest_span.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/evtchn.h"
#include "pvabi/event_channel.h"

#define DEFINE_RUN(op)								\
	static long run_##op(void *arg)						\
	{									\
		return evtchn_##op(arg);					\
	}
DEFINE_RUN(alloc_unbound)
DEFINE_RUN(bind_interdomain)
DEFINE_RUN(bind_virq)
DEFINE_RUN(bind_ipi)
DEFINE_RUN(bind_pirq)
DEFINE_RUN(status)
DEFINE_RUN(init_control)

static long run_close(void *arg)
{
	struct evtchn_close *op = arg;

	return evtchn_close(current->domain, op->port);
}

/* Nothing is asked for as often, so it has no row. */
static long send(u64 arg)
{
	struct guest_span op;
	evtchn_port_t port;

	if (!guest_span(&op, arg, sizeof(struct evtchn_send)))
		return -EFAULT;
	guest_get(&op, offsetof(struct evtchn_send, port), port, fault);
	return evtchn_send(current->domain, port);
fault:
	return -EFAULT;
}

static long run_unmask(void *arg)
{
	struct evtchn_unmask *op = arg;

	return evtchn_unmask(op->port);
}

static long run_bind_vcpu(void *arg)
{
	struct evtchn_bind_vcpu *op = arg;

	return evtchn_bind_vcpu(op->port, op->vcpu);
}

static long run_set_priority(void *arg)
{
	struct evtchn_set_priority *op = arg;

	return evtchn_set_priority(op->port, op->priority);
}

static long run_expand_array(void *arg)
{
	struct evtchn_expand_array *op = arg;

	return evtchn_expand_array(op->array_gfn);
}

/* Xen's own number, which it shows to no guest: a reset that was preempted goes on. */
#define EVTCHNOP_reset_cont	14

static long reset(const struct evtchn_reset *op, bool goes_on)
{
	struct domain *d = domain_get(op->dom);
	long rc = -EPERM;

	if (!d || !d->evtchn)
		rc = -ESRCH;
	else if (d == current->domain || current->domain->is_privileged)
		rc = evtchn_reset(d, goes_on);
	if (d)
		domain_put(d);
	return rc;
}

static long run_reset(void *arg)
{
	return reset(arg, false);
}

static long run_reset_cont(void *arg)
{
	return reset(arg, true);
}

#define ROW(op, flags)	{ EVTCHNOP_##op, sizeof(struct evtchn_##op), flags, run_##op }

static const struct subop rows[] = {
	ROW(unmask, 0),
	ROW(alloc_unbound, SUBOP_OUT),
	ROW(bind_interdomain, SUBOP_OUT),
	ROW(bind_virq, SUBOP_OUT),
	ROW(bind_ipi, SUBOP_OUT),
	ROW(bind_pirq, SUBOP_OUT),
	ROW(bind_vcpu, 0),
	ROW(close, 0),
	ROW(status, SUBOP_OUT),
	ROW(reset, 0),
	{ EVTCHNOP_reset_cont, sizeof(struct evtchn_reset), 0, run_reset_cont },
	ROW(init_control, SUBOP_OUT),
	ROW(expand_array, 0),
	ROW(set_priority, 0),
};

long do_event_channel_op(u64 cmd, u64 arg)
{
	long rc;

	if (likely((u32)cmd == EVTCHNOP_send))
		return send(arg);
	rc = subop_dispatch(rows, ARRAY_SIZE(rows), cmd, arg);
	/* Nothing else is preempted. */
	return rc == -ERESTART ? HYPERCALL_CONTINUE(EVTCHNOP_reset_cont, arg) : rc;
}

/* The old call names its command in the structure; what came later than that is not among them. */
long do_event_channel_op_compat(u64 op)
{
	u32 cmd;

	if (copy_from_guest(&cmd, op, sizeof(cmd)))
		return -EFAULT;
	if (cmd > EVTCHNOP_unmask)
		return -ENOSYS;
	return do_event_channel_op(cmd, op + offsetof(struct evtchn_op, u));
}
