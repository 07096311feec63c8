/* SPDX-License-Identifier: GPL-2.0-only */
/* vcpu_op: a domain's vCPUs brought up and down, asked about, and given timers and shared areas. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/context.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/domain/vcpu_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"
#include "pvabi/compat/vcpu.h"
#include "pvabi/sched.h"
#include "pvabi/vcpu.h"

/* --- up and down ------------------------------------------------------------------------------ */

static long op_initialise(struct vcpu *v, u64 arg)
{
	int rc;

	if (atomic_exchange(&v->is_being_initialised, true))
		return -ERESTART;
	rc = vcpu_set_context(v, arg);
	atomic_store(&v->is_being_initialised, false);
	return rc;
}

static long op_up(struct vcpu *v, u64 arg)
{
	(void)arg;
	if (!v->is_initialised)
		return -EINVAL;
	if (atomic_fetch_and(&v->pause_flags, ~PAUSE_DOWN) & PAUSE_DOWN)
		sched_wake(v);
	return 0;
}

static bool another_is_up(const struct vcpu *v)
{
	struct vcpu *other;

	for_each_vcpu(v->domain, other)
		if (other != v && !(atomic_load(&other->pause_flags) & PAUSE_DOWN))
			return true;
	return false;
}

/* The last one to go down takes the domain with it. */
static long op_down(struct vcpu *v, u64 arg)
{
	(void)arg;
	if (!another_is_up(v))
		domain_shutdown(v->domain, SHUTDOWN_poweroff);
	else if (!(atomic_fetch_or(&v->pause_flags, PAUSE_DOWN) & PAUSE_DOWN))
		sched_sleep(v);
	return 0;
}

static long op_is_up(struct vcpu *v, u64 arg)
{
	(void)arg;
	return !(atomic_load(&v->pause_flags) & PAUSE_DOWN);
}

/* --- areas ------------------------------------------------------------------------------------ */

static long op_get_runstate_info(struct vcpu *v, u64 arg)
{
	struct vcpu_runstate_info info;

	sched_get_runstate(v, &info);
	return runstate_copy_to_guest(arg, &info, v->domain->is_pv32);
}

/* Both widths have a union of 8 bytes, of which a pv32 guest means the lower half. */
static int read_area(u64 arg, size_t size, gva_t *area)
{
	u64 p;

	if (copy_from_guest(&p, arg, sizeof(p)))
		return -EFAULT;
	*area = guest_is_pv32() ? (u32)p : p;
	return guest_range_ok(*area, size) ? 0 : -EFAULT;
}

static long op_register_runstate(struct vcpu *v, u64 arg)
{
	gva_t area;
	int rc;

	rc = read_area(arg, guest_sizeof(vcpu_runstate_info), &area);
	if (rc)
		return rc;
	WRITE_ONCE(v->runstate_area, area);
	sched_publish_runstate(v);
	return 0;
}

static long op_register_time(struct vcpu *v, u64 arg)
{
	gva_t area;
	int rc = read_area(arg, sizeof(struct vcpu_time_info), &area);

	if (rc)
		return rc;
	WRITE_ONCE(v->time_area, area);
	time_republish(v);
	return 0;
}

static long op_register_info(struct vcpu *v, u64 arg)
{
	struct vcpu_register_vcpu_info op;
	int rc;

	if (copy_from_guest(&op, arg, sizeof(op)))
		return -EFAULT;
	rc = vcpu_register_info(v, op.mfn, op.offset);
	if (rc)
		return rc;
	evtchn_vcpu_info_moved(v);
	time_republish(v);
	return 0;
}

/* --- timers ----------------------------------------------------------------------------------- */

static long op_set_periodic(struct vcpu *v, u64 arg)
{
	struct vcpu_set_periodic_timer op;

	if (copy_from_guest(&op, arg, sizeof(op)))
		return -EFAULT;
	return vcpu_set_periodic(v, op.period_ns);
}

static long op_stop_periodic(struct vcpu *v, u64 arg)
{
	(void)arg;
	vcpu_stop_periodic(v);
	return 0;
}

/*
 * The 32-bit structure ends with the flags, the other one has padding. VCPU_SSHOTTMR_future is not
 * heeded, as on Xen: a time that is past fires.
 */
static long op_set_singleshot(struct vcpu *v, u64 arg)
{
	struct vcpu_set_singleshot_timer op;

	if (v != current)
		return -EINVAL;
	if (copy_from_guest(&op, arg, guest_sizeof(vcpu_set_singleshot_timer)))
		return -EFAULT;
	vcpu_set_singleshot(v, op.timeout_abs_ns);
	return 0;
}

static long op_stop_singleshot(struct vcpu *v, u64 arg)
{
	(void)arg;
	if (v != current)
		return -EINVAL;
	vcpu_stop_singleshot(v);
	return 0;
}

/* --- the rest --------------------------------------------------------------------------------- */

static long op_send_nmi(struct vcpu *v, u64 arg)
{
	if (arg)
		return -EINVAL;
	if (!(atomic_fetch_or(&v->work, VCPU_WORK_NMI) & VCPU_WORK_NMI))
		vcpu_kick(v);
	return 0;
}

/* Only the control domain's, and only one that will stay where it is. */
static long op_get_physid(struct vcpu *v, u64 arg)
{
	struct vcpu_get_physid op;
	cpumask_t hard, soft;
	struct percpu *cpu;

	sched_get_affinity(v, &hard, &soft);
	if (!v->domain->is_privileged || !hard || (hard & (hard - 1)))
		return -EINVAL;
	cpu = cpu_table[READ_ONCE(v->processor)];
	op.phys_id = (u64)cpu->acpi_id << 32 | cpu->apic_id;
	return copy_to_guest(arg, &op, sizeof(op));
}

static long (*const vcpu_ops[])(struct vcpu *v, u64 arg) = {
	[VCPUOP_initialise] = op_initialise,
	[VCPUOP_up] = op_up,
	[VCPUOP_down] = op_down,
	[VCPUOP_is_up] = op_is_up,
	[VCPUOP_get_runstate_info] = op_get_runstate_info,
	[VCPUOP_register_runstate_memory_area] = op_register_runstate,
	[VCPUOP_set_periodic_timer] = op_set_periodic,
	[VCPUOP_stop_periodic_timer] = op_stop_periodic,
	[VCPUOP_set_singleshot_timer] = op_set_singleshot,
	[VCPUOP_stop_singleshot_timer] = op_stop_singleshot,
	[VCPUOP_register_vcpu_info] = op_register_info,
	[VCPUOP_send_nmi] = op_send_nmi,
	[VCPUOP_get_physid] = op_get_physid,
	[VCPUOP_register_vcpu_time_memory_area] = op_register_time,
};

long do_vcpu_op(u64 cmd, u64 vcpu, u64 arg)
{
	struct domain *d = current->domain;
	u32 op = (u32)cmd, id = (u32)vcpu;
	long rc;

	if (id >= d->max_vcpus || !d->vcpu[id])
		return -ENOENT;
	if (op >= ARRAY_SIZE(vcpu_ops) || !vcpu_ops[op])
		return -ENOSYS;
	rc = vcpu_ops[op](d->vcpu[id], arg);
	return rc == -ERESTART ? HYPERCALL_CONTINUE(cmd, vcpu, arg) : rc;
}
