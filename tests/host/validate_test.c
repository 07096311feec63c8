/* SPDX-License-Identifier: GPL-2.0-only */
/* Promotion and demotion of page tables, interrupted and taken up again by others. */
#include "hypervisor/mm/validate.h"

#include <string.h>

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/descriptor.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/linear.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/owner.h"
#include "hypervisor/mm/tlb.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_cpu.h"

enum { L4 = 1, L3, L2, L1_A, L1_B, SEG, DATA, OTHER, THIRD, NR_FRAMES };

static struct frame frames[NR_FRAMES];
static u64 memory[NR_FRAMES][PTES_PER_TABLE] __attribute__((aligned(PAGE_SIZE)));
static struct owner owner;
static struct domain *const d = (struct domain *)&owner;

struct frame *frame_table = frames;
mfn_t max_mfn = NR_FRAMES;
u32 nr_cpus;
struct percpu *cpu_table[MAX_CPUS];
struct cpu_features cpu_has;

/* --- what lies below --------------------------------------------------------------------------- */

static bool interrupts;		/* something comes up when a descriptor page is unmapped */

void *mfn_to_virt(mfn_t mfn)
{
	return memory[mfn];
}

mfn_t virt_to_mfn(const void *virt)
{
	return (mfn_t)((const u8 *)virt - (const u8 *)memory) / PAGE_SIZE;
}

u32 tlb_clock(void)
{
	return 1;
}

cpumask_t tlb_stale(cpumask_t cpus, u32 stamp)
{
	(void)cpus;
	(void)stamp;
	return 0;
}

void tlb_flush(cpumask_t cpus)
{
	(void)cpus;
}

void m2p_set(mfn_t mfn, u64 pfn)
{
	(void)mfn;
	(void)pfn;
}

mfn_t alloc_frames_below(unsigned order, unsigned bits)
{
	(void)order;
	(void)bits;
	return INVALID_MFN;
}

void free_frames(mfn_t mfn, unsigned order)
{
	(void)mfn;
	(void)order;
}

void free_frames_of(const u32 *mfns, unsigned nr, u64 serial)
{
	(void)mfns;
	(void)nr;
	(void)serial;
}

void domain_last_page_gone(struct domain *gone)
{
	(void)gone;
}

void ldt_mapping_gone(const struct domain *owned)
{
	(void)owned;
	if (interrupts)
		atomic_store(&this_cpu()->work, 1);
}

bool rangeset_contains(const struct rangeset *set, u64 first, u64 last)
{
	(void)set;
	(void)first;
	(void)last;
	return false;
}

bool descriptor_fix(u64 *desc, bool is_pv32, u32 m2p_start)
{
	(void)desc;
	(void)is_pv32;
	(void)m2p_start;
	return true;
}

void fill_hv_slots(u64 *l4)
{
	(void)l4;
}

void show_m2p(u64 *l4, bool shown)
{
	(void)l4;
	(void)shown;
}

void fill_compat_m2p_slots(u64 *l2, unsigned first)
{
	(void)l2;
	(void)first;
}

/* --- the tables -------------------------------------------------------------------------------- */

static void point(mfn_t table, unsigned index, mfn_t to, u64 flags)
{
	memory[table][index] = to << PAGE_SHIFT | PTE_PRESENT | flags;
}

/* L4 -> L3 -> L2 -> two L1; the one that goes first maps a descriptor page, and is met last. */
static void setup(void)
{
	memset(frames, 0, sizeof(frames));
	memset(memory, 0, sizeof(memory));
	memset(&owner, 0, sizeof(owner));
	spin_init(&owner.pages_lock, "pages", RANK_PAGES);
	atomic_store(&owner.frames_held, 100);
	for (mfn_t mfn = 1; mfn < NR_FRAMES; mfn++) {
		frames[mfn].owner = d;
		atomic_store(&frames[mfn].count, FC_ALLOCATED | 1);
	}
	ck_assert_int_eq(get_frame_and_type(&frames[SEG], d, FT_SEG), 0);
	point(L4, 3, L3, PTE_RW);
	point(L3, 5, L2, PTE_RW);
	point(L2, 0, L1_A, PTE_RW);
	point(L2, 1, L1_B, PTE_RW);
	point(L1_A, 9, DATA, PTE_RW);
	point(L1_B, 0, SEG, 0);
	interrupts = true;
	opt_pv_linear_pt = true;
	atomic_store(&this_cpu()->work, 0);
}

