/* SPDX-License-Identifier: GPL-2.0-only */
/* Places the parts of a new domain and counts the page tables that map them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/builder/layout.h"

#define PAGES(bytes) (((bytes) + 4095) >> 12)
#define PADDING	     (512u << 10) /* promised behind the last part */
#define ALIGNMENT    (4ull << 20) /* of the mapping's end */

/* 32-bit guests end below the window in which they see the machine-to-physical table. */
#define PV32_END 0xf5800000ull
/* Sixteen root slots belong to the hypervisor. */
#define PV64_HOLE_START 0xffff800000000000ull
#define PV64_HOLE_LAST	0xffff87ffffffffffull
/* L3 slot 3 of a 32-bit guest must be filled: the hypervisor's own mappings hang there. */
#define PV32_TOP_SLOT 0xc0000000ull

#define MAX_TABLES 4096

static struct area place(uint64_t *next, uint64_t pages)
{
	struct area area = { *next, pages };

	*next += pages;
	return area;
}

static uint64_t span(unsigned int level)
{
	return 1ull << (12 + 9 * level);
}

static uint64_t table_va(const struct layout *l, unsigned int level, uint64_t va)
{
	return level == l->root_level ? 0 : va & ~(span(level) - 1);
}

static bool have_table(const struct layout *l, unsigned int level, uint64_t va)
{
	unsigned int i;

	/* Tables are added in rising order of addresses: the last ones are the likely ones. */
	for (i = l->nr_tables; i--; )
		if (l->table[i].level == level && l->table[i].va == va)
			return true;
	return false;
}

static int add_table(struct layout *l, unsigned int level, uint64_t va)
{
	va = table_va(l, level, va);
	if (have_table(l, level, va))
		return 0;
	if (l->nr_tables == MAX_TABLES)
		return -E2BIG;
	l->table[l->nr_tables++] = (struct table){ .va = va, .level = level };
	return 0;
}

/* The tables of all levels for the addresses from @first to @last, the root first. */
static int add_tables(struct layout *l, uint64_t first, uint64_t last)
{
	unsigned int level;
	uint64_t va;
	int rc = 0;

	for (level = l->root_level; level && !rc; level--) {
		for (va = table_va(l, level, first); !rc; va += span(level)) {
			rc = add_table(l, level, va);
			if (level == l->root_level || last - va < span(level))
				break;
		}
		if (!rc && level == 2 && !l->is64)
			rc = add_table(l, 2, PV32_TOP_SLOT);
	}
	return rc;
}

static int check_range(const struct layout *l, uint64_t last, struct fault *fault)
{
	if (!l->is64 && last >= PV32_END)
		return fault_set(fault, -E2BIG,
				 "kernel and ramdisk do not fit a 32-bit guest's address space");
	if (l->is64 && (last < l->virt_base ||
			(l->virt_base <= PV64_HOLE_LAST && last >= PV64_HOLE_START)))
		return fault_set(fault, -E2BIG,
				 "kernel and ramdisk do not fit below the hypervisor's addresses");
	return 0;
}

/*
 * The tables map themselves, so their number depends on itself; it only grows from step to step and
 * settles at once unless one more table crosses a boundary.
 */
