/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/list.h. */
#include "hypervisor/lib/list.h"
#include "tests/host/check_main.h"

struct item {
	int value;
	struct list link;
};

static void expect(struct list *head, int nr, const int *values)
{
	struct item *pos;
	int i = 0;

	list_for_each(pos, head, link) {
		ck_assert_int_lt(i, nr);
		ck_assert_int_eq(pos->value, values[i++]);
	}
	ck_assert_int_eq(i, nr);
	ck_assert_int_eq(list_empty(head), nr == 0);
}

START_TEST(order_of_insertion)
{
	struct list head = LIST_INIT(head);
	struct item a = { .value = 1 }, b = { .value = 2 }, c = { .value = 3 };

	expect(&head, 0, NULL);
	list_append(&b.link, &head);
	list_append(&c.link, &head);
	list_add_before(&a.link, &b.link);
	expect(&head, 3, (int[]){ 1, 2, 3 });
	ck_assert_ptr_eq(list_first(&head, struct item, link), &a);
}
END_TEST

START_TEST(removal)
{
	struct list head;
	struct item items[4], *pos, *tmp;

	list_init(&head);
	for (int i = 0; i < 4; i++) {
		items[i].value = i;
		list_append(&items[i].link, &head);
	}
	list_remove(&items[0].link);
	list_remove(&items[0].link);
	expect(&head, 3, (int[]){ 1, 2, 3 });
	list_for_each_safe(pos, tmp, &head, link)
		if (pos->value != 2)
			list_remove(&pos->link);
	expect(&head, 1, (int[]){ 2 });
	list_add_before(&items[0].link, &items[2].link);
	expect(&head, 2, (int[]){ 0, 2 });
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("list");
	TCase *t = tcase_create("list");

	tcase_add_test(t, order_of_insertion);
	tcase_add_test(t, removal);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