static bool is_whole(mfn_t mfn)
{
	return atomic_load(&frames[mfn].type) & FT_VALIDATED;
}

static void check_in_use(bool expected)
{
	for (mfn_t mfn = L3; mfn <= L1_B; mfn++)
		ck_assert_msg(is_whole(mfn) == expected, "frame %u", (unsigned)mfn);
	ck_assert(frame_in_use(&frames[DATA]) == expected);
}

/* --- tests ------------------------------------------------------------------------------------- */

START_TEST(promoted_and_demoted)
{
	interrupts = false;
	ck_assert_int_eq(get_frame_type(&frames[L4], FT_L4, true), 0);
	check_in_use(true);
	ck_assert_int_eq(put_frame_type(&frames[L4], true), 0);
	check_in_use(false);
}
END_TEST

/*
 * Undoing stops within the L2, one of whose L1 has lost its use. Who takes the root again must not
 * find that L2 half undone below a table that is in use.
 */
static void take_again(mfn_t root, u64 type)
{
	ck_assert_int_eq(get_frame_type(&frames[root], type, true), 0);
	ck_assert_int_eq(put_frame_type(&frames[root], true), -ERESTART);
	ck_assert(!frame_in_use(&frames[L1_B]));
	ck_assert(frame_in_use(&frames[L1_A]));
	atomic_store(&this_cpu()->work, 0);
	ck_assert_int_eq(get_frame_type(&frames[root], type, true), 0);
	check_in_use(true);
	/* The first one comes back for its use, then the second one. */
	ck_assert_int_eq(put_frame_type(&frames[root], true), 0);
	check_in_use(true);
	interrupts = false;
	ck_assert_int_eq(put_frame_type(&frames[root], true), 0);
	check_in_use(false);
	for (mfn_t mfn = L3; mfn <= L1_B; mfn++)
		ck_assert_uint_eq(atomic_load(&frames[mfn].count), FC_ALLOCATED | 1);
}

START_TEST(half_undone_child_is_made_whole)
{
	take_again(L3, FT_L3);
}
END_TEST

START_TEST(half_undone_grandchild_is_made_whole)
{
	take_again(L4, FT_L4);
}
END_TEST

/* Taken again when what is below cannot be a table any more: refused, and nothing is lost. */
START_TEST(half_undone_child_is_refused)
{
	ck_assert_int_eq(get_frame_type(&frames[L3], FT_L3, true), 0);
	ck_assert_int_eq(put_frame_type(&frames[L3], true), -ERESTART);
	atomic_store(&this_cpu()->work, 0);
	ck_assert_int_eq(get_frame_type(&frames[L1_B], FT_WRITABLE, false), 0);
	ck_assert_int_eq(get_frame_type(&frames[L3], FT_L3, true), -EINVAL);
	ck_assert(!is_whole(L3));
	ck_assert_int_eq(put_frame_type(&frames[L3], true), 0);
	ck_assert(!frame_in_use(&frames[L3]) && !frame_in_use(&frames[L2]));
	ck_assert(!frame_in_use(&frames[DATA]));
	ck_assert_uint_eq(atomic_load(&frames[L1_B].type), FT_WRITABLE | FT_VALIDATED | 1);
}
END_TEST

/* --- linear tables ----------------------------------------------------------------------------- */

static int use(mfn_t table)
{
	return get_frame_type(&frames[table], FT_L2, true);
}

static void leave(mfn_t table)
{
	ck_assert_int_eq(put_frame_type(&frames[table], true), 0);
}

static int update(mfn_t table, unsigned index, mfn_t to, u64 flags)
{
	u64 pte = to << PAGE_SHIFT | PTE_PRESENT | flags;
	int rc = get_entry(&pte, 2, 0, &frames[table], d, d, true);

	if (!rc)
		memory[table][index] = pte;
	return rc;
}

