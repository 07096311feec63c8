/* SPDX-License-Identifier: GPL-2.0-only */
/* Roots: the hypervisor's slots are its own, the pv32 root has four whole entries, and cr3 obeys. */
#include <string.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/vcpu.h"

const char test_title[] = "roots keep the hypervisor's entries";

static const pte_t *live_root(void)
{
	return (const pte_t *)start_info->pt_base;
}

static pte_t *copied_top;

/* A copy of the root we run on is a root, and can be run on. */
static pte_t *copy_root(void)
{
	pte_t *root = page_alloc_zero();

	memcpy(root, live_root(), (PT_LEVELS == 3 ? 4 : PT_ENTRIES) * sizeof(*root));
#ifdef __x86_64__
	memset(root + 256, 0, 16 * sizeof(*root));
#endif
	if (PT_LEVELS == 3) {
		copied_top = copy_top_table();
		root[3] = make_pte(virt_to_mfn(copied_top), PTE_PRESENT);
	}
	NEED(!page_protect(root));
	return root;
}

static void free_root(pte_t *root)
{
	table_free(root);
	if (copied_top)
		table_free(copied_top);
}

static void try_copy(void)
{
	mfn_t old = virt_to_mfn(live_root());
	pte_t *root = copy_root();
	mfn_t mfn = virt_to_mfn(root);

	CHECK(!mmuext_frame(PIN(PT_LEVELS), mfn));
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, mfn));
	CHECK_EQUAL(fault_of_read((uintptr_t)start_info), NO_FAULT);
	CHECK(page_unprotect(root) < 0);
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, old));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	free_root(root);
}

#ifdef __i386__
/* Neither roots that share their topmost table, nor one that is pinned by itself. */
static void try_shared_top(void)
{
	const pte_t *live = live_root();
	pte_t *root = copy_root(), *top = copied_top;
	mfn_t mfn = virt_to_mfn(root), own = virt_to_mfn(top);

	NEED(!page_unprotect(root));
	root[3] = live[3];
	NEED(!page_protect(root));
	CHECK_EQUAL(mmuext_frame(PIN(3), mfn), -XEN_EINVAL);
	CHECK_EQUAL(mmuext_frame(MMUEXT_NEW_BASEPTR, mfn), -XEN_EINVAL);
	CHECK_EQUAL(mmuext_frame(PIN(2), (live[3] & PTE_FRAME) >> PAGE_SHIFT), -XEN_EINVAL);
	CHECK(!mmuext_frame(PIN(2), own));
	NEED(!page_unprotect(root));
	root[3] = make_pte(own, PTE_PRESENT);
	NEED(!page_protect(root));
	CHECK_EQUAL(mmuext_frame(PIN(3), mfn), -XEN_EINVAL);
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, own));
	/* Nothing was kept by those that were refused; and while a root has it, no other may. */
	CHECK(!mmuext_frame(PIN(3), mfn));
	CHECK_EQUAL(mmuext_frame(PIN(2), own), -XEN_EINVAL);
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	/* What the hypervisor put into it can stay, but in no other table. */
	CHECK_EQUAL(mmuext_frame(PIN(2), own), -XEN_EINVAL);
	CHECK(!mmuext_frame(PIN(3), mfn));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	CHECK(!page_unprotect(top) && !page_protect(top));
	free_root(root);
}

static void try_slots(void)
{
	const pte_t *root = live_root();
	const pte_t *top = pt_walk(0xf5800000, 2);
	pte_t *copy = copy_top_table();
	mfn_t own = virt_to_mfn((void *)start_info);
	unsigned int i;

	/* Beyond the fourth entry there is no root. */
	CHECK(pt_update(pt_machine(&root[4]), root[3]) < 0);
	CHECK(pt_update(pt_machine(&root[511]), make_pte(own, PTE_PRESENT)) < 0);
	/* The last one stays as it is. */
	CHECK_EQUAL(pt_update(pt_machine(&root[3]), 0), -XEN_EINVAL);
	CHECK_EQUAL(pt_update(pt_machine(&root[3]), root[3]), -XEN_EINVAL);
	CHECK_EQUAL(pt_update(pt_machine(&root[3]), make_pte(virt_to_mfn(copy), PTE_PRESENT)), -XEN_EINVAL);
	table_free(copy);
	NEED(top);
	for (i = pt_index(0xf5800000, 2); i < 512; i++) {
		const pte_t *e = (const pte_t *)((uintptr_t)top & ~(PAGE_SIZE - 1)) + i;

		CHECK_EQUAL(pt_update(pt_machine(e), 0), -XEN_EPERM);
		CHECK_EQUAL(pt_update(pt_machine(e), make_pte(own, PTE_KERNEL)), -XEN_EPERM);
	}
	CHECK_EQUAL(fault_of_read(0xf5800000), NO_FAULT);
}

