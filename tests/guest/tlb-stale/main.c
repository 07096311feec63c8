/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who takes an entry away and does not flush may go on using it, here or on another vCPU, but not
 * past the moment from which the page is something else: a table, descriptors, another's.
 */
#include <minios/arch/priv.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/memory.h"
#include "pvabi/sched.h"

const char test_title[] = "no page is reached by a stale translation";

/* --- the other vCPU --------------------------------------------------------------------------- */

#define STOP (~0u)

/* What the other one is asked, by a number, and has answered. It never enters the hypervisor by itself. */
static struct {
	unsigned int asked, answered;
	bool writes;
	uintptr_t va;
	unsigned int fault;
} other;

static void serve(void *arg)
{
	unsigned int asked;

	(void)arg;
	priv_traps_init();
	while ((asked = __atomic_load_n(&other.asked, __ATOMIC_SEQ_CST)) != STOP) {
		if (asked == other.answered)
			continue;
		other.fault = other.writes ? fault_of_write(other.va) : fault_of_read(other.va);
		__atomic_store_n(&other.answered, asked, __ATOMIC_SEQ_CST);
	}
}

static unsigned int elsewhere(bool writes, uintptr_t va)
{
	unsigned int number = other.asked + 1;

	other.writes = writes;
	other.va = va;
	__atomic_store_n(&other.asked, number, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&other.answered, __ATOMIC_SEQ_CST) != number)
		hypercall_sched_op(SCHEDOP_yield, NULL);
	return other.fault;
}

/* Both have the translation. */
static void touch(bool writes, uintptr_t va)
{
	CHECK_EQUAL(elsewhere(writes, va), NO_FAULT);
	CHECK_EQUAL(writes ? fault_of_write(va) : fault_of_read(va), NO_FAULT);
}

/* And now nobody. */
static void check_gone(const char *what, bool writes, uintptr_t va)
{
	if (elsewhere(writes, va) != FAULT_PF)
		test_failure("%s: the other vCPU still has it", what);
	if ((writes ? fault_of_write(va) : fault_of_read(va)) != FAULT_PF)
		test_failure("%s: we still have it", what);
}

/* --- what becomes of a page -------------------------------------------------------------------- */

/* A page that only @va maps, writable. */
static void *map_alone(uintptr_t va)
{
	void *page = table_alloc();

	NEED(!pt_set_level(va, 1, make_pte(virt_to_mfn(page), PTE_KERNEL)));
	return page;
}

/*
 * A table, when its only writable mapping went, or went read-only, a moment ago. Not of leaves: there
 * a write that faults is carried out for us.
 */
static void try_table(uintptr_t va, pte_t flags)
{
	void *page = map_alone(va);
	mfn_t mfn = virt_to_mfn(page);

	touch(true, va);
	CHECK_EQUAL(mmuext_frame(PIN(2), mfn), -XEN_EINVAL);
	CHECK(!pt_set_level(va, 1, flags ? make_pte(mfn, flags) : 0));
	CHECK(!mmuext_frame(PIN(2), mfn));
	check_gone("a table", true, va);
	if (flags)
		touch(false, va);
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	NEED(!pt_set_level(va, 1, 0));
	table_free(page);
}

static void try_descriptors(uintptr_t va)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT, .arg1.linear_addr = va, .arg2.nr_ents = 8 };
	void *page = map_alone(va);
	unsigned int access;

	touch(true, va);
	CHECK(!pt_set_level(va, 1, make_pte(virt_to_mfn(page), PTE_KERNEL_RO)));
	CHECK(!hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF));
	/* The use as descriptors is taken when one is read. */
	__asm__ volatile("lar %1, %0" : "=r"(access) : "r"(7) : "cc");
	check_gone("descriptors", true, va);
	op.arg2.nr_ents = 0;
	CHECK(!hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF));
	NEED(!pt_set_level(va, 1, 0));
	table_free(page);
}

/* Memory that is given up, and comes back: it might have gone to anybody. */
static void try_given_up(uintptr_t va)
{
	void *page = map_alone(va);
	mfn_t mfn = virt_to_mfn(page);
	xen_pfn_t gone = mfn, back = virt_to_pfn(page);
	struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };

	touch(true, va);
	CHECK(!pt_set_level(va, 1, 0));
	NEED(!pt_set_level((uintptr_t)page, 1, 0));
	set_xen_guest_handle(res.extent_start, &gone);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_decrease_reservation, &res), 1);
	set_xen_guest_handle(res.extent_start, &back);
	CHECK_EQUAL(hypercall_memory_op(XENMEM_populate_physmap, &res), 1);
	/* The mfn is in back now. */
	if (back == mfn)
		check_gone("given up", true, va);
	((xen_pfn_t *)start_info->mfn_list)[virt_to_pfn(page)] = back;
	NEED(!pt_set_level((uintptr_t)page, 1, make_pte(back, PTE_KERNEL)));
	page_free(page);
}

/*
 * A table of leaves that no table names any more is memory, with whatever is written there: nobody
 * may walk it, for an address it once mapped or another.
 */
static void try_former_table(void)
{
	uintptr_t span = (uintptr_t)PAGE_SIZE * PT_ENTRIES;
	uintptr_t va = ((uintptr_t)window_alloc(2 * PT_ENTRIES) + span - 1) & ~(span - 1);
	const pte_t *slot = pt_walk(va, 2);
	pte_t *leaves = page_alloc_zero();
	void *page = page_alloc_zero();
	pte_t leaf = make_pte(virt_to_mfn(page), PTE_KERNEL);

	NEED(slot && !*slot);
	leaves[0] = leaf;
	NEED(!page_protect(leaves));
	NEED(!pt_update(pt_machine(slot), make_pte(virt_to_mfn(leaves), PTE_TABLE(1))));
	touch(true, va);
	CHECK(!pt_update(pt_machine(slot), 0));
	CHECK(!page_unprotect(leaves));
	leaves[1] = make_pte(virt_to_mfn((void *)start_info->pt_base), PTE_KERNEL);
	check_gone("a former table, anew", false, va + PAGE_SIZE);
	check_gone("a former table", false, va);
	page_free(leaves);
	page_free(page);
}

void test_main(void)
{
	uintptr_t va = scratch_address();

	vcpu_need_second();
	vcpu_start(serve, NULL);
	try_table(va, 0);
	try_table(va, PTE_KERNEL_RO);
	try_descriptors(va);
	try_given_up(va);
	try_former_table();
	__atomic_store_n(&other.asked, STOP, __ATOMIC_SEQ_CST);
	vcpu_join();
}
