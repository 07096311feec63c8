/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_op, its old form, and set_timer_op: decoded for services/sched*.c and time_vcpu.c. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"
#include "pvabi/compat/sched.h"
#include "pvabi/sched.h"

#define POLL_PORTS_MAX	128

static long run_shutdown(void *arg)
{
	struct sched_shutdown *op = arg;

	domain_shutdown(current->domain, (u8)op->reason);
	return 0;
}

static long run_shutdown_code(void *arg)
{
	struct sched_shutdown *op = arg;

	domain_announce_shutdown(current->domain, (u8)op->reason);
	return 0;
}

static long run_remote_shutdown(void *arg)
{
	struct sched_remote_shutdown *op = arg;
	struct domain *d = domain_get(op->domain_id);
	long rc = -EPERM;

	if (!d)
		return -ESRCH;
	if (current->domain->is_privileged) {
		domain_shutdown(d, (u8)op->reason);
		rc = 0;
	}
	domain_put(d);
	return rc;
}

static long run_watchdog(void *arg)
{
	struct sched_watchdog *op = arg;

	return sched_watchdog(op->id, op->timeout);
}

static long run_pin_override(void *arg)
{
	struct sched_pin_override *op = arg;

	return sched_pin_override(current, op->pcpu);
}

static const struct subop sched_ops[] = {
	{ SCHEDOP_shutdown, sizeof(struct sched_shutdown), 0, run_shutdown },
	{ SCHEDOP_shutdown_code, sizeof(struct sched_shutdown), 0, run_shutdown_code },
	{ SCHEDOP_remote_shutdown, sizeof(struct sched_remote_shutdown), 0, run_remote_shutdown },
	{ SCHEDOP_watchdog, sizeof(struct sched_watchdog), 0, run_watchdog },
	{ SCHEDOP_pin_override, sizeof(struct sched_pin_override), 0, run_pin_override },
};

/* --- poll: the one structure whose layout depends on the width -------------------------------- */

struct poll_args {
	gva_t ports;
	u32 nr_ports;
	u64 timeout;
};

static int read_poll_args(u64 arg, struct poll_args *out)
{
	struct sched_poll op;
	struct compat_sched_poll compat;

	if (guest_is_pv32()) {
		if (copy_from_guest(&compat, arg, sizeof(compat)))
			return -EFAULT;
		*out = (struct poll_args){ compat.ports.c, compat.nr_ports, compat.timeout };
	} else {
		if (copy_from_guest(&op, arg, sizeof(op)))
			return -EFAULT;
		*out = (struct poll_args){ (u64)op.ports.p, op.nr_ports, op.timeout };
	}
	return 0;
}

static long do_poll(u64 arg)
{
	u32 ports[POLL_PORTS_MAX];
	struct poll_args op;

	if (read_poll_args(arg, &op))
		return -EFAULT;
	if (op.nr_ports > POLL_PORTS_MAX)
		return -EINVAL;
	if (copy_from_guest(ports, op.ports, op.nr_ports * sizeof(ports[0])))
		return -EFAULT;
	return sched_poll(ports, op.nr_ports, op.timeout);
}

/* --- the calls -------------------------------------------------------------------------------- */

long do_sched_op(u64 cmd, u64 arg)
{
	switch ((u32)cmd) {
	case SCHEDOP_yield:
		sched_give_way();
		return 0;
	case SCHEDOP_block:
		sched_block();
		return 0;
	case SCHEDOP_poll:
		return do_poll(arg);
	case SCHEDOP_pin_override:
		if (!current->domain->is_privileged)
			return -EPERM;
	}
	return subop_dispatch(sched_ops, ARRAY_SIZE(sched_ops), (u32)cmd, arg);
}

long do_sched_op_compat(u64 cmd, u64 arg)
{
	if ((u32)cmd == SCHEDOP_shutdown) {
		domain_shutdown(current->domain, (u8)arg);
		return 0;
	}
	return (u32)cmd == SCHEDOP_yield || (u32)cmd == SCHEDOP_block ? do_sched_op(cmd, 0) : -ENOSYS;
}

/*
 * Guests ask for absurd times when their own arithmetic has wrapped: then there is work to do, at
 * once; or when they have no timer at all: then nothing is to be done for long. Neither may starve.
 */
#define ABSURDLY_FAR	(1ull << 50)
#define ABSURD_DELAY	100000000

long do_set_timer_op(u64 deadline)
{
	struct vcpu *v = current;
	ns_t t;

	if (!deadline) {
		vcpu_stop_singleshot(v);
		return 0;
	}
	t = now();
	if (unlikely((s64)deadline < 0 || deadline > t + ABSURDLY_FAR))
		deadline = t + ABSURD_DELAY;
	vcpu_set_singleshot(v, deadline);
	return 0;
}

long compat_set_timer_op(u64 lo, u64 hi)
{
	return do_set_timer_op(hi << 32 | (u32)lo);
}
