/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLB flushes on this and other CPUs.
 *
 * A CPU may hold translations of a domain only while its bit stands in the domain's `cpus` mask,
 * since leaving a domain loads another CR3 and no guest mapping is global. An idle CPU has the
 * hypervisor's own root loaded, stands in no mask, and is never waited for.
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