static void drop(mfn_t table, unsigned index)
{
	ck_assert_int_eq(put_entry(memory[table][index], &frames[table], true), 0);
	memory[table][index] = 0;
}

static void check_unused(mfn_t table)
{
	ck_assert(!frame_in_use(&frames[table]));
	ck_assert_uint_eq(atomic_load(&frames[table].count), FC_ALLOCATED | 1);
	ck_assert(!(atomic_load(&frames[table].type) & FT_LINEAR));
}

/* What an entry names is held by it, as the table it is, and let go with it. */
START_TEST(named_table_is_held)
{
	interrupts = false;
	ck_assert_int_eq(use(OTHER), 0);
	point(L2, 7, OTHER, 0);
	ck_assert_int_eq(use(L2), 0);
	leave(OTHER);
	ck_assert(is_whole(OTHER));
	ck_assert_int_eq(get_frame_type(&frames[OTHER], FT_WRITABLE, false), -EINVAL);
	leave(L2);
	check_unused(OTHER);
	check_unused(L2);
}
END_TEST

START_TEST(named_table_is_whole_and_read_only)
{
	ck_assert_int_eq(use(L2), 0);
	ck_assert_int_eq(use(OTHER), 0);
	ck_assert_int_eq(update(L2, 7, OTHER, PTE_RW), -EINVAL);
	opt_pv_linear_pt = false;
	ck_assert_int_eq(update(L2, 7, OTHER, 0), -EINVAL);
	ck_assert_int_eq(update(L2, 7, L2, 0), -EINVAL);
	opt_pv_linear_pt = true;
	/* One that is being checked by somebody. */
	atomic_fetch_and(&frames[OTHER].type, ~FT_VALIDATED);
	ck_assert_int_eq(update(L2, 7, OTHER, 0), -EINVAL);
	atomic_fetch_or(&frames[OTHER].type, FT_VALIDATED);
	ck_assert_int_eq(update(L2, 7, OTHER, 0), 0);
	ck_assert_int_eq(update(L2, 8, L2, 0), 0);
	/* An unused one is taken as what it should be there: a table of leaves. */
	ck_assert_int_eq(update(L2, 9, THIRD, 0), 0);
	ck_assert_int_eq(use(THIRD), -EINVAL);
}
END_TEST

/* A table has such entries or is named by them; when they are gone it may be the other. */
START_TEST(no_chains_and_no_circles)
{
	interrupts = false;
	for (mfn_t mfn = OTHER; mfn <= THIRD; mfn++)
		ck_assert_int_eq(use(mfn), 0);
	ck_assert_int_eq(use(L2), 0);
	ck_assert_int_eq(update(L2, 7, OTHER, 0), 0);
	ck_assert_int_eq(update(L2, 8, OTHER, 0), 0);
	ck_assert_int_eq(update(OTHER, 1, L2, 0), -EINVAL);
	ck_assert_int_eq(update(OTHER, 1, THIRD, 0), -EINVAL);
	ck_assert_int_eq(update(THIRD, 1, L2, 0), -EINVAL);
	ck_assert_int_eq(update(THIRD, 1, OTHER, 0), 0);
	drop(L2, 7);
	ck_assert_int_eq(update(THIRD, 2, L2, 0), -EINVAL);
	drop(L2, 8);
	ck_assert_int_eq(update(THIRD, 2, L2, 0), 0);
	drop(THIRD, 1);
	drop(THIRD, 2);
	ck_assert_int_eq(update(OTHER, 1, L2, 0), 0);
	for (mfn_t mfn = OTHER; mfn <= THIRD; mfn++)
		leave(mfn);
	leave(L2);
	check_unused(OTHER);
	check_unused(L2);
}
END_TEST

/*
 * The entry's use of a table is the last one, and undoing that stops half-way: then so does the
 * table that has the entry, and who takes it again makes both whole.
 */
