/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An unprivileged domain tries to map each machine frame there is, RAM, hypervisor, other domains'
 * and devices': only its own can be mapped, under every name of an owner it may give.
 */
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/grant_table.h"

const char test_title[] = "a domain maps its own frames only";

/* Frames that are ours, though not of our memory: shared info, the grant table. */
static xen_pfn_t shared[32];
static unsigned int shared_count;

static void find_shared(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };

	set_xen_guest_handle(setup.frame_list, shared);
	NEED(!hypercall_grant_table_op(GNTTABOP_setup_table, &setup, 1) && !setup.status);
	shared[setup.nr_frames] = start_info->shared_info >> PAGE_SHIFT;
	shared_count = setup.nr_frames + 1;
}

static bool is_shared(mfn_t mfn)
{
	unsigned int i;

	for (i = 0; i < shared_count; i++)
		if (shared[i] == mfn)
			return true;
	return false;
}

static void try_frame(uintptr_t va, mfn_t mfn)
{
	bool own = mfn_to_pfn(mfn) != INVALID_MFN;
	long ret = hypercall_update_va_mapping(va, make_pte(mfn, PTE_KERNEL_RO), 0);

	if (own && ret)
		test_failure("own frame 0x%lx cannot be mapped: %ld", mfn, ret);
	if (!own && !ret && !is_shared(mfn))
		test_failure("frame 0x%lx of somebody else was mapped", mfn);
	if (!ret)
		NEED(!hypercall_update_va_mapping(va, 0, UVMF_INVLPG | UVMF_LOCAL));
}

static void try_domain(uintptr_t va, unsigned int dom)
{
	uint64_t machine = pt_machine(pt_walk(va, 1));
	mfn_t mfn;

	for (mfn = 0; mfn < 4096; mfn += 7) {
		if (mfn_to_pfn(mfn) != INVALID_MFN)
			continue;
		if (!pt_update_foreign(machine, make_pte(mfn, PTE_KERNEL_RO), dom))
			test_failure("frame 0x%lx of domain %u was mapped", mfn, dom);
	}
}

void test_main(void)
{
	static const uint64_t beyond[] = {
		0xfee00, 0xfec00, 0xf0000, 0x1000000, 0xfffffffff, 0xffffffffff,
	};
	static const unsigned int domains[] = { 0, 1, 5, DOMID_IO, DOMID_XEN, DOMID_COW, 0x7fff };
	uintptr_t va = scratch_address();
	mfn_t mfn, end = machine_frames();
	size_t i;

	find_shared();
	for (mfn = 0; mfn < end; mfn++)
		try_frame(va, mfn);
	for (i = 0; i < ARRAY_SIZE(beyond); i++)
		if (!hypercall_update_va_mapping(va, beyond[i] << PAGE_SHIFT | PTE_KERNEL, 0))
			test_failure("frame 0x%llx was mapped", (unsigned long long)beyond[i]);
	for (i = 0; i < ARRAY_SIZE(domains); i++)
		try_domain(va, domains[i]);
}
