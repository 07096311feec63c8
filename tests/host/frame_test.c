/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame table's rules: types that follow one another, and the flushes that belong between. */
#include "hypervisor/mm/frame.h"

#include <string.h>

#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/owner.h"
#include "hypervisor/mm/tlb.h"
#include "hypervisor/mm/type.h"
#include "hypervisor/mm/validate.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_cpu.h"

#define NR_FRAMES	64
#define M		((mfn_t)5)

static struct frame frames[NR_FRAMES];
static u8 memory[NR_FRAMES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct owner owner;
static struct domain *const d = (struct domain *)&owner;

struct frame *frame_table = frames;
mfn_t max_mfn = NR_FRAMES;
u32 nr_cpus;
struct percpu *cpu_table[MAX_CPUS];

/* --- what lies below --------------------------------------------------------------------------- */

static u64 word_at_flush;	/* the type word of M while the last flush was going on */
static cpumask_t flushed;
static int validate_rc, invalidate_rc;
static unsigned validated, invalidated;
static mfn_t next_free;

void *mfn_to_virt(mfn_t mfn)
{
	return memory[mfn];
}

mfn_t virt_to_mfn(const void *virt)
{
	return (mfn_t)((const u8 *)virt - memory[0]) / PAGE_SIZE;
}

u32 tlb_clock(void)
{
	return 1;
}

cpumask_t tlb_stale(cpumask_t cpus, u32 stamp)
{
	(void)stamp;
	return cpus;
}

void tlb_flush(cpumask_t cpus)
{
	word_at_flush = atomic_load(&frames[M].type);
	flushed |= cpus;
}

int validate_contents(struct frame *frame, u64 word, bool preemptible)
{
	(void)word;
	(void)preemptible;
	validated++;
	frame->nr_validated = validate_rc ? 3 : 512;
	return validate_rc;
}

int invalidate_contents(struct frame *frame, u64 word, bool preemptible)
{
	(void)word;
	(void)preemptible;
	invalidated++;
	frame->nr_validated = invalidate_rc ? 3 : 0;
	return invalidate_rc;
}

unsigned contents_entries(const struct frame *frame, u64 word)
{
	(void)frame;
	(void)word;
	return 512;
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
	return next_free;
}

static unsigned nr_freed, free_calls;

void free_frames(mfn_t mfn, unsigned order)
{
	(void)mfn;
	(void)order;
}

void free_frames_of(const u32 *mfns, unsigned nr, u64 serial)
{
	(void)serial;
	for (unsigned i = 0; i < nr; i++) {
		ck_assert_ptr_null(frames[mfns[i]].owner);
		ck_assert_uint_eq(atomic_load(&frames[mfns[i]].count), 0);
	}
	nr_freed += nr;
	free_calls++;
}

void domain_last_page_gone(struct domain *gone)
{
	(void)gone;
}

static void setup(void)
{
	memset(frames, 0, sizeof(frames));
	memset(&owner, 0, sizeof(owner));
	spin_init(&owner.pages_lock, "pages", RANK_PAGES);
	owner.pages = NO_FRAME;
	owner.max_pages = NR_FRAMES;
	atomic_store(&owner.frames_held, 1);
	atomic_store(&owner.cpus, 2);
	next_free = M;
	ck_assert_ptr_eq(alloc_domain_frames(d, 0, 64, INVALID_M2P), &frames[M]);
	flushed = 0;
	nr_cpus = 0;
	word_at_flush = 0;
	validate_rc = invalidate_rc = 0;
	validated = invalidated = 0;
}

/* --- tests ------------------------------------------------------------------------------------- */

static void use_and_leave(u64 type)
{
	ck_assert_int_eq(get_frame_type(&frames[M], type, false), 0);
	ck_assert_int_eq(put_frame_type(&frames[M], false), 0);
}

/*
 * While TLBs are flushed of a table's translations, nobody else may get a writable use: it would be
 * used while a CPU still walks the page as a table.
 */
START_TEST(writable_is_busy_until_flushed)
{
	use_and_leave(FT_L1);
	ck_assert_int_eq(get_frame_type(&frames[M], FT_WRITABLE, false), 0);
	ck_assert_uint_eq(flushed, 2);
	ck_assert_uint_eq(word_at_flush, FT_WRITABLE | 1);
	ck_assert_uint_eq(atomic_load(&frames[M].type), FT_WRITABLE | FT_VALIDATED | 1);
}
END_TEST

START_TEST(table_is_checked_after_the_flush)
{
	use_and_leave(FT_WRITABLE);
	ck_assert_uint_eq(flushed, 0);
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L1, false), 0);
	ck_assert_uint_eq(flushed, 2);
	ck_assert_uint_eq(word_at_flush, FT_L1 | 1);
	ck_assert_uint_eq(validated, 1);
}
END_TEST

