/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs: creation, destruction, pausing, and getting their attention. */
#include "hypervisor/domain/vcpu.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/fpu.h"
#include "hypervisor/domain/hooks.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/domain/vcpu_info.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/map.h"

static _Atomic u64 next_serial = 1;

static struct vcpu *alloc_vcpu(struct domain *d, unsigned id)
{
	struct vcpu *v = kalloc(sizeof(*v));

	if (!v)
		return NULL;
	BUG_ON((u64)v % 16);
	v->domain = d;
	v->id = id;
	v->serial = atomic_fetch_add(&next_serial, 1);
	spin_init(&v->areas_lock, "vCPU areas", RANK_VCPU);
	return v;
}

/* It is what its CPU runs from the start. */
struct vcpu *idle_vcpu_create(u32 cpu)
{
	struct vcpu *v = alloc_vcpu(&domain_idle, cpu);
	struct percpu *p = cpu_table[cpu];

	if (!v)
		return NULL;
	v->is_idle = true;
	atomic_init(&v->work, VCPU_WORK_IDLE);
	v->processor = cpu;
	v->cr3 = hv_root_mfn << PAGE_SHIFT;
	atomic_store(&v->running_on, cpu + 1);
	p->vcpu = p->idle = v;
	p->domain = &domain_idle;
	p->regs_end = (u64)(&v->regs + 1);
	return v;
}

/* pv32 runs on an L4 of ours, whose first entry follows the guest's root. */
int vcpu_prepare_width(struct vcpu *v, bool is_pv32)
{
	if (!is_pv32 || v->pv32_l4)
		return 0;
	v->pv32_l4 = alloc_page();
	if (!v->pv32_l4)
		return -ENOMEM;
	fill_hv_slots(v->pv32_l4);
	return 0;
}

static void free_parts(struct vcpu *v)
{
	if (v->pv32_l4)
		free_page(v->pv32_l4);
	fpu_free(v);
	kfree(v->iobitmap);
	kfree(v->traps);
	kfree(v);
}

static void destroy_hooks(struct vcpu *v, const struct domain_hooks *const *end)
{
	while (end-- > domain_hooks)
		if ((*end)->vcpu_destroy)
			(*end)->vcpu_destroy(v);
}

static int create_hooks(struct vcpu *v)
{
	for (const struct domain_hooks *const *h = domain_hooks; *h; h++) {
		int rc = (*h)->vcpu_create ? (*h)->vcpu_create(v) : 0;

		if (rc) {
			destroy_hooks(v, h);
			return rc;
		}
	}
	return 0;
}

/* What the ABI says of a vCPU that has just been made: down, events masked. */
static void reset_state(struct vcpu *v)
{
	atomic_store(&v->pause_flags, PAUSE_DOWN);
	v->in_kernel = !v->domain->is_pv32;
	v->debugreg[6] = 0xffff0ff0;
	v->debugreg[7] = 0x400;
	v->ctrlreg[0] = CR0_PG | CR0_PE | CR0_ET;
	vcpu_info_reset(v);
}

int vcpu_create(struct domain *d, unsigned id, struct vcpu **out)
{
	struct vcpu *v;
	int rc = -ENOMEM;

	if (id >= d->max_vcpus)
		return -EINVAL;
	if (d->vcpu[id])
		return -EEXIST;
	v = alloc_vcpu(d, id);
	if (!v)
		return -ENOMEM;
	v->traps = kalloc(256 * sizeof(*v->traps));
	if (!v->traps || fpu_alloc(v) || vcpu_prepare_width(v, d->is_pv32))
		goto fail;
	reset_state(v);
	rc = create_hooks(v);
	if (rc)
		goto fail;
	lock(&d->lock);
	d->vcpu[id] = v;
	unlock(&d->lock);
	if (out)
		*out = v;
	return 0;
fail:
	free_parts(v);
	return rc;
}

int vcpu_release_frames(struct vcpu *v)
{
	int rc = address_space_release(v);

	if (rc)
		return rc;
	segment_release_gdt(v);
	vcpu_info_reset(v);
	return 0;
}

void vcpu_destroy(struct vcpu *v)
{
	const struct domain_hooks *const *h = domain_hooks;

	while (*h)
		h++;
	destroy_hooks(v, h);
	free_parts(v);
}

/* --- pausing ---------------------------------------------------------------------------------- */

void vcpu_pause(struct vcpu *v)
{
	BUG_ON(v == current);
	atomic_fetch_add(&v->pause_count, 1);
	sched_sleep_sync(v);
}

void vcpu_unpause(struct vcpu *v)
{
	BUG_ON(!atomic_load(&v->pause_count));
	if (atomic_fetch_sub(&v->pause_count, 1) == 1)
		sched_wake(v);
}

/*
 * The work or event was made visible before; so whichever comes first, the vCPU's next way out or
 * our look at where it runs, one of the two sees the other.
 */
void vcpu_kick(struct vcpu *v)
{
	u32 cpu;

	if (atomic_load(&v->pause_flags) & PAUSE_BLOCKED) {
		atomic_fetch_and(&v->pause_flags, ~PAUSE_BLOCKED);
		sched_wake(v);
	}
	cpu = atomic_load(&v->running_on);
	if (cpu && cpu - 1 != this_cpu()->id)
		cpu_kick(cpu_table[cpu - 1]);
}
