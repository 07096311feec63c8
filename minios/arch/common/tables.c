/* SPDX-License-Identifier: MIT */
/*
 * Changing page tables.
 *
 * A page becomes a table in two steps that the hypervisor checks: it loses its writable mapping in
 * the direct map, then an entry of the level above names it. From there on its entries change by
 * hypercall only. Tables are never taken away again: the address ranges that need them are few.
 */
#include <errno.h>
#include <minios/arch/paging.h>
#include <minios/panic.h>

#define BATCH 64

int pt_link(uintptr_t va, unsigned int level, void *table)
{
	uint64_t machine = (uint64_t)virt_to_mfn(table) << PAGE_SHIFT;
	struct priv_pt_write write = {
		.where = pt_machine(pt_walk(va, level)),
		.value = machine | PTE_TABLE(level - 1),
	};
	int ret = map_set(table, machine | PTE_KERNEL_RO);

	if (ret)
		return ret;
	ret = priv_pt_write(&write, 1, NULL, DOMID_SELF);
	if (ret)
		map_set(table, machine | PTE_KERNEL);
	return ret;
}

int pt_build(uintptr_t va, void *(*alloc)(void))
{
	unsigned int level;
	void *table;
	int ret;

	for (level = PT_LEVELS; level > 1; level--) {
		if (*pt_walk(va, level) & PTE_PRESENT)
			continue;
		table = alloc();
		if (!table)
			return -ENOMEM;
		ret = pt_link(va, level, table);
		if (ret) {
			page_free(table);
			return ret;
		}
	}
	return 0;
}

int map_prepare(void *addr, size_t count)
{
	const uintptr_t covered = PAGE_SIZE * PT_ENTRIES;
	uintptr_t va = (uintptr_t)addr, last = va + (count - 1) * PAGE_SIZE;
	int ret;

	if (!count)
		return 0;
	for (va &= ~(covered - 1); va <= last; va += covered) {
		ret = pt_build(va, page_alloc_zero);
		if (ret)
			return ret;
		if (va + covered < va)
			break;
	}
	return 0;
}

/* One batch: every entry is tried, failed ones are counted and noted. */
static int write_batch(const struct priv_pt_write *writes, size_t count, domid_t dom, int *errors)
{
	size_t at = 0, done;
	int failed = 0, ret;

	while (at < count) {
		ret = priv_pt_write(writes + at, count - at, &done, dom);
		at += done;
		if (!ret)
			break;
		if (errors)
			errors[at] = ret;
		failed++;
		at++;
	}
	return failed;
}

/* The level-1 entry of va, given that of the page before (NULL: unknown): a walk for each table. */
static const pte_t *next_entry(const pte_t *entry, uintptr_t va)
{
	return entry && pt_index(va, 1) ? entry + 1 : pt_walk(va, 1);
}

int map_frames(void *addr, const mfn_t *frames, size_t count, pte_t flags, domid_t dom, int *errors)
{
	struct priv_pt_write writes[BATCH];
	int failed = 0, ret = map_prepare(addr, count);
	const pte_t *entry = NULL;
	size_t at, n, i;

	if (ret)
		return ret;
	for (i = 0; errors && i < count; i++)
		errors[i] = 0;
	for (at = 0; at < count; at += n) {
		n = count - at < BATCH ? count - at : BATCH;
		for (i = 0; i < n; i++) {
			entry = next_entry(entry, (uintptr_t)addr + (at + i) * PAGE_SIZE);
			writes[i].where = pt_machine(entry);
			writes[i].value = (uint64_t)frames[at + i] << PAGE_SHIFT | flags;
		}
		failed += write_batch(writes, n, dom, errors ? errors + at : NULL);
	}
	return failed;
}

void unmap_pages(void *addr, size_t count)
{
	struct priv_pt_write writes[BATCH];
	uintptr_t va = (uintptr_t)addr;
	const pte_t *entry = NULL;
	size_t n = 0;

	for (; count; count--, va += PAGE_SIZE) {
		entry = next_entry(entry, va);
		if (entry && *entry)
			writes[n++] = (struct priv_pt_write){ .where = pt_machine(entry) };
		if (n && (n == BATCH || count == 1)) {
			BUG_ON(priv_pt_write(writes, n, NULL, DOMID_SELF));
			n = 0;
		}
	}
	priv_tlb_flush();
}