/* A level-2 table that is the topmost of one root cannot stand elsewhere in another. */
static void try_moved_top(void)
{
	pte_t *root = copy_root();
	mfn_t mfn = virt_to_mfn(root);

	NEED(!page_unprotect(root));
	root[0] = root[3];
	NEED(!page_protect(root));
	CHECK(mmuext_frame(PIN(3), mfn) < 0);
	NEED(!page_unprotect(root));
	root[0] = 0;
	root[3] = 0;
	NEED(!page_protect(root));
	CHECK(mmuext_frame(PIN(3), mfn) < 0);
	CHECK(mmuext_frame(MMUEXT_NEW_BASEPTR, mfn) < 0);
	free_root(root);
}

static long extended_cr3(unsigned int cmd)
{
	return hypercall2(__HYPERVISOR_vm_assist, cmd, VMASST_TYPE_pae_extended_cr3);
}

static long initialise_second(mfn_t root)
{
	static struct vcpu_guest_context context;

	context.ctrlreg[3] = xen_pfn_to_cr3(root);
	return hypercall_vcpu_op(VCPUOP_initialise, 1, &context);
}

/* Roots above 4 GiB are for kernels that have said that they can name them. */
static void try_high(void)
{
	pte_t *root = copy_root();
	mfn_t mfn = virt_to_mfn(root);
	long refused = mfn >> 20 ? -XEN_ERANGE : 0;

	test_answer("a root is above 4 GiB: %d", mfn >> 20 != 0);
	CHECK(!extended_cr3(VMASST_CMD_disable));
	CHECK_EQUAL(mmuext_frame(PIN(3), mfn), refused);
	CHECK_EQUAL(mmuext_frame(MMUEXT_UNPIN_TABLE, mfn), refused ? -XEN_EINVAL : 0);
	CHECK_EQUAL(mmuext_frame(MMUEXT_NEW_BASEPTR, mfn), refused);
	NEED(!mmuext_frame(MMUEXT_NEW_BASEPTR, virt_to_mfn(live_root())));
	if (refused)
		CHECK_EQUAL(initialise_second(mfn), refused);
	/* Nothing was kept: it is a page like others. */
	CHECK(!page_unprotect(root) && !page_protect(root));
	CHECK(!extended_cr3(VMASST_CMD_enable));
	CHECK(!mmuext_frame(PIN(3), mfn));
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, mfn));
	/* What is a root remains one, and comes into use again. */
	CHECK(!extended_cr3(VMASST_CMD_disable));
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, virt_to_mfn(live_root())));
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, mfn));
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, virt_to_mfn(live_root())));
	CHECK(!extended_cr3(VMASST_CMD_enable));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	/* The second vCPU keeps it. */
	CHECK(!initialise_second(mfn));
}
#else
static void try_slots(void)
{
	const pte_t *root = live_root();
	mfn_t own = virt_to_mfn((void *)start_info);
	unsigned int i;

	for (i = 256; i < 272; i++) {
		CHECK_EQUAL(pt_update(pt_machine(&root[i]), 0), -XEN_EINVAL);
		CHECK_EQUAL(pt_update(pt_machine(&root[i]), make_pte(own, PTE_KERNEL)), -XEN_EINVAL);
		CHECK_EQUAL(pt_update(pt_machine(&root[i]), root[0]), -XEN_EINVAL);
	}
	CHECK_EQUAL(fault_of_read(0xffff800000000000), NO_FAULT);
}

/* What a new root holds in those slots is replaced, not used. */
static void try_moved_top(void)
{
	mfn_t old = virt_to_mfn(live_root());
	pte_t *root = copy_root();
	mfn_t mfn = virt_to_mfn(root);

	NEED(!page_unprotect(root));
	root[260] = root[0];
	NEED(!page_protect(root));
	if (!mmuext_frame(PIN(4), mfn)) {
		CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, mfn));
		CHECK_EQUAL(fault_of_read(VIRT_BASE + 0xffff820000000000), FAULT_PF);
		CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, old));
		CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	}
	free_root(root);
	CHECK(mmuext_frame(MMUEXT_NEW_USER_BASEPTR, ~0ul >> 12) < 0);
}

#define M2P_SLOT 256

static void run_on(const pte_t *root)
{
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, virt_to_mfn(root)));
}