START_TEST(half_undone_named_table_is_made_whole)
{
	ck_assert_int_eq(use(L2), 0);
	point(OTHER, 7, L2, 0);
	ck_assert_int_eq(use(OTHER), 0);
	leave(L2);
	ck_assert_int_eq(put_frame_type(&frames[OTHER], true), -ERESTART);
	ck_assert(!is_whole(L2) && frame_in_use(&frames[L1_A]));
	atomic_store(&this_cpu()->work, 0);
	ck_assert_int_eq(use(OTHER), 0);
	ck_assert(is_whole(L2) && is_whole(L1_B));
	ck_assert_int_eq(update(L2, 9, THIRD, 0), 0);
	interrupts = false;
	leave(OTHER);
	ck_assert(is_whole(L2));
	leave(OTHER);
	check_unused(OTHER);
	check_unused(L2);
	check_unused(L1_A);
}
END_TEST

/* --- pv32 roots -------------------------------------------------------------------------------- */

/* A root of the pv32 kind whose topmost table is @top. */
static int use_pae_root(mfn_t root, mfn_t top)
{
	memset(memory[root], 0, sizeof(memory[root]));
	point(root, 3, top, 0);
	return get_frame_type(&frames[root], FT_L3, true);
}

static void undo_refused(mfn_t root)
{
	ck_assert_int_eq(clear_orphan(&frames[root], true), 0);
	check_unused(root);
}

/* A topmost table is one root's alone, whoever else is at work on it. */
START_TEST(top_table_is_one_roots)
{
	owner.is_pv32 = true;
	owner.compat_m2p_start = 0xf5800000;
	interrupts = false;
	ck_assert_int_eq(use_pae_root(L3, L2), 0);
	ck_assert_int_eq(use_pae_root(OTHER, L2), -EINVAL);
	undo_refused(OTHER);
	ck_assert_int_eq(get_frame_type(&frames[L2], FT_L2, true), -EINVAL);
	ck_assert_int_eq(put_frame_type(&frames[L3], true), 0);
	check_unused(L2);
	/* Nor where a root is being undone that still has it. */
	interrupts = true;
	ck_assert_int_eq(use_pae_root(L3, L2), 0);
	ck_assert_int_eq(put_frame_type(&frames[L3], true), -ERESTART);
	atomic_store(&this_cpu()->work, 0);
	interrupts = false;
	ck_assert_int_eq(use_pae_root(OTHER, L2), -EINVAL);
	undo_refused(OTHER);
	ck_assert_int_eq(put_frame_type(&frames[L3], true), 0);
	check_unused(L2);
	ck_assert_int_eq(use_pae_root(OTHER, L2), 0);
	ck_assert_int_eq(put_frame_type(&frames[OTHER], true), 0);
	check_unused(L2);
}
END_TEST

/* An update of the table that goes on meanwhile is no second root. */
START_TEST(locked_top_table_is_not_shared)
{
	owner.is_pv32 = true;
	owner.compat_m2p_start = 0xf5800000;
	interrupts = false;
	ck_assert_int_eq(get_frame_type(&frames[L2], FT_L2 | FT_TOP_L2, true), 0);
	ck_assert_int_eq(frame_lock(&frames[L2]), 0);
	leave(L2);
	ck_assert_int_eq(use_pae_root(L3, L2), 0);
	ck_assert_int_eq(frame_unlock(&frames[L2]), 0);
	ck_assert_int_eq(use_pae_root(OTHER, L2), -EINVAL);
	undo_refused(OTHER);
	ck_assert_int_eq(put_frame_type(&frames[L3], true), 0);
	check_unused(L2);
}
END_TEST

static Suite *validate_suite(void)
{
	Suite *s = suite_create("validate");
	TCase *t = tcase_create("tables");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, promoted_and_demoted);
	tcase_add_test(t, half_undone_child_is_made_whole);
	tcase_add_test(t, half_undone_grandchild_is_made_whole);
	tcase_add_test(t, half_undone_child_is_refused);
	tcase_add_test(t, named_table_is_held);
	tcase_add_test(t, named_table_is_whole_and_read_only);
	tcase_add_test(t, no_chains_and_no_circles);
	tcase_add_test(t, half_undone_named_table_is_made_whole);
	tcase_add_test(t, top_table_is_one_roots);
	tcase_add_test(t, locked_top_table_is_not_shared);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(validate_suite)