START_TEST(same_type_needs_no_flush)
{
	use_and_leave(FT_WRITABLE);
	use_and_leave(FT_WRITABLE);
	use_and_leave(FT_WRITABLE);
	ck_assert_uint_eq(flushed, 0);
}
END_TEST

static void count_in(u32 id)
{
	static struct percpu cpus[2];

	cpu_table[id] = &cpus[id];
	atomic_store(&cpus[id].in_domain, true);
	nr_cpus = id + 1;
}

/* A frame that comes back has forgotten that it was writable, so its flush cannot wait. */
START_TEST(assigned_frame_is_flushed)
{
	use_and_leave(FT_WRITABLE);
	ck_assert_int_eq(steal_frame(d, &frames[M]), 0);
	count_in(1);
	ck_assert_int_eq(assign_frame(d, &frames[M]), 0);
	ck_assert_uint_eq(flushed, 2);
}
END_TEST

/* Another domain may still have it in its TLBs: those are flushed too, once. */
START_TEST(foreign_users_are_flushed)
{
	count_in(1);
	atomic_store(&owner.cpus, 0);
	ck_assert_int_eq(get_frame_type(&frames[M], FT_WRITABLE, false), 0);
	frame_mapped_foreign(&frames[M]);
	ck_assert_int_eq(put_frame_type(&frames[M], false), 0);
	use_and_leave(FT_L1);
	ck_assert_uint_eq(flushed, 2);
	flushed = 0;
	use_and_leave(FT_L2);
	ck_assert_uint_eq(flushed, 0);
}
END_TEST

/* Nobody comes back for a refused L1, so nothing of it may be left; a larger table waits. */
START_TEST(refused_l1_is_undone_at_once)
{
	validate_rc = -EINVAL;
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L1, true), -EINVAL);
	ck_assert_uint_eq(invalidated, 1);
	ck_assert(!frame_in_use(&frames[M]));
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L2, true), -EINVAL);
	ck_assert_uint_eq(atomic_load(&frames[M].type), FT_L2 | FT_PARTIAL | FT_ORPHAN | 1);
	ck_assert_int_eq(clear_orphan(&frames[M], true), 0);
	ck_assert(!frame_in_use(&frames[M]));
}
END_TEST

/* Frames that others hold stay on the list until they let go, and keep nothing else from going. */
START_TEST(frames_are_relinquished)
{
	for (next_free = M + 1; next_free < NR_FRAMES; next_free++)
		ck_assert_ptr_eq(alloc_domain_frames(d, 0, 64, INVALID_M2P), &frames[next_free]);
	for (mfn_t mfn = M + 1; mfn < NR_FRAMES; mfn += 2)
		ck_assert(get_frame(&frames[mfn], d));
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L1, true), 0);
	atomic_fetch_or(&frames[M].type, FT_PINNED);
	ck_assert(get_frame(&frames[M], d));
	nr_freed = 0;
	atomic_store(&owner.dying, DOMAIN_DYING);
	ck_assert_int_eq(relinquish_frames(d), 0);
	ck_assert_uint_eq(owner.tot_pages, (NR_FRAMES - M) / 2);
	ck_assert_uint_eq(nr_freed, NR_FRAMES - M - (NR_FRAMES - M) / 2);
	for (mfn_t mfn = M + 1; mfn < NR_FRAMES; mfn += 2)
		put_frame(&frames[mfn]);
	ck_assert_uint_eq(owner.tot_pages, 0);
	ck_assert_uint_eq(owner.pages, NO_FRAME);
	ck_assert_int_eq(relinquish_frames(d), 0);
}
END_TEST

