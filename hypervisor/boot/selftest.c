/* SPDX-License-Identifier: GPL-2.0-only */
/* Self-tests at boot: what host tests cannot see, since it needs the machine. */
#include "hypervisor/boot/selftest.h"

#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/arch/symbols.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/tlb.h"
#include "hypervisor/services/time.h"

static void test_allocator(void)
{
	u64 before = free_frame_count();
	void *pages[MAX_ORDER + 1] = { 0 };

	for (unsigned order = 0; order <= 8; order++) {
		pages[order] = alloc_pages(order);
		BUG_ON(!pages[order] || (u64)pages[order] & ((PAGE_SIZE << order) - 1));
	}
	BUG_ON(free_frame_count() != before - 511);
	for (unsigned order = 0; order <= 8; order++)
		free_pages(pages[order], order);
	BUG_ON(free_frame_count() != before);
}

static void test_maps(void)
{
	mfn_t mfn = alloc_frames(0);
	u64 *direct = mfn_to_virt(mfn), *again = map_device(mfn << PAGE_SHIFT, PAGE_SIZE, 0);

	BUG_ON(!again || hv_virt_to_phys(again) != mfn << PAGE_SHIFT);
	*direct = 0x1234;
	BUG_ON(*again != 0x1234);
	unmap_range((u64)again, PAGE_SIZE);
	BUG_ON(hv_virt_to_phys(again) != ~0ull);
	m2p_set(mfn, 77);
	BUG_ON(m2p_get(mfn) != 77 || ((u64 *)M2P_GUEST)[mfn] != 77);
	m2p_set(mfn, INVALID_M2P);
	BUG_ON(((u32 *)COMPAT_M2P_BASE)[mfn] != (u32)INVALID_M2P);
	free_frames(mfn, 0);
}

/* Faults are taken and repaired; page protection holds for ring 0. */
static void test_faults(void)
{
	u64 value;

	/* The idle address space holds nothing of a guest's. */
	BUG_ON(copy_from_guest(&value, 0x1000, sizeof(value)) != -EFAULT);
	BUG_ON(copy_to_guest(0x1000, &value, sizeof(value)) != -EFAULT);
	BUG_ON(rdmsr_safe(MSR_EFER, &value) || !(value & EFER_LMA));
	BUG_ON(!(read_cr0() & CR0_WP));
}

static void test_symbols(void)
{
	u64 offset;
	const char *name = symbol_find((u64)&selftest_run + 1, &offset);

	BUG_ON(!name || strcmp(name, "selftest_run") || offset != 1);
}

static void test_time(void)
{
	ns_t start = now(), last = start;

	/* Never backwards, and not standing still. */
	while (last - start < 1000000) {
		ns_t t = now();

		BUG_ON(t < last);
		last = t;
	}
}

static void test_timer(void)
{
	atomic_fetch_and(&this_cpu()->work, ~(u32)CPU_WORK_TIMER);
	apic_timer_set(rdtsc() + ns_to_tsc(1000000) - ns_to_tsc(0));
	while (!(atomic_load(&this_cpu()->work) & CPU_WORK_TIMER))
		irq_window();
	apic_timer_set(~0ull);
	atomic_fetch_and(&this_cpu()->work, ~(u32)CPU_WORK_TIMER);
}

/* Each other CPU answers a flush, and counts the kick. */
static void test_other_cpus(void)
{
	for (u32 i = 0; i < nr_cpus; i++) {
		if (i == this_cpu()->id)
			continue;
		tlb_flush(BIT(i));
		BUG_ON(atomic_load(&cpu_table[i]->flush_request));
	}
}

void selftest_run(void)
{
	test_allocator();
	test_maps();
	test_faults();
	test_symbols();
	test_time();
	test_timer();
	test_other_cpus();
	log_info("Self-tests passed");
}
