/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that a hypercall must not follow. */
#include "tests/guest/lib/bad_pointers.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"

static const char *const names[] = {
	"null", "unmapped", "read-only", "hypervisor", "wrapping", "into-none", "non-canonical",
};

static uintptr_t pointers[BAD_POINTERS] = {
	[WRAPPING] = ~0ul,
#ifdef __i386__
	[HYPERVISOR] = 0xf5800000,
#else
	[HYPERVISOR] = 0xffff82d080200000,
	[NON_CANONICAL] = 0x0000800000000000,
#endif
};

void bad_pointers_init(void)
{
	char *window = window_alloc(3);
	void *read_only = page_alloc_zero();

	NEED(read_only && window && !map_prepare(window, 3));
	NEED(!map_set(window, make_pte(virt_to_mfn(page_alloc_zero()), PTE_KERNEL)));
	pointers[INTO_NONE] = (uintptr_t)window + PAGE_SIZE - 1;
	pointers[UNMAPPED] = (uintptr_t)window + 2 * PAGE_SIZE;
	pointers[READ_ONLY] = (uintptr_t)read_only;
	NEED(!page_protect(read_only));
}

const char *bad_pointer_name(enum bad_pointer kind)
{
	return names[kind];
}

uintptr_t bad_pointer(enum bad_pointer kind)
{
	return pointers[kind];
}

bool bad_pointer_exists(enum bad_pointer kind)
{
	return kind == NULL_POINTER || pointers[kind];
}

bool bad_pointer_page_is_clear(void)
{
	const char *page = (const char *)pointers[READ_ONLY];
	size_t i;

	for (i = 0; i < PAGE_SIZE; i++)
		if (page[i])
			return false;
	return true;
}
