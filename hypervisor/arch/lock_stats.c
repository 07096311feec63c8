/* SPDX-License-Identifier: GPL-2.0-only */
/* What the locks' counters say, all CPUs together. */
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"

static const char *const rank_names[NR_LOCK_RANKS] = {
	[RANK_DOMCTL] = "control operation", [RANK_DOMAIN_TABLE] = "list of domains",
	[RANK_DOMAIN] = "domain", [RANK_GRANT] = "grant table", [RANK_MAPTRACK] = "maptrack",
	[RANK_EVTCHN] = "event channels", [RANK_PIRQ] = "device interrupts",
	[RANK_MSIX] = "MSI-X tables", [RANK_FRAME] = "page tables", [RANK_VCPU] = "vCPU areas",
	[RANK_PAGES] = "frames of a domain", [RANK_MAP] = "own maps", [RANK_KALLOC] = "objects",
	[RANK_ALLOC] = "frame allocator", [RANK_SCHED] = "run queue", [RANK_TIMER] = "timers",
	[RANK_TIME] = "clocks", [RANK_IRQ] = "interrupt controllers",
	[RANK_DOMAIN_BUCKET] = "domain look-up", [RANK_CONSOLE] = "console",
	[RANK_ENTRY] = "single channels and grants",
};

static void dump_rank(enum lock_rank rank)
{
	u64 waits = 0, longest = 0;

	for (u32 i = 0; i < nr_cpus; i++) {
		waits += cpu_table[i]->lock_waits[rank];
		longest = MAX(longest, cpu_table[i]->lock_longest[rank]);
	}
	if (waits || longest)
		hv_print("  %s: waited for %lu times, longest held %lu cycles\n", rank_names[rank],
			 waits, longest);
}

void locks_dump(void)
{
	hv_print("locks of %u CPUs; hold times are those of a debug build\n", nr_cpus);
	for (enum lock_rank rank = RANK_DOMCTL; rank < NR_LOCK_RANKS; rank++)
		dump_rank(rank);
}
