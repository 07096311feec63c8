/* SPDX-License-Identifier: GPL-2.0-only */
/* Directories: a random B-tree against a sorted array, with older versions that must not change. */
#include <stdio.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "xenstore-lite/directory.h"
#include "xenstore-lite/memory.h"

static struct accounts accounts;
static struct perms_table table;
static struct perms *perms;
static struct memory_use at_start;

static void set_up(void)
{
	static const struct perm owner = {0, PERM_NONE};

	accounts_init(&accounts);
	perms_table_init(&table, &accounts);
	at_start = memory_use();
	perms = perms_get(&table, &owner, 1);
}

static void tear_down(void)
{
	while (node_reap(1000))
		;
	perms_put(perms);
	ck_assert_uint_eq(memory_use().bytes, at_start.bytes);
}

static struct node *named(const char *name)
{
	return node_new(name, strlen(name), perms, "v", 1);
}

static void add(struct page **root, const char *name)
{
	ck_assert(directory_prepare_add(root, name, strlen(name)));
	directory_add(*root, named(name));
}

static void take_out(struct page **root, const char *name)
{
	ck_assert_ptr_nonnull(directory_own(root, name, strlen(name)));
	directory_remove(root, name, strlen(name));
}

/* A directory hangs below a node, and goes with it. */
static void drop(struct page *root)
{
	struct node *node = named("");

	node->children = root;
	node_put(node);
}

START_TEST(test_empty)
{
	ck_assert_ptr_null(directory_find(NULL, "a", 1));
	ck_assert_ptr_null(directory_at(NULL, 0));
	ck_assert_uint_eq(directory_index_of_byte(NULL, 0), 0);
	ck_assert(directory_check(NULL));
}
END_TEST

START_TEST(test_order)
{
	static const char *const names[] = {"b", "a", "ab", "B", "10", "9", "a-", "a_"};
	static const char *const sorted[] = {"10", "9", "B", "a", "a-", "a_", "ab", "b"};
	struct page *root = NULL;
	unsigned int i;

	for (i = 0; i < 8; i++)
		add(&root, names[i]);
	ck_assert(directory_check(root));
	ck_assert_uint_eq(directory_bytes(root), 20);
	for (i = 0; i < 8; i++) {
		struct node *node = directory_at(root, i);

		ck_assert_uint_eq(node->name_len, strlen(sorted[i]));
		ck_assert_mem_eq(node_name(node), sorted[i], node->name_len);
	}
	drop(root);
}
END_TEST

START_TEST(test_offsets)
{
	struct page *root = NULL;
	unsigned int i, index;
	size_t offset = 0;
	char name[16];

	for (i = 0; i < 3000; i++) {
		sprintf(name, "%u", i);
		add(&root, name);
	}
	for (i = 0; i < 3000; i++) {
		ck_assert_uint_eq(directory_index_of_byte(root, offset), i);
		index = directory_index_of_byte(root, offset + 1);
		ck_assert_uint_eq(index, i + 1);
		offset += directory_at(root, i)->name_len + 1;
	}
	ck_assert_uint_eq(offset, directory_bytes(root));
	drop(root);
}
END_TEST

#define NAMES 2000

static uint32_t seed = 12345;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void check_against(struct page *root, const bool *present)
{
	unsigned int i, count = 0;
	char name[16];

	ck_assert(directory_check(root));
	for (i = 0; i < NAMES; i++) {
		sprintf(name, "n%u", i);
		ck_assert_int_eq(!!directory_find(root, name, strlen(name)), present[i]);
		count += present[i];
	}
	ck_assert_uint_eq(directory_count(root), count);
}

/* One version is kept while the other changes; then they change roles. */
START_TEST(test_random)
{
	static bool present[NAMES], kept_present[NAMES];
	struct page *root = NULL, *kept = NULL;
	unsigned int round, i;
	char name[16];

	for (round = 0; round < 40; round++) {
		/* Grows and shrinks by turns. */
		unsigned int bias = round / 8 % 2 ? 3 : 7;

		for (i = 0; i < 500; i++) {
			unsigned int which = draw(NAMES);
			bool wanted = draw(10) < bias;

			if (wanted == present[which])
				continue;
			sprintf(name, "n%u", which);
			if (wanted)
				add(&root, name);
			else
				take_out(&root, name);
			present[which] = wanted;
		}
		check_against(root, present);
		check_against(kept, kept_present);
		if (kept)
			drop(kept);
		kept = root;
		if (kept)
			kept->ref++;
		memcpy(kept_present, present, sizeof(present));
	}
	for (i = 0; i < NAMES; i++) {
		sprintf(name, "n%u", i);
		if (present[i])
			take_out(&root, name);
	}
	ck_assert_ptr_null(root);
	check_against(kept, kept_present);
	if (kept)
		drop(kept);
}
END_TEST

/* Names in order fill their pages: memory per child is what a pointer needs, and little more. */
START_TEST(test_ordered_fill)
{
	struct page *root = NULL;
	size_t before = memory_use().bytes, nodes = 0;
	unsigned int i;
	char name[16];

	for (i = 0; i < 10000; i++) {
		sprintf(name, "%05u", i);
		add(&root, name);
		nodes += sizeof(struct node) + 6;
	}
	ck_assert_uint_lt(memory_use().bytes - before - nodes, 10000 * 11);
	drop(root);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("xenstore directory");
	TCase *tc = tcase_create("directory");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_empty);
	tcase_add_test(tc, test_order);
	tcase_add_test(tc, test_offsets);
	tcase_add_test(tc, test_random);
	tcase_add_test(tc, test_ordered_fill);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