static int place_tables(struct layout *l, uint64_t *next, struct fault *fault)
{
	uint64_t pages = 0, end;
	int rc;

	for (;;) {
		end = layout_virt(l, *next + pages + 1) + PADDING;
		end = (end + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
		l->virt_last = end - 1;
		rc = check_range(l, l->virt_last, fault);
		if (rc)
			return rc;
		l->nr_tables = 0;
		if (add_tables(l, l->virt_base, l->virt_last))
			return fault_set(fault, -E2BIG,
					 "kernel and ramdisk need too many page tables");
		if (l->nr_tables == pages)
			break;
		pages = l->nr_tables;
	}
	l->tables = place(next, pages);
	return 0;
}

/* The p2m list in a region of its own, followed by the tables that only it needs. */
static int place_p2m_apart(struct layout *l, uint64_t *next, uint64_t pages, struct fault *fault)
{
	unsigned int before = l->nr_tables;
	uint64_t last = l->p2m_virt + (pages << 12) - 1;

	if (last < l->p2m_virt || (l->p2m_virt <= l->virt_last && last >= l->virt_base) ||
	    (l->p2m_virt <= PV64_HOLE_LAST && last >= PV64_HOLE_START))
		return fault_set(fault, -ENOEXEC, "its INIT_P2M region overlaps other mappings");
	l->p2m = place(next, pages);
	if (add_tables(l, l->p2m_virt, last))
		return fault_set(fault, -E2BIG, "the p2m list needs too many page tables");
	l->p2m_tables = place(next, l->nr_tables - before);
	return 0;
}

static void number_tables(struct layout *l)
{
	unsigned int i;

	for (i = 0; i < l->nr_tables; i++)
		l->table[i].pfn = i < l->tables.pages ? l->tables.pfn + i :
						       l->p2m_tables.pfn + i - l->tables.pages;
}

static int place_all(struct layout *l, const struct elf_image *image, uint64_t ramdisk_size,
		     struct fault *fault)
{
	uint64_t p2m_pages = PAGES(l->nr_pages * (l->is64 ? 8 : 4));
	uint64_t start = (image->start - l->virt_base) >> 12;
	uint64_t next = PAGES(image->end - l->virt_base);
	int rc;

	l->kernel = (struct area){ start, next - start };
	/* Larger than the domain: refused before its size enters any sum. */
	if (next > l->nr_pages || PAGES(ramdisk_size) > l->nr_pages)
		return fault_set(fault, -ENOMEM,
				 "kernel and ramdisk (%llu KiB) need more than memory=%llu MiB",
				 (unsigned long long)(l->kernel.pages + PAGES(ramdisk_size)) * 4,
				 (unsigned long long)l->nr_pages >> 8);
	if (!l->ramdisk_apart)
		l->ramdisk = place(&next, PAGES(ramdisk_size));
	if (!l->p2m_apart)
		l->p2m = place(&next, p2m_pages);
	l->start_info = place(&next, 1);
	l->store = place(&next, 1);
	l->console = place(&next, 1);
	rc = place_tables(l, &next, fault);
	if (rc)
		return rc;
	l->stack = place(&next, 1);
	if (l->p2m_apart) {
		rc = place_p2m_apart(l, &next, p2m_pages, fault);
		if (rc)
			return rc;
	}
	if (l->ramdisk_apart)
		l->ramdisk = place(&next, PAGES(ramdisk_size));
	l->end_pfn = next;
	if (next > l->nr_pages)
		return fault_set(fault, -ENOMEM,
				 "kernel, ramdisk, tables (%llu KiB) need more than memory=%llu MiB",
				 (unsigned long long)next * 4,
				 (unsigned long long)l->nr_pages >> 8);
	number_tables(l);
	return 0;
}

int layout_make(struct layout *l, const struct elf_image *image, uint64_t ramdisk_size,
		uint64_t nr_pages, struct fault *fault)
{
	int rc;

	memset(l, 0, sizeof(*l));
	l->is64 = image->is64;
	l->root_level = image->is64 ? 4 : 3;
	l->nr_pages = nr_pages;
	l->virt_base = image->virt_base;
	l->p2m_apart = image->p2m_base != ELF_UNSET;
	l->p2m_virt = image->p2m_base;
	l->ramdisk_apart = image->mod_start_pfn;
	if (image->start < image->virt_base)
		return fault_set(fault, -ENOEXEC, "the kernel lies below its virtual base");
	l->table = malloc(MAX_TABLES * sizeof(*l->table));
	if (!l->table)
		return fault_set(fault, -ENOMEM, "out of memory in the control domain");
	rc = place_all(l, image, ramdisk_size, fault);
	if (rc) {
		layout_free(l);
		return rc;
	}
	if (!l->p2m_apart)
		l->p2m_virt = layout_virt(l, l->p2m.pfn);
	return 0;
}

void layout_free(struct layout *l)
{
	free(l->table);
	l->table = NULL;
	l->nr_tables = 0;
}
