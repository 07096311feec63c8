/* SPDX-License-Identifier: GPL-2.0-only */
/* mm/alloc.c and mm/kalloc.c over a small piece of memory, with every frame's use followed. */
#include "hypervisor/mm/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hypervisor/mm/frame.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_cpu.h"

#define FRAMES	1024
#define LARGEST_CLASS 1984	/* what is larger has pages of its own */
#define HOLE	300		/* a frame that is never given to the allocator */

struct frame *frame_table;
static char *memory;
static bool used[FRAMES];

void *mfn_to_virt(mfn_t mfn)
{
	return memory + mfn * PAGE_SIZE;
}

mfn_t virt_to_mfn(const void *virt)
{
	return ((const char *)virt - memory) / PAGE_SIZE;
}

/* Frames 7 .. 1023 without the hole: neither end is aligned to much. */
static void setup(void)
{
	static struct frame table[FRAMES];

	if (frame_table)
		return;
	memory = mmap(NULL, FRAMES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	frame_table = table;
	max_mfn = FRAMES;
	for (unsigned i = 0; i < FRAMES; i++)
		table[i].flags = FRAME_UNMANAGED;
	alloc_add_range(7, HOLE);
	alloc_add_range(HOLE + 1, FRAMES);
}

static void take(mfn_t mfn, unsigned order)
{
	ck_assert_uint_eq(mfn & ((1u << order) - 1), 0);
	for (mfn_t i = mfn; i < mfn + (1u << order); i++) {
		ck_assert(i >= 7 && i < FRAMES && i != HOLE && !used[i]);
		used[i] = true;
	}
}

static void give(mfn_t mfn, unsigned order)
{
	for (mfn_t i = mfn; i < mfn + (1u << order); i++)
		used[i] = false;
	free_frames(mfn, order);
}

START_TEST(all_frames_singly)
{
	u64 total = free_frame_count();
	mfn_t got[FRAMES];
	unsigned n = 0;

	ck_assert_uint_eq(total, FRAMES - 8);
	ck_assert_uint_eq(total_frames, FRAMES - 8);
	while ((got[n] = alloc_frames(0)) != INVALID_MFN)
		take(got[n++], 0);
	ck_assert_uint_eq(n, total);
	ck_assert_uint_eq(free_frame_count(), 0);
	for (unsigned i = 0; i < n; i += 2)
		give(got[i], 0);
	for (unsigned i = 1; i < n; i += 2)
		give(got[i], 0);
	ck_assert_uint_eq(free_frame_count(), total);
	/* All were joined again: 512 .. 1023 is one block. */
	got[0] = alloc_frames(9);
	ck_assert_uint_eq(got[0], 512);
	free_frames(got[0], 9);
}
END_TEST

START_TEST(random_blocks)
{
	struct { mfn_t mfn; unsigned order; } held[200];
	unsigned nr = 0, seed = 7;
	u64 total = free_frame_count();

	for (int round = 0; round < 20000; round++) {
		seed = seed * 1103515245 + 12345;
		if (nr < 200 && seed & 0x10000) {
			unsigned order = (seed >> 20) % 6;
			mfn_t mfn = alloc_frames(order);

			if (mfn == INVALID_MFN)
				continue;
			take(mfn, order);
			held[nr].mfn = mfn;
			held[nr++].order = order;
		} else if (nr) {
			unsigned i = (seed >> 17) % nr;

			give(held[i].mfn, held[i].order);
			held[i] = held[--nr];
		}
	}
	while (nr--)
		give(held[nr].mfn, held[nr].order);
	ck_assert_uint_eq(free_frame_count(), total);
}
END_TEST

/* High frames first, and none above a limit. */
START_TEST(below_a_limit)
{
	mfn_t high = alloc_frames(0), low[256], frame;
	unsigned n = 0;

	ck_assert_uint_ge(high, 512);
	free_frames(high, 0);
	while ((frame = alloc_frames_below(0, PAGE_SHIFT + 8)) != INVALID_MFN) {
		take(frame, 0);
		ck_assert_uint_lt(frame, 256);
		low[n++] = frame;
	}
	ck_assert_uint_eq(n, 256 - 7);
	ck_assert_uint_eq(alloc_frames_below(0, PAGE_SHIFT), INVALID_MFN);
	ck_assert_uint_eq(alloc_frames_below(0, 0), INVALID_MFN);
	while (n)
		give(low[--n], 0);
	frame = alloc_frames_below(3, 64);
	ck_assert_uint_ge(frame, 512);
	free_frames(frame, 3);
}
END_TEST

START_TEST(what_cannot_be)
{
	mfn_t mfn = alloc_frames(0);

	ck_assert_uint_eq(alloc_frames(10), INVALID_MFN);
	ck_assert_uint_eq(alloc_frames(MAX_ORDER), INVALID_MFN);
	ck_assert_uint_eq(alloc_frames(MAX_ORDER + 1), INVALID_MFN);
	ck_assert_uint_eq(alloc_frames(100), INVALID_MFN);
	free_frames(mfn, 0);
}
END_TEST

static mfn_t flushed_mfn;
static unsigned flushed_order;

void flush_former_users(struct frame *frame, unsigned order)
{
	flushed_mfn = frame_to_mfn(frame);
	flushed_order = order;
}

/* What the hypervisor takes for itself, a guest that had it must not reach by a stale TLB entry. */
START_TEST(pages_are_flushed)
{
	u8 *page;

	flushed_mfn = INVALID_MFN;
	page = alloc_pages(2);
	ck_assert_uint_eq(flushed_mfn, virt_to_mfn(page));
	ck_assert_uint_eq(flushed_order, 2);
	free_pages(page, 2);
}
END_TEST

START_TEST(pages_are_zeroed)
{
	u8 *page = alloc_pages(1);

	for (unsigned i = 0; i < 2 * PAGE_SIZE; i++)
		ck_assert_uint_eq(page[i], 0);
	memset(page, 0xff, 2 * PAGE_SIZE);
	free_pages(page, 1);
	page = alloc_pages(1);
	for (unsigned i = 0; i < 2 * PAGE_SIZE; i++)
		ck_assert_uint_eq(page[i], 0);
	free_pages(page, 1);
}
END_TEST

/* Every size up to beyond a page: zeroed, aligned as promised, apart from all others. */
START_TEST(objects_of_all_sizes)
{
	u64 total = free_frame_count();
	static u8 *objects[5000];

	for (size_t size = 1; size < 5000; size += 7) {
		u8 *p = objects[size] = kalloc(size);

		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % (size >= 64 ? 64 : 16), 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_uint_eq(p[i], 0);
		memset(p, (u8)size, size);
	}
	for (size_t size = 1; size < 5000; size += 7) {
		for (size_t i = 0; i < size; i++)
			ck_assert_uint_eq(objects[size][i], (u8)size);
		kfree(objects[size]);
	}
	kfree(NULL);
	/* One page a class may be kept. */
	ck_assert_uint_ge(free_frame_count() + 13, total);
}
END_TEST

START_TEST(objects_do_not_leak_pages)
{
	void *objects[100];
	u64 before, after;

	kfree(kalloc(64));
	before = free_frame_count();
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 100; i++)
			objects[i] = kalloc(64);
		for (int i = 0; i < 100; i++)
			kfree(objects[(i * 37) % 100]);
	}
	after = free_frame_count();
	ck_assert_uint_eq(before, after);
}
END_TEST

