/* SPDX-License-Identifier: GPL-2.0-only */
/* Runstates: how long each vCPU ran, waited, slept or was down; told to guests that ask for it. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/sched_cpu.h"
#include "hypervisor/services/time.h"
#include "pvabi/compat/vcpu.h"

_Static_assert(sizeof(struct compat_vcpu_runstate_info) == 44, "32-bit alignment of u64");

/* Each moment counts for one state, so the four times add up to the age of the vCPU. */
void runstate_change(struct vcpu *v, int state, ns_t t)
{
	struct vcpu_runstate_info *r = &v->runstate;

	if (t > r->state_entry_time) {
		r->time[r->state] += t - r->state_entry_time;
		r->state_entry_time = t;
	}
	r->state = state;
}

/* What a vCPU is in that leaves its CPU or does not get one. */
int runstate_off_cpu(const struct vcpu *v)
{
	struct vcpu *w = (struct vcpu *)v;

	if (atomic_load(&w->pause_flags) & PAUSE_BLOCKED)
		return RUNSTATE_blocked;
	return vcpu_runnable(v) ? RUNSTATE_runnable : RUNSTATE_offline;
}

void sched_get_runstate(const struct vcpu *v, struct vcpu_runstate_info *out)
{
	struct sched_cpu *sc = sched_lock_of(v);
	ns_t t = now();

	*out = v->runstate;
	unlock(&sc->lock);
	if (t > out->state_entry_time)
		out->time[out->state] += t - out->state_entry_time;
}

ns_t sched_cpu_time(const struct vcpu *v)
{
	struct vcpu_runstate_info r;

	sched_get_runstate(v, &r);
	return r.time[RUNSTATE_running];
}

ns_t sched_idle_time(u32 cpu)
{
	return sched_cpu_time(sched_of(cpu)->idle);
}

/* --- the guest's copy ------------------------------------------------------------------------- */

#define FLAG_BYTE	7	/* of state_entry_time: holds XEN_RUNSTATE_UPDATE */

int runstate_copy_to_guest(gva_t to, const struct vcpu_runstate_info *r, bool is_pv32)
{
	struct compat_vcpu_runstate_info c;

	if (!is_pv32)
		return copy_to_guest(to, r, sizeof(*r));
	c.state = r->state;
	c.state_entry_time = r->state_entry_time;
	for (unsigned i = 0; i < ARRAY_SIZE(c.time); i++)
		c.time[i] = r->time[i];
	return copy_to_guest(to, &c, sizeof(c));
}

/* The flag is seen before the first change, and goes after the last. */
static int put_flagged(gva_t area, struct vcpu_runstate_info *r, bool is_pv32)
{
	gva_t flag = area + FLAG_BYTE + (is_pv32 ? offsetof(struct compat_vcpu_runstate_info,
							    state_entry_time)
						 : offsetof(struct vcpu_runstate_info,
							    state_entry_time));
	u8 byte;

	r->state_entry_time |= XEN_RUNSTATE_UPDATE;
	byte = r->state_entry_time >> 56;
	if (copy_to_guest(flag, &byte, 1) || runstate_copy_to_guest(area, r, is_pv32))
		return -EFAULT;
	byte = (r->state_entry_time & ~XEN_RUNSTATE_UPDATE) >> 56;
	return copy_to_guest(flag, &byte, 1);
}

/* By the tables of the current vCPU, which @v is when it is switched from or to. */
void sched_publish_runstate(struct vcpu *v)
{
	struct vcpu_runstate_info r = v->runstate;
	bool is_pv32 = v->domain->is_pv32;
	gva_t area = READ_ONCE(v->runstate_area);

	int rc;

	if (!area)
		return;
	if (v->domain->vm_assist & BIT(VMASST_TYPE_runstate_update_flag))
		rc = put_flagged(area, &r, is_pv32);
	else
		rc = runstate_copy_to_guest(area, &r, is_pv32);
	if (rc && v == current)
		retry_in_kernel(v, VCPU_WORK_RUNSTATE);
}
