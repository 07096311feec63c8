/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving the CPU up: yield, block, poll.
 *
 * A vCPU that is about to wait says so first (PAUSE_BLOCKED, its bit among the pollers) and looks
 * for what it waits for afterwards; who brings it makes it visible first and looks at the flags
 * afterwards. Both by locked instructions, so one of the two sees the other.
 */
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/bitmap.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/sched_cpu.h"
#include "hypervisor/services/time.h"

/* Nobody waits here: nothing to do. Who comes later does so by a wake-up of its own. */
void sched_give_way(void)
{
	struct percpu *cpu = this_cpu();

	if (!READ_ONCE(cpu->sched->q.nr_waiting))
		return;
	cpu->vcpu->sched->wants_to_yield = true;
	cpu_raise(cpu, CPU_WORK_SCHEDULE);
}

/* True when it was polling, and who asks is the one that ends it. */
static bool end_poll(struct vcpu *v)
{
	_Atomic u32 *pollers = &v->domain->sched->pollers;
	u32 bit = 1u << v->id;

	return (atomic_load_explicit(pollers, memory_order_relaxed) & bit) &&
	       (atomic_fetch_and(pollers, ~bit) & bit);
}

static void unblock(struct vcpu *v)
{
	if (atomic_fetch_and(&v->pause_flags, ~PAUSE_BLOCKED) & PAUSE_BLOCKED)
		sched_wake(v);
}

static bool must_not_sleep(struct vcpu *v)
{
	return vcpu_event_deliverable(v) || (atomic_load(&v->work) & VCPU_WORK_NMI);
}

void sched_block(void)
{
	struct percpu *cpu = this_cpu();
	struct vcpu *v = cpu->vcpu;

	WRITE_ONCE(v->info->evtchn_upcall_mask, 0);
	end_poll(v);
	atomic_fetch_or(&v->pause_flags, PAUSE_BLOCKED);
	if (must_not_sleep(v))
		atomic_fetch_and(&v->pause_flags, ~PAUSE_BLOCKED);
	else
		cpu_raise(cpu, CPU_WORK_SCHEDULE);
}

int sched_poll(const u32 *ports, unsigned nr, ns_t timeout)
{
	struct vcpu *v = current;
	struct sched_domain *sd = v->domain->sched;
	int rc = 0;

	atomic_store(&v->sched->poll_port, nr == 1 ? ports[0] : 0);
	atomic_fetch_or(&v->pause_flags, PAUSE_BLOCKED);
	atomic_fetch_or(&sd->pollers, 1u << v->id);
	if (must_not_sleep(v))
		goto stay;
	rc = evtchn_any_pending(v->domain, ports, nr);
	if (rc)
		goto stay;
	if (timeout)
		vcpu_set_poll_timer(v, timeout);
	else
		vcpu_stop_poll_timer(v);
	cpu_raise(this_cpu(), CPU_WORK_SCHEDULE);
	return 0;
stay:
	end_poll(v);
	atomic_fetch_and(&v->pause_flags, ~PAUSE_BLOCKED);
	return MIN(rc, 0);
}

void sched_poll_wake(struct domain *d, u32 port)
{
	u32 pollers = atomic_load(&d->sched->pollers);

	for (; unlikely(pollers); pollers &= pollers - 1) {
		struct vcpu *v = d->vcpu[lowest_bit(pollers)];
		u32 polls = atomic_load(&v->sched->poll_port);

		if ((!polls || polls == port) && end_poll(v))
			unblock(v);
	}
}

void sched_poll_timeout(struct vcpu *v)
{
	if (end_poll(v))
		unblock(v);
}