/* The M2P is in kernels' roots only: put there when one is used, or with m2p_strict at first. */
static void try_m2p(bool strict)
{
	unsigned int cmd = strict ? VMASST_CMD_enable : VMASST_CMD_disable;
	pte_t *root = copy_root();
	mfn_t mfn = virt_to_mfn(root);

	CHECK(!hypercall2(__HYPERVISOR_vm_assist, cmd, VMASST_TYPE_m2p_strict));
	CHECK(!mmuext_frame(PIN(4), mfn));
	CHECK_EQUAL(root[M2P_SLOT] != 0, strict);
	run_on(root);
	CHECK(root[M2P_SLOT] != 0);
	run_on(live_root());
	CHECK(!mmuext_frame(MMUEXT_NEW_USER_BASEPTR, mfn));
	CHECK_EQUAL(root[M2P_SLOT] != 0, !strict);
	run_on(root);
	CHECK_EQUAL(root[M2P_SLOT] != 0, !strict);
	run_on(live_root());
	CHECK(!mmuext_frame(MMUEXT_NEW_USER_BASEPTR, 0));
	CHECK(!mmuext_frame(MMUEXT_UNPIN_TABLE, mfn));
	CHECK(!hypercall2(__HYPERVISOR_vm_assist, VMASST_CMD_disable, VMASST_TYPE_m2p_strict));
	free_root(root);
}
#endif

/* Tables down to @leaf, which becomes the first page below; the entry of a root that names them. */
static pte_t chain(void *tables[], void *leaf)
{
	pte_t entry = make_pte(virt_to_mfn(leaf), PTE_KERNEL_RO);

	for (unsigned int level = 1; level < PT_LEVELS; level++) {
		pte_t *table = page_alloc_zero();

		*table = entry;
		NEED(!page_protect(table));
		tables[level] = table;
		entry = make_pte(virt_to_mfn(table), PTE_TABLE(level));
	}
	return entry;
}

static void *ldt_page(unsigned int limit)
{
	uint64_t *page = page_alloc_zero();

	page[0] = limit | 0x0040f20000000000ull;	/* data, for everybody */
	NEED(!page_protect(page));
	return page;
}

static unsigned int limit_of_first(void)
{
	unsigned int limit = 0;

	__asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"(7) : "cc");
	return limit;
}

static long set_ldt(uintptr_t va, unsigned int entries)
{
	struct mmuext_op op = {
		.cmd = MMUEXT_SET_LDT, .arg1.linear_addr = va, .arg2.nr_ents = entries,
	};

	return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

/* The LDT is at an address: another root may have another one there. */
static void try_ldt(void)
{
	unsigned int slot = PT_LEVELS == 3 ? 1 : 5;
	uintptr_t va = (uintptr_t)slot << (PAGE_SHIFT + 9 * (PT_LEVELS - 1));
	void *first = ldt_page(0x111), *second = ldt_page(0x222), *tables[2][PT_LEVELS];
	const pte_t *live = live_root();
	pte_t *root = copy_root(), old = live[slot];

	NEED(!page_unprotect(root));
	root[slot] = chain(tables[1], second);
	NEED(!page_protect(root));
	NEED(!pt_update(pt_machine(&live[slot]), chain(tables[0], first)));
	CHECK(!set_ldt(va, 8));
	CHECK_EQUAL(limit_of_first(), 0x111);
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, virt_to_mfn(root)));
	CHECK_EQUAL(limit_of_first(), 0x222);
	CHECK(!mmuext_frame(MMUEXT_NEW_BASEPTR, virt_to_mfn(live)));
	CHECK_EQUAL(limit_of_first(), 0x111);
	CHECK(!set_ldt(0, 0));
	NEED(!pt_update(pt_machine(&live[slot]), old));
	for (unsigned int level = PT_LEVELS; --level > 0;) {
		table_free(tables[0][level]);
		table_free(tables[1][level]);
	}
	table_free(first);
	table_free(second);
	free_root(root);
}

/* Only a root is a root. */
static void try_others(void)
{
	void *page = page_alloc_zero();
	pte_t l2 = *pt_walk(VIRT_BASE, PT_LEVELS);

	CHECK(mmuext_frame(MMUEXT_NEW_BASEPTR, virt_to_mfn(page)) < 0);
	CHECK(mmuext_frame(MMUEXT_NEW_BASEPTR, (l2 & PTE_FRAME) >> PAGE_SHIFT) < 0);
	page_free(page);
}

void test_main(void)
{
	try_copy();
	try_slots();
#ifdef __i386__
	try_shared_top();
#endif
	try_moved_top();
	try_ldt();
	try_others();
#ifdef __x86_64__
	try_m2p(false);
	try_m2p(true);
#else
	try_high();
#endif
}
