/* SPDX-License-Identifier: MIT */
/*
 * The heap behind malloc(): pages appear at its end when it grows and go back when it shrinks.
 *
 * newlib's calloc() relies on new memory being zero. New pages are; what a shrinking leaves of the
 * last page is cleared then.
 */
#include <string.h>
#include <minios/mm.h>

/* Pages that malloc() leaves to the kernel, for tables, stacks and rings. */
#define RESERVE 64

static uintptr_t brk = HEAP_START, mapped = HEAP_START;

static uintptr_t page_up(uintptr_t addr)
{
	return (addr + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
}

static bool grow(uintptr_t to)
{
	size_t pages = (to - mapped) >> PAGE_SHIFT;

	if (pages + RESERVE > pages_free_count() ||
	    anon_map((void *)mapped, pages, PTE_KERNEL))
		return false;
	mapped = to;
	return true;
}

static void shrink(uintptr_t to)
{
	anon_unmap((void *)to, (mapped - to) >> PAGE_SHIFT);
	mapped = to;
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
	if (want < old)
		memset((void *)want, 0, (old < mapped ? old : mapped) - want);
	brk = want;
	return (void *)old;
}

size_t heap_size(void)
{
	return brk - HEAP_START;
}
