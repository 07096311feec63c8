/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLB flushes on this and other CPUs.
 *
 * A CPU may hold translations of a domain only while its bit stands in the domain's `cpus` mask,
 * since leaving a domain loads another CR3 and no guest mapping is global. An idle CPU has the
 * hypervisor's own root loaded, stands in no mask, and is never waited for.
 *
 * Guests flush for themselves when they change an entry, of whatever level. (Xen flushes after each
 * update above level 1, for the sake of tables that it reads through mappings of its own; we read them
 * by the direct map, from the root: mm/walk.c.) Until then a CPU may go on using what it remembers, the
 * entry or the table below it. That must only never outlive the right to what it leads to:
 * - A frame gets another type: flushed before, where the last use of the old type is younger than the
 *   CPU's last flush (get_frame_type()). So nobody walks a former table that is written as memory, nor
 *   writes to former memory that is a table; also not who mapped it from another domain.
 * - A frame gets another owner, or becomes ours: the same (flush_former_users()).
 * - A grant is unmapped: flushed before it is given back (grant_unmap_finish()).
 * - A frame of descriptors leaves a CPU's window, which no guest can name: its use is held until the
 *   entry is gone, and CR3 is loaded before the guest runs on.
 * What remains reaches the guest's own memory of the same kind; so do our own accesses by its addresses.
 *
 * The TLB clock ticks at each full flush of a CPU. When a frame's last use of a type goes away, the
 * clock is noted in its tlb_stamp; a CPU that flushed since holds nothing stale of it.
 */
#ifndef HV_MM_TLB_H
#define HV_MM_TLB_H

#include <stdatomic.h>

#include "hypervisor/arch/percpu.h"
#include "hypervisor/lib/types.h"

typedef u64 cpumask_t;		/* bit i: CPU i (MAX_CPUS is 64) */
typedef _Atomic u64 shared_cpumask_t;

/* Every translation, on every CPU of @cpus; returns when all are done. Never from an interrupt. */
void tlb_flush(cpumask_t cpus);
/* One address. */
void tlb_flush_page(cpumask_t cpus, u64 virt);
/* Everything of all CPUs, and what their caches hold is written to memory. */
void tlb_flush_with_caches(void);
/* Loads @cr3 here: a full flush of the guest's part. */
void tlb_load_cr3(u64 cr3);
/* Serves a request left for this CPU; from the interrupt and from spin_wait(). */
void tlb_serve(void);

/* CPUs that may hold translations of anybody: those that do not idle on the hypervisor's root. */
static inline cpumask_t tlb_cpus_in_domains(void)
{
	cpumask_t cpus = 0;

	for (u32 i = 0; i < nr_cpus; i++)
		if (cpu_table[i] && atomic_load(&cpu_table[i]->in_domain))
			cpus |= BIT(i);
	return cpus;
}

/* The clock now, to be kept with a frame; and whether any of @cpus has not flushed since. */
u32 tlb_clock(void);
cpumask_t tlb_stale(cpumask_t cpus, u32 stamp);

#endif
