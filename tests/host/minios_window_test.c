/* SPDX-License-Identifier: GPL-2.0-only */
/* The map window: no overlap, reuse, and a refusal when no run is long enough. */
#include <minios/mm.h>
#include "tests/host/check_main.h"

START_TEST(whole)
{
	void *all = window_alloc(WINDOW_PAGES);

	ck_assert_ptr_eq(all, (void *)WINDOW_START);
	ck_assert_ptr_null(window_alloc(1));
	window_free(all, WINDOW_PAGES);
	ck_assert_ptr_null(window_alloc(WINDOW_PAGES + 1));
	ck_assert_ptr_null(window_alloc(0));
}
END_TEST

START_TEST(holes)
{
	char *part[WINDOW_PAGES / 8];
	unsigned int i;

	for (i = 0; i < WINDOW_PAGES / 8; i++) {
		part[i] = window_alloc(8);
		ck_assert_ptr_eq(part[i], (char *)WINDOW_START + i * 8 * PAGE_SIZE);
	}
	/* Every second part free: 8 pages fit, 9 do not, 16 only where neighbours are free. */
	for (i = 0; i < WINDOW_PAGES / 8; i += 2)
		window_free(part[i], 8);
	ck_assert_ptr_null(window_alloc(9));
	ck_assert_ptr_eq(window_alloc(8), part[0]);
	window_free(part[1], 8);
	ck_assert_ptr_eq(window_alloc(16), part[1]);
	ck_assert_ptr_null(window_alloc(16));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("minios_window");
	TCase *t = tcase_create("window");

	/* In this order: the second leaves the window in pieces. */
	tcase_add_test(t, whole);
	tcase_add_test(t, holes);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