/* Frames that nobody else refers to go many at a time. */
START_TEST(unused_frames_go_together)
{
	for (next_free = M + 1; next_free < NR_FRAMES; next_free++)
		ck_assert_ptr_eq(alloc_domain_frames(d, 0, 64, INVALID_M2P), &frames[next_free]);
	nr_freed = free_calls = 0;
	atomic_store(&owner.dying, DOMAIN_DYING);
	ck_assert_int_eq(relinquish_frames(d), 0);
	ck_assert_uint_eq(nr_freed, NR_FRAMES - M);
	ck_assert_uint_le(free_calls, 2);
	ck_assert_uint_eq(owner.tot_pages, 0);
	ck_assert_uint_eq(owner.pages, NO_FRAME);
}
END_TEST

/* A pin is dropped though the guest gave its frame back before. */
START_TEST(given_up_pinned_frame_goes)
{
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L1, true), 0);
	ck_assert(get_frame(&frames[M], d));
	atomic_fetch_or(&frames[M].type, FT_PINNED);
	ck_assert(free_by_owner(&frames[M]));
	atomic_store(&owner.dying, DOMAIN_DYING);
	ck_assert_int_eq(relinquish_frames(d), 0);
	ck_assert_uint_eq(owner.tot_pages, 0);
}
END_TEST

/* However many have been given up and are still referred to: what waits for this CPU does not wait. */
START_TEST(given_up_frames_are_passed_by_in_steps)
{
	unsigned calls = 0;

	for (next_free = M + 1; next_free < NR_FRAMES; next_free++)
		ck_assert_ptr_eq(alloc_domain_frames(d, 0, 64, INVALID_M2P), &frames[next_free]);
	for (mfn_t mfn = M; mfn < NR_FRAMES; mfn++) {
		ck_assert(get_frame(&frames[mfn], d));
		ck_assert(free_by_owner(&frames[mfn]));
	}
	atomic_store(&owner.dying, DOMAIN_DYING);
	atomic_store(&this_cpu()->work, 1);
	while (relinquish_frames(d) == -ERESTART)
		calls++;
	atomic_store(&this_cpu()->work, 0);
	ck_assert_uint_ge(calls, 1);
}
END_TEST

/* A pin whose undoing is preempted is a pin no more, and its use is put once. */
START_TEST(preempted_unpin_leaves_no_flag)
{
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L2, true), 0);
	ck_assert(get_frame(&frames[M], d));
	atomic_fetch_or(&frames[M].type, FT_PINNED);
	atomic_store(&owner.dying, DOMAIN_DYING);
	invalidate_rc = -ERESTART;
	ck_assert_int_eq(relinquish_frames(d), -ERESTART);
	ck_assert_uint_eq(atomic_load(&frames[M].type), FT_L2 | FT_PARTIAL | 1);
	ck_assert_int_eq(relinquish_frames(d), -ERESTART);
	invalidate_rc = 0;
	ck_assert_int_eq(relinquish_frames(d), 0);
	ck_assert_uint_eq(owner.tot_pages, 0);
}
END_TEST

/* Undoing a large table takes long: who cannot be preempted is refused until its owner has done it. */
START_TEST(large_orphan_is_left_to_its_owner)
{
	validate_rc = -EINVAL;
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L4, true), -EINVAL);
	ck_assert_int_eq(get_frame_type(&frames[M], FT_WRITABLE, false), -EINVAL);
	ck_assert_uint_eq(invalidated, 0);
	ck_assert_int_eq(clear_orphan(&frames[M], true), 0);
	ck_assert_int_eq(get_frame_type(&frames[M], FT_WRITABLE, false), 0);
	ck_assert_int_eq(put_frame_type(&frames[M], false), 0);
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L2, true), -EINVAL);
	/* One L2 is bearable, but an L1 may name 512 of them. */
	ck_assert_int_eq(get_frame_type(&frames[M], FT_WRITABLE, false), -EINVAL);
	ck_assert_uint_eq(invalidated, 1);
}
END_TEST

