/* SPDX-License-Identifier: GPL-2.0-only */
/* The mini-OS's page allocator: alignment, exact accounting, merging back to what it was. */
#include <stdlib.h>
#include <string.h>
#include <minios/pages.h>
#include "tests/host/check_main.h"
#include "tests/host/fake_minios.h"

#define PAGES 1000

static uint8_t states[PAGES];
static char *memory;

static void setup(void)
{
	memory = aligned_alloc(PAGE_SIZE, PAGES * PAGE_SIZE);
	fake_memory = (uintptr_t)memory;
	pages_init(states, PAGES);
}

static void teardown(void)
{
	/* Everything back, so that the next test begins with no page counted as free. */
	while (page_alloc())
		;
	ck_assert_uint_eq(pages_free_count(), 0);
	ck_assert(!fake_masked);
	free(memory);
}

START_TEST(only_what_was_added)
{
	pages_add(3, 10);
	ck_assert_uint_eq(pages_free_count(), 7);
	ck_assert_uint_eq(pages_end(), PAGES);
	/* 4-7 is the only aligned block of four. */
	ck_assert_uint_eq(virt_to_pfn(pages_alloc(2)), 4);
	ck_assert_ptr_null(pages_alloc(2));
	ck_assert_uint_eq(virt_to_pfn(pages_alloc(1)), 8);
	ck_assert_uint_eq(virt_to_pfn(pages_alloc(0)), 3);
	ck_assert_ptr_null(pages_alloc(0));
}
END_TEST

/* Random takes and gives; pages carry a mark of their block, so an overlap shows. */
START_TEST(random_use)
{
	struct {
		char *at;
		unsigned int order;
	} held[64] = { { NULL, 0 } };
	unsigned long before, taken = 0;
	unsigned int i, k;

	srand(7);
	pages_add(1, PAGES);
	before = pages_free_count();
	for (i = 0; i < 20000; i++) {
		k = rand() % 64;
		if (held[k].at) {
			ck_assert_int_eq(held[k].at[0], (char)k);
			ck_assert_int_eq(held[k].at[((size_t)PAGE_SIZE << held[k].order) - 1],
					 (char)k);
			pages_free(held[k].at, held[k].order);
			taken -= 1ul << held[k].order;
			held[k].at = NULL;
		} else {
			held[k].order = rand() % 5;
			held[k].at = pages_alloc(held[k].order);
			if (!held[k].at)
				continue;
			ck_assert_uint_eq(virt_to_pfn(held[k].at) & ((1u << held[k].order) - 1), 0);
			memset(held[k].at, k, (size_t)PAGE_SIZE << held[k].order);
			taken += 1ul << held[k].order;
		}
		ck_assert_uint_eq(pages_free_count(), before - taken);
	}
	for (k = 0; k < 64; k++)
		if (held[k].at)
			pages_free(held[k].at, held[k].order);
	/* All merged again: 512-999 begins with a block of 256. */
	ck_assert_uint_eq(pages_free_count(), before);
	ck_assert_ptr_nonnull(pages_alloc(8));
}
END_TEST

START_TEST(zeroed)
{
	char *p;

	memset(memory, 0xff, PAGE_SIZE);
	pages_add(0, 1);
	p = page_alloc_zero();
	ck_assert_ptr_nonnull(p);
	for (int i = 0; i < PAGE_SIZE; i++)
		ck_assert_int_eq(p[i], 0);
	ck_assert_ptr_null(page_alloc_zero());
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("minios_pages");
	TCase *t = tcase_create("pages");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, only_what_was_added);
	tcase_add_test(t, random_use);
	tcase_add_test(t, zeroed);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
