/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GDT, LDT and segment registers.
 *
 * Each CPU has one window where the GDT and LDT of whatever runs on it are mapped (arch/layout.h);
 * GDTR never changes. GDT pages are mapped at the switch. LDT pages are mapped when the CPU first
 * touches them: then the guest's own mapping of its LDT names the frame, which must hold
 * descriptors only.
 */
#include "hypervisor/domain/segment.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/faulting.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/bounce.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/tlb.h"
#include "hypervisor/mm/walk.h"

#define DESCRIPTORS_PER_PAGE	512
#define LDT_ENTRIES_MAX		8192

/* --- GDT -------------------------------------------------------------------------------------- */

static unsigned gdt_pages(unsigned entries)
{
	return DIV_UP(entries, DESCRIPTORS_PER_PAGE);
}

static void map_gdt(struct percpu *cpu, const struct vcpu *v)
{
	u64 *ptes = cpu_window_ptes(cpu->id);
	unsigned nr = gdt_pages(v->gdt_entries), i;

	for (i = 0; i < nr; i++)
		ptes[i] = window_pte(v->gdt_frames[i]);
	for (; i < cpu->gdt_pages; i++)
		ptes[i] = 0;
	cpu->gdt_pages = (u8)nr;
	ptes[GDT_HV_PAGE] = window_pte(virt_to_mfn(cpu->gdt_hv_page[v->domain->is_pv32]));
}

static void put_gdt_frames(const u64 *mfns, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		put_frame_and_type(mfn_to_frame(mfns[i]));
}

static int get_gdt_frames(struct domain *d, const u64 *mfns, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		if (!mfn_valid(mfns[i]) ||
		    get_frame_and_type(mfn_to_frame(mfns[i]), d, FT_SEG)) {
			put_gdt_frames(mfns, i);
			return -EINVAL;
		}
	return 0;
}

int segment_set_gdt(struct vcpu *v, const u64 *mfns, unsigned entries)
{
	unsigned nr = gdt_pages(entries);
	int rc;

	if (nr > GUEST_GDT_PAGES)
		return -EINVAL;
	rc = get_gdt_frames(v->domain, mfns, nr);
	if (rc)
		return rc;
	segment_release_gdt(v);
	memcpy(v->gdt_frames, mfns, nr * sizeof(*mfns));
	v->gdt_entries = entries;
	if (v == current) {
		map_gdt(this_cpu(), v);
		tlb_load_cr3(this_cpu()->cr3);
	}
	return 0;
}

void segment_release_gdt(struct vcpu *v)
{
	put_gdt_frames(v->gdt_frames, gdt_pages(v->gdt_entries));
	v->gdt_entries = 0;
}

/* --- LDT -------------------------------------------------------------------------------------- */

void segment_drop_ldt_pages(void)
{
	struct percpu *cpu = this_cpu();
	u64 *ptes = cpu_window_ptes(cpu->id) + GDT_WINDOW_PAGES;

	for (unsigned i = 0; cpu->ldt_pages; i++, cpu->ldt_pages >>= 1) {
		if (!(cpu->ldt_pages & 1))
			continue;
		put_frame_and_type(mfn_to_frame(PFN_DOWN(ptes[i] & PTE_ADDR)));
		ptes[i] = 0;
	}
}

int segment_set_ldt(struct vcpu *v, gva_t base, unsigned entries)
{
	if (entries > LDT_ENTRIES_MAX || base & ~PAGE_MASK ||
	    (entries && !guest_range_ok(base, entries * 8)))
		return -EINVAL;
	if (v == current && this_cpu()->ldt_pages) {
		segment_drop_ldt_pages();
		tlb_load_cr3(this_cpu()->cr3);
	}
	v->ldt_base = base;
	v->ldt_entries = entries;
	if (v == current)
		load_ldt(this_cpu(), v->domain->is_pv32, entries);
	return 0;
}

/*
 * The mapping by which a page got into the window is no longer there. Other CPUs of the domain drop
 * theirs at their next switch or fault at the latest; the frame keeps its use until then, so it
 * still holds nothing but descriptors.
 */
void ldt_mapping_gone(const struct domain *d)
{
	if (current->domain != d || !this_cpu()->ldt_pages)
		return;
	segment_drop_ldt_pages();
	tlb_load_cr3(this_cpu()->cr3);
}

