/* SPDX-License-Identifier: MIT */
/* The heap behind malloc(): pages appear at its end when it grows and go back when it shrinks. */
#include <minios/mm.h>

/* Pages that malloc() leaves to the kernel, for tables, stacks and rings. */
#define RESERVE 64

static uintptr_t brk = HEAP_START, mapped = HEAP_START;

static uintptr_t page_up(uintptr_t addr)
{
	return (addr + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
}

static void shrink(uintptr_t to)
{
	while (mapped > to) {
		pfn_t pfn;

		mapped -= PAGE_SIZE;
		pfn = mfn_to_pfn(virt_to_mfn((void *)mapped));
		unmap_pages((void *)mapped, 1);
		page_free(pfn_to_virt(pfn));
	}
}

static bool grow_page(void)
{
	void *page = pages_free_count() > RESERVE ? page_alloc_zero() : NULL;
	mfn_t mfn;

	if (!page)
		return false;
	mfn = virt_to_mfn(page);
	if (map_frames((void *)mapped, &mfn, 1, PTE_KERNEL, DOMID_SELF, NULL)) {
		page_free(page);
		return false;
	}
	mapped += PAGE_SIZE;
	return true;
}

static bool grow(uintptr_t to)
{
	uintptr_t before = mapped;

	if ((to - mapped) >> PAGE_SHIFT > pages_free_count())
		return false;
	while (mapped < to) {
		if (!grow_page()) {
			shrink(before);
			return false;
		}
	}
	return true;
}

void *heap_sbrk(intptr_t increment)
{
	uintptr_t old = brk, want = brk + increment;

	if (increment > 0 && (want < brk || want > HEAP_END))
		return NULL;
	if (increment < 0 && (want > brk || want < HEAP_START))
		return NULL;
	if (page_up(want) > mapped && !grow(page_up(want)))
		return NULL;
	if (page_up(want) < mapped)
		shrink(page_up(want));
	brk = want;
	return (void *)old;
}

size_t heap_size(void)
{
	return brk - HEAP_START;
}
