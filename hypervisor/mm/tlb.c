/* SPDX-License-Identifier: GPL-2.0-only */
/* TLB flushes: a request word per CPU, an interrupt to make it look, and a clock to skip by. */
#include "hypervisor/mm/tlb.h"

#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"

/*
 * Ticks at each explicit flush. A CR3 load notes the clock without ticking it, so switching address
 * spaces touches nothing that CPUs share; the price is that tlb_stale() may name a CPU that has
 * flushed already, never the reverse. Comparisons are by signed difference: so that no CPU runs one
 * address space through 2^31 flushes by others and is misjudged, which a guest could arrange within
 * the hour, all take part in a flush now and then.
 */
static _Atomic u32 flush_clock = 1;

#define EPOCH	(1u << 30)

/*
 * What the caller took from a page table must be seen by all before the clock is read; else a CPU
 * could flush in between, walk the old entry again, and count as flushed.
 */
u32 tlb_clock(void)
{
	atomic_thread_fence(memory_order_seq_cst);
	return atomic_load(&flush_clock);
}

void tlb_load_cr3(u64 cr3)
{
	struct percpu *cpu = this_cpu();
	u32 clock = atomic_load(&flush_clock);

	cpu->cr3 = cr3;
	write_cr3(cr3);
	atomic_store_explicit(&cpu->tlb_stamp, clock, memory_order_release);
}

static void flush_here(void)
{
	struct percpu *cpu = this_cpu();

	if (unlikely(atomic_load_explicit(&cpu->flush_caches, memory_order_relaxed)) &&
	    atomic_exchange(&cpu->flush_caches, false))
		wbinvd();
	tlb_load_cr3(cpu->cr3);
	cpu->flushes++;
}

/*
 * The request is cleared after the flush, and this is what its sender waits for. A request that
 * comes in between is merged into this one: its page-table change preceded it, but perhaps not our
 * flush, so clear first by exchange and flush once more if it was set again.
 */
void tlb_serve(void)
{
	struct percpu *cpu = this_cpu();
	u32 asked = atomic_load_explicit(&cpu->flush_request, memory_order_acquire);

	while (asked) {
		flush_here();
		if (atomic_compare_exchange_strong(&cpu->flush_request, &asked, 0))
			return;
	}
}

static void ask(struct percpu *cpu)
{
	if (atomic_fetch_add(&cpu->flush_request, 1) == 0)
		send_ipi(cpu->id, VEC_FLUSH);
}

void tlb_flush(cpumask_t cpus)
{
	u32 here = this_cpu()->id;
	cpumask_t others;

	if (!cpus)
		return;
	if (unlikely(atomic_fetch_add(&flush_clock, 1) % EPOCH == EPOCH - 1))
		cpus |= tlb_cpus_in_domains();
	others = cpus & ~BIT(here);
	for (cpumask_t m = others; m; m &= m - 1)
		ask(cpu_table[__builtin_ctzl(m)]);
	if (cpus & BIT(here))
		flush_here();
	for (cpumask_t m = others; m; m &= m - 1)
		while (atomic_load(&cpu_table[__builtin_ctzl(m)]->flush_request))
			spin_wait();
}

/* Other CPUs flush everything: a request carries no address, and pages are flushed rarely there. */
void tlb_flush_page(cpumask_t cpus, u64 virt)
{
	u32 here = this_cpu()->id;

	if (cpus & BIT(here))
		invlpg(virt);
	tlb_flush(cpus & ~BIT(here));
}

void tlb_flush_with_caches(void)
{
	cpumask_t all = 0;

	for (u32 i = 0; i < nr_cpus; i++) {
		atomic_store(&cpu_table[i]->flush_caches, true);
		all |= BIT(i);
	}
	tlb_flush(all);
}

cpumask_t tlb_stale(cpumask_t cpus, u32 stamp)
{
	cpumask_t stale = 0;

	for (cpumask_t m = cpus; m; m &= m - 1) {
		u32 id = __builtin_ctzl(m);

		if ((s32)(atomic_load(&cpu_table[id]->tlb_stamp) - stamp) <= 0)
			stale |= BIT(id);
	}
	return stale;
}