static bool map_ldt_page(struct vcpu *v, unsigned page)
{
	struct percpu *cpu = this_cpu();
	u64 pte = guest_leaf_entry(v->ldt_base + page * PAGE_SIZE);
	mfn_t mfn = PFN_DOWN(pte & PTE_ADDR);

	if (!(pte & PTE_PRESENT) || !mfn_valid(mfn) ||
	    get_frame_and_type(mfn_to_frame(mfn), v->domain, FT_SEG))
		return false;
	cpu_window_ptes(cpu->id)[GDT_WINDOW_PAGES + page] = window_pte(mfn);
	cpu->ldt_pages |= (u16)BIT(page);
	return true;
}

bool ldt_fault(u64 addr)
{
	struct percpu *cpu = this_cpu();
	u64 window = CPU_WINDOW_BASE + (u64)cpu->id * CPU_WINDOW_SIZE + GDT_WINDOW_PAGES * PAGE_SIZE;
	u64 offset = addr - window;
	struct vcpu *v = cpu->vcpu;

	if (offset >= LDT_WINDOW_PAGES * PAGE_SIZE || offset >= v->ldt_entries * 8ul ||
	    cpu->ldt_pages & BIT(offset >> PAGE_SHIFT))
		return false;
	return map_ldt_page(v, (unsigned)(offset >> PAGE_SHIFT));
}

/* --- switching -------------------------------------------------------------------------------- */

#define READ_SELECTOR(seg)							\
	({									\
		u16 sel_;							\
		asm volatile("mov %%" #seg ", %0" : "=r"(sel_));		\
		sel_;								\
	})

void segment_save_selectors(struct vcpu *v)
{
	v->ds = READ_SELECTOR(ds);
	v->es = READ_SELECTOR(es);
	v->fs = READ_SELECTOR(fs);
	v->gs = READ_SELECTOR(gs);
}

void segment_switch_out(struct vcpu *v)
{
	u64 gs_base;

	segment_save_selectors(v);
	if (!v->domain->is_pv32) {
		v->fs_base = rdmsr(MSR_FS_BASE);
		gs_base = rdmsr(MSR_KERNEL_GS_BASE);
		if (v->in_kernel)
			v->gs_base_kernel = gs_base;
		else
			v->gs_base_user = gs_base;
	}
	segment_drop_ldt_pages();
}

/* AMD's CPUs leave the base as it was when null is loaded: ours, which is nothing for a guest to see. */
static int load_guest_gs(u16 sel, u64 *base)
{
	int failed = load_gs(sel, base);

	if (failed || !(sel & ~3))
		*base = 0;
	return failed;
}

void segment_load_tables(struct vcpu *v)
{
	map_gdt(this_cpu(), v);
}

/*
 * A selector that the CPU refuses (its descriptor changed while the vCPU was away) leaves null, and
 * the guest hears of it by its failsafe callback. Its frame has the selectors that were to be loaded: by
 * their difference from those that are Linux tells this from an IRET that failed.
 */
void segment_switch_in(struct vcpu *v)
{
	u64 gs_base;
	int failed;

	if (v->ldt_entries || this_cpu()->ldt_loaded)
		load_ldt(this_cpu(), v->domain->is_pv32, v->ldt_entries);
	failed = load_ds(v->ds) | load_es(v->es) | load_fs(v->fs);
	failed |= load_guest_gs(v->gs, &gs_base);
	if (!v->domain->is_pv32) {
		wrmsr(MSR_FS_BASE, v->fs_base);
		gs_base = v->in_kernel ? v->gs_base_kernel : v->gs_base_user;
	}
	wrmsr(MSR_KERNEL_GS_BASE, gs_base);
	if (unlikely(failed))
		bounce_failsafe(v);
}

/* --- bases ------------------------------------------------------------------------------------ */

int segment_set_base(struct vcpu *v, unsigned which, u64 base)
{
	if (v->domain->is_pv32)
		return -ENOSYS;
	if (which != SEGBASE_GS_USER_SEL && !is_canonical(base))
		return -EINVAL;
	switch (which) {
	case SEGBASE_FS:
		wrmsr(MSR_FS_BASE, base);
		return 0;
	case SEGBASE_GS_USER:
		v->gs_base_user = base;
		return 0;
	case SEGBASE_GS_KERNEL:
		wrmsr(MSR_KERNEL_GS_BASE, base);
		return 0;
	case SEGBASE_GS_USER_SEL:
		/* The selector's base becomes the user's; the kernel's own stays what it is. */
		load_guest_gs((u16)base, &v->gs_base_user);
		return 0;
	default:
		return -EINVAL;
	}
}
