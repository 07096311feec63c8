/* SPDX-License-Identifier: GPL-2.0-only */
/* An unprivileged domain names other domains in memory-management calls: refused, each time. */
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/memory.h"

const char test_title[] = "other domains' memory cannot be named";

static void try_domain(unsigned int dom)
{
	uintptr_t va = scratch_address();
	uint64_t machine = pt_machine(pt_walk(va, 1));
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE };
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = dom };
	domid_t id = dom;
	xen_pfn_t frame = 0x100;
	mfn_t mfn;

	/* Leaves of its frames in our tables, and our entries in its tables. */
	for (mfn = 0x100; mfn < 0x1000; mfn += 0x33) {
		CHECK(pt_update_foreign(machine, make_pte(mfn, PTE_KERNEL_RO), dom) < 0);
		CHECK(pt_update_foreign((uint64_t)mfn << PAGE_SHIFT, 0, DOMID_SELF | (dom + 1) << 16) < 0);
		op.arg1.mfn = mfn;
		CHECK(hypercall_mmuext_op(&op, 1, NULL, dom) < 0);
	}
	set_xen_guest_handle(res.extent_start, &frame);
	CHECK(hypercall_memory_op(XENMEM_decrease_reservation, &res) <= 0);
	CHECK(hypercall_memory_op(XENMEM_increase_reservation, &res) <= 0);
	CHECK(hypercall_memory_op(XENMEM_populate_physmap, &res) <= 0);
	CHECK(hypercall_memory_op(XENMEM_current_reservation, &id) < 0);
	CHECK(hypercall_memory_op(XENMEM_maximum_reservation, &id) < 0);
}

void test_main(void)
{
	mfn_t top = machine_frames();

	try_domain(0);
	try_domain(0x7ef0);
	/* Entries of the machine-to-physical table for frames that are not ours. */
	for (mfn_t mfn = 0; mfn < top; mfn += 97) {
		struct mmu_update req = {
			.ptr = (uint64_t)mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, .val = 5,
		};

		if (!frame_is_ours(mfn) && !hypercall_mmu_update(&req, 1, NULL, DOMID_SELF) &&
		    mfn != start_info->shared_info >> PAGE_SHIFT)
			test_failure("the M2P entry of frame 0x%lx was written", mfn);
	}
}
