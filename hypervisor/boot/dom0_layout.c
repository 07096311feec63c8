/* SPDX-License-Identifier: GPL-2.0-only */
/* Where everything of the first domain stands. */
#include "hypervisor/boot/dom0_layout.h"

#include "hypervisor/arch/layout.h"
#include "hypervisor/lib/errno.h"
#include "pvabi/xen.h"

#define PADDING		KiB(512)
#define ALIGNMENT	MiB(4)

/* What start_info shares its frame with: the screen's description for the first domain. */
#define START_INFO_SIZE	(sizeof(struct start_info) + sizeof(struct dom0_vga_console_info))

_Static_assert(START_INFO_SIZE <= 4096, "one frame for both");

static u64 page_up(u64 addr)
{
	return (addr + PAGE_SIZE - 1) & PAGE_MASK;
}

/* Entries of a level that [start, end) touches; each covers 2^shift bytes. */
static u64 spanned(u64 start, u64 end, unsigned shift)
{
	return ((end - 1) >> shift) - (start >> shift) + 1;
}

u64 tables_for(u64 start, u64 end, bool is_64, bool with_root)
{
	u64 l1 = spanned(start, end, 21), l2 = spanned(start, end, 30);

	if (is_64)
		return l1 + l2 + spanned(start, end, 39) + with_root;
	/* All four L2 tables always: the kernel expects to find them. */
	return l1 + 4 + with_root;
}

/*
 * The mapped part behind @from: start_info, tables, stack, padding. Tables map themselves too. When
 * it would pass the end of the address space, `end` lies below virt_base.
 */
static void lay_out_end(struct dom0_layout *l, u64 from)
{
	l->start_info = page_up(from);
	l->tables = l->start_info + PAGE_SIZE;
	for (l->nr_tables = 2;; l->nr_tables++) {
		l->stack_end = l->tables + (l->nr_tables + 1) * PAGE_SIZE;
		l->end = ROUND_UP(l->stack_end, ALIGNMENT);
		if (l->end - l->stack_end < PADDING)
			l->end += ALIGNMENT;
		if (l->end <= l->virt_base ||
		    tables_for(l->virt_base, l->end, l->is_64, true) <= l->nr_tables)
			return;
	}
}

/* The frames outside the mapped part; returns how many pages all of it needs. */
static u64 lay_out_frames(struct dom0_layout *l, const struct pv_kernel *k, u64 p2m_size)
{
	u64 next = (l->end - l->virt_base) >> PAGE_SHIFT;

	if (k->mod_start_pfn && l->initrd_size) {
		l->initrd_pfn = next;
		next += PFN_UP(l->initrd_size);
	}
	if (k->p2m_base != NO_ADDR) {
		l->p2m_pfn = next;
		l->p2m_frames = PFN_UP(p2m_size) +
			tables_for(l->p2m, l->p2m + page_up(p2m_size), l->is_64, false);
		next += l->p2m_frames;
	}
	return next;
}

static int check_room(const struct dom0_layout *l, const struct pv_kernel *k, u64 needed,
		      const char **why)
{
	*why = "expects the hypervisor to begin above the M2P table (HV_START_LOW)";
	if (!l->is_64 && k->hv_start_low != NO_ADDR && k->hv_start_low > COMPAT_M2P_GUEST)
		return -EINVAL;
	*why = "is too large for its address space";
	if (!l->is_64 && l->end > COMPAT_M2P_GUEST)
		return -EINVAL;
	if (l->end <= l->virt_base)
		return -EINVAL;
	*why = "does not fit into the memory of the first domain; give more by dom0_mem=";
	if (needed > l->nr_pages)
		return -ENOMEM;
	*why = "wants its p2m table within a page, within itself, or in 32-bit space";
	if (k->p2m_base != NO_ADDR &&
	    (!l->is_64 || l->p2m & ~PAGE_MASK ||
	     (l->p2m < l->end && l->virt_base < l->p2m + l->p2m_frames * PAGE_SIZE)))
		return -EINVAL;
	*why = NULL;
	return 0;
}

int dom0_lay_out(struct dom0_layout *l, const struct pv_kernel *k, u64 initrd_size, u64 nr_pages,
		 const char **why)
{
	u64 p2m_size = nr_pages * (k->file.is_64 ? 8 : 4), at = page_up(k->end);

	*l = (struct dom0_layout){
		.virt_base = k->virt_base,
		.initrd_size = initrd_size,
		.nr_pages = nr_pages,
		.is_64 = k->file.is_64,
	};
	*why = "has a VIRT_BASE within a page";
	if (k->virt_base & ~PAGE_MASK)
		return -EINVAL;
	if (!k->mod_start_pfn && initrd_size) {
		l->initrd = at;
		at = page_up(at + initrd_size);
	}
	l->p2m = k->p2m_base != NO_ADDR ? k->p2m_base : at;
	if (k->p2m_base == NO_ADDR)
		at += p2m_size;
	lay_out_end(l, at);
	return check_room(l, k, lay_out_frames(l, k, p2m_size), why);
}

/* --- how much memory ------------------------------------------------------------------------- */

#define DEFAULT_MAX	(MiB(256) >> PAGE_SHIFT)
/* What is left to the hypervisor at least, for itself and for what guests make it keep. */
#define RESERVE_PART	16
#define RESERVE_MAX	(MiB(128) >> PAGE_SHIFT)

/* A size as asked for: negative ones mean all but that much. */
static u64 asked_pages(s64 bytes, u64 free_pages)
{
	u64 pages = (u64)(bytes < 0 ? -bytes : bytes) >> PAGE_SHIFT;

	if (bytes >= 0)
		return pages;
	return pages < free_pages ? free_pages - pages : 0;
}

u64 dom0_pages(const struct dom0_mem *asked, u64 free_pages)
{
	u64 most = free_pages - MIN(free_pages / RESERVE_PART, RESERVE_MAX);
	u64 pages = asked->size ? asked_pages(asked->size, free_pages) :
				  MIN(free_pages / 4, DEFAULT_MAX);

	if (asked->min)
		pages = MAX(pages, asked_pages(asked->min, free_pages));
	if (asked->max)
		pages = MIN(pages, asked_pages(asked->max, free_pages));
	return MIN(pages, most);
}