/* What another CPU is at work on for long is not waited for while this CPU is wanted elsewhere. */
START_TEST(waiting_ends_when_wanted_elsewhere)
{
	u64 used = FT_L4 | FT_VALIDATED | 2;

	atomic_store(&this_cpu()->work, 1);
	atomic_store(&frames[M].type, FT_L4 | 1);
	ck_assert_int_eq(get_frame_type(&frames[M], FT_L4, true), -ERESTART);
	ck_assert_int_eq(put_frame_type(&frames[M], true), -ERESTART);
	ck_assert_uint_eq(atomic_load(&frames[M].type), FT_L4 | 1);
	atomic_store(&frames[M].type, used | FT_LOCKED);
	ck_assert_int_eq(frame_lock(&frames[M]), -ERESTART);
	atomic_store(&frames[M].type, used);
	ck_assert_int_eq(frame_lock(&frames[M]), 0);
	ck_assert_int_eq(frame_unlock(&frames[M]), 0);
	ck_assert(!frame_lock_leaves(&frames[M]));
	atomic_store(&this_cpu()->work, 0);
}
END_TEST

/* The transition itself: what a second user meets meanwhile. */
START_TEST(second_user_waits)
{
	u64 busy, next;

	ck_assert_int_eq(type_get(FT_L2, FT_WRITABLE, &busy), TYPE_FLUSH);
	ck_assert_int_eq(type_get(busy, FT_WRITABLE, &next), TYPE_WAIT);
	ck_assert_int_eq(type_get(busy, FT_L1, &next), TYPE_REFUSED);
	ck_assert_int_eq(type_get(busy | FT_VALIDATED, FT_WRITABLE, &next), TYPE_DONE);
}
END_TEST

/* Linear entries are counted as far as Xen counts them: one end of 16 bits each way. */
START_TEST(linear_entries_have_an_end)
{
	u64 table = FT_L3 | FT_VALIDATED | 1, named = table, next;
	unsigned entries = 0, uses = 0;

	for (; type_add_linear_entry(table, &next); entries++)
		table = next;
	ck_assert_uint_eq(entries, 32768);
	for (; type_get_linear(named, FT_L3, &next); uses++)
		named = next;
	ck_assert_uint_eq(uses, 32769);
	ck_assert_uint_eq(named & FT_COUNT, 1 + uses);
	ck_assert(!type_get_linear(FT_L3 | FT_VALIDATED | FT_COUNT, FT_L3, &next));
	while (uses--)
		ck_assert_int_eq(type_put(named, true, &named), TYPE_DONE);
	ck_assert_uint_eq(named, FT_L3 | FT_VALIDATED | 1);
	while (entries--)
		table = type_drop_linear_entry(table);
	ck_assert_uint_eq(table, named);
}
END_TEST

static Suite *frame_suite(void)
{
	Suite *s = suite_create("frame");
	TCase *t = tcase_create("types");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, writable_is_busy_until_flushed);
	tcase_add_test(t, table_is_checked_after_the_flush);
	tcase_add_test(t, same_type_needs_no_flush);
	tcase_add_test(t, second_user_waits);
	tcase_add_test(t, linear_entries_have_an_end);
	tcase_add_test(t, assigned_frame_is_flushed);
	tcase_add_test(t, large_orphan_is_left_to_its_owner);
	tcase_add_test(t, frames_are_relinquished);
	tcase_add_test(t, unused_frames_go_together);
	tcase_add_test(t, given_up_pinned_frame_goes);
	tcase_add_test(t, given_up_frames_are_passed_by_in_steps);
	tcase_add_test(t, preempted_unpin_leaves_no_flag);
	tcase_add_test(t, waiting_ends_when_wanted_elsewhere);
	tcase_add_test(t, refused_l1_is_undone_at_once);
	tcase_add_test(t, foreign_users_are_flushed);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(frame_suite)