/* What their pages hold back and what is free make up the whole. */
START_TEST(objects_are_counted)
{
	static const size_t sizes[] = { 1, 16, 200, 1000, LARGEST_CLASS, LARGEST_CLASS + 1 };
	void *objects[ARRAY_SIZE(sizes)][10];
	u64 before, pages_before, count, pages, free = free_frame_count();

	kalloc_count(&before, &pages_before);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int j = 0; j < 10; j++)
			objects[i][j] = kalloc(sizes[i]);
	kalloc_count(&count, &pages);
	ck_assert_uint_eq(count, before + 10 * (ARRAY_SIZE(sizes) - 1));
	ck_assert_uint_eq(free + pages_before, free_frame_count() + pages + 10);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int j = 0; j < 10; j++)
			kfree(objects[i][j]);
	kalloc_count(&count, &pages);
	ck_assert_uint_eq(count, before);
	ck_assert_uint_eq(free + pages_before, free_frame_count() + pages);
}
END_TEST

START_TEST(exhaustion)
{
	u64 before = free_frame_count();
	void *list = NULL;
	void **p;

	while ((p = kalloc(1500))) {
		*p = list;
		list = p;
	}
	ck_assert_ptr_null(kalloc(PAGE_SIZE));
	ck_assert_ptr_null(alloc_pages(0));
	while (list) {
		p = list;
		list = *p;
		kfree(p);
	}
	ck_assert_uint_ge(free_frame_count() + 1, before);
	ck_assert_ptr_null(kalloc(MiB(64)));
	ck_assert_ptr_null(kalloc(~(size_t)0));
}
END_TEST

/* With all else taken, so that the frame stays a block by itself. */
START_TEST(freeing_twice_is_caught)
{
	mfn_t mfn = INVALID_MFN, next;

	while ((next = alloc_frames(0)) != INVALID_MFN)
		mfn = next;
	ck_assert_uint_ne(mfn, INVALID_MFN);
	free_frames(mfn, 0);
	ck_assert(MEETS_BUG(free_frames(mfn, 0)));
	/* The lock is still held and the frames are gone; nobody comes after this test. */
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("alloc");
	TCase *t = tcase_create("alloc");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, all_frames_singly);
	tcase_add_test(t, random_blocks);
	tcase_add_test(t, below_a_limit);
	tcase_add_test(t, what_cannot_be);
	tcase_add_test(t, pages_are_zeroed);
	tcase_add_test(t, objects_of_all_sizes);
	tcase_add_test(t, pages_are_flushed);
	tcase_add_test(t, objects_do_not_leak_pages);
	tcase_add_test(t, objects_are_counted);
	tcase_add_test(t, exhaustion);
	tcase_add_test(t, freeing_twice_is_caught);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
