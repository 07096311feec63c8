/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parking CPUs: one that is parked stays alive, idle in the hypervisor's own address space, and runs
 * no vCPU until it is taken back. It still takes interrupts, so nobody else's work gets stuck there.
 *
 * sched_cpu.is_parked and the bit in usable_cpus change together under the queue's lock; who puts a
 * vCPU into a queue looks at the flag under that lock. So after the flag is up nothing comes in, and
 * what is there is sent away: the running vCPU by schedule(), the others from here.
 */
#include "hypervisor/arch/log.h"
#include "hypervisor/lib/bitmap.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/services/sched_cpu.h"

_Atomic u64 usable_cpus;

cpumask_t sched_usable_cpus(void)
{
	return atomic_load_explicit(&usable_cpus, memory_order_relaxed);
}

void sched_cpu_online(u32 cpu)
{
	atomic_fetch_or(&usable_cpus, BIT(cpu));
}

static void set_parked(struct sched_cpu *sc, bool parked)
{
	lock(&sc->lock);
	sc->is_parked = parked;
	if (parked) {
		atomic_fetch_and(&usable_cpus, ~sc->q.cpu_mask);
		atomic_fetch_and(&idle_cpus, ~sc->q.cpu_mask);
	} else {
		atomic_fetch_or(&usable_cpus, sc->q.cpu_mask);
	}
	unlock(&sc->lock);
}

/* One pinned to nothing but parked CPUs would never run again: it may run anywhere, as with Xen. */
static void break_affinity(struct vcpu *v)
{
	struct sched_vcpu *s = v->sched;

	if (s->e.hard & sched_usable_cpus())
		return;
	log_warn("d%uv%u: hard affinity %lx names no CPU any more and is lifted", v->domain->id,
		 v->id, s->e.hard);
	s->e.hard = s->is_pinned_for_now && s->hard_saved & sched_usable_cpus() ? s->hard_saved
									       : ~0ull;
	s->is_pinned_for_now = false;
}

static void send_away(struct vcpu *v, struct sched_cpu *parked)
{
	struct sched_cpu *sc = sched_lock_of(v);
	struct entity *e = &v->sched->e;
	bool must_go = sc == parked;

	break_affinity(v);
	if (must_go && (e->state == ENTITY_WAITING || e->state == ENTITY_PARKED))
		runq_remove(&sc->q, e);
	must_go &= e->state == ENTITY_SLEEPING;
	unlock(&sc->lock);
	if (must_go)
		sched_place(v);
}

static void send_all_away(struct sched_cpu *parked)
{
	struct domain *d;
	struct vcpu *v;

	for_each_domain(d)
		for_each_vcpu(d, v)
			send_away(v, parked);
}

/* Nobody runs here, is on the way out, or belongs here; else that is so soon. */
static bool make_empty(struct sched_cpu *sc)
{
	bool empty;

	lock(&sc->lock);
	empty = !sc->q.running && !atomic_load(&sc->nr_vcpus);
	if (!empty)
		sched_prod(sc);
	unlock(&sc->lock);
	return empty;
}

/* The boot CPU has the clocks and the console to look after. */
static struct sched_cpu *parkable(u32 cpu)
{
	return cpu && cpu < nr_cpus ? sched_of(cpu) : NULL;
}

int sched_park_cpu(u32 cpu)
{
	struct sched_cpu *sc = parkable(cpu);

	if (!sc)
		return -EINVAL;
	set_parked(sc, true);
	send_all_away(sc);
	return make_empty(sc) ? 0 : -ERESTART;
}

int sched_unpark_cpu(u32 cpu)
{
	if (cpu >= nr_cpus)
		return -EINVAL;
	if (sched_usable_cpus() & BIT(cpu))
		return -EEXIST;
	set_parked(sched_of(cpu), false);
	sched_prod(sched_of(cpu));		/* it idles, says so, and looks for work */
	return 0;
}
