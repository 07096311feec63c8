/* SPDX-License-Identifier: GPL-2.0-only */
/* Giving pages back and getting them again: counted right, not while in use, and not beyond the limit. */
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/memory.h"

const char test_title[] = "reservations are counted";

static domid_t me = DOMID_SELF;

static long current_pages(void)
{
	return hypercall_memory_op(XENMEM_current_reservation, &me);
}

static long reservation(unsigned int op, xen_pfn_t *frames, unsigned long count, unsigned int order)
{
	struct xen_memory_reservation res = {
		.nr_extents = count, .extent_order = order, .domid = DOMID_SELF,
	};

	set_xen_guest_handle(res.extent_start, frames);
	return hypercall_memory_op(op, &res);
}

void test_main(void)
{
	long pages = current_pages(), maximum = hypercall_memory_op(XENMEM_maximum_reservation, &me);
	void *page = page_alloc_zero();
	xen_pfn_t frame = virt_to_mfn(page), again, none;
	pfn_t pfn = virt_to_pfn(page);

	CHECK(pages > 0 && maximum >= pages);
	/* Still mapped: refused or deferred, but not somebody else's while we see it. */
	CHECK(!map_set(page, 0));
	CHECK_EQUAL(reservation(XENMEM_decrease_reservation, &frame, 1, 0), 1);
	CHECK_EQUAL(current_pages(), pages - 1);
	CHECK(map_set(page, make_pte(frame, PTE_KERNEL)) < 0);
	CHECK_EQUAL(reservation(XENMEM_decrease_reservation, &frame, 1, 0), 0);
	CHECK_EQUAL(current_pages(), pages - 1);
	again = pfn;
	CHECK_EQUAL(reservation(XENMEM_populate_physmap, &again, 1, 0), 1);
	CHECK_EQUAL(current_pages(), pages);
	CHECK(!map_set(page, make_pte(again, PTE_KERNEL)));
	/* Fresh pages hold nothing of anybody's. */
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(long); i++)
		if (((unsigned long *)page)[i])
			test_failure("word %u of a fresh page is not zero", i);
	/* Never past the maximum. */
	for (long n = 0; n <= maximum - pages; n++) {
		none = pfn;
		if (reservation(XENMEM_increase_reservation, &none, 1, 0) != 1)
			break;
	}
	CHECK(current_pages() <= maximum);
	none = pfn;
	CHECK_EQUAL(reservation(XENMEM_increase_reservation, &none, 1, 0), 0);
	/* Sizes out of reason, and lists that cannot be read. */
	CHECK(reservation(XENMEM_increase_reservation, &none, 1, 60) <= 0);
	CHECK(reservation(XENMEM_increase_reservation, (void *)16, ~0ul, 0) <= 0);
	CHECK(reservation(XENMEM_decrease_reservation, (void *)16, 5, 0) <= 0);
	CHECK_EQUAL(hypercall_memory_op(63, &me), -XEN_ENOSYS);
}
