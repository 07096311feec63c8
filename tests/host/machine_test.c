/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/machine.c: regions in any order give one sorted list where the more reserved type wins. */
#include "hypervisor/arch/machine.h"

#include "tests/host/check_main.h"

#define SPACE 48

static struct machine_map map;

static void reset(void)
{
	map.nr = 0;
}

static void expect(u32 i, u64 start, u64 size, u32 type)
{
	ck_assert_uint_lt(i, map.nr);
	ck_assert_uint_eq(map.region[i].start, start);
	ck_assert_uint_eq(map.region[i].size, size);
	ck_assert_uint_eq(map.region[i].type, type);
}

START_TEST(sorted_and_joined)
{
	machine_map_add(&map, 0x2000, 0x1000, RAM_USABLE);
	machine_map_add(&map, 0, 0x1000, RAM_USABLE);
	machine_map_add(&map, 0x1000, 0x1000, RAM_USABLE);
	ck_assert_uint_eq(map.nr, 1);
	expect(0, 0, 0x3000, RAM_USABLE);
}
END_TEST

START_TEST(reserved_cuts_usable)
{
	machine_map_add(&map, 0, 0x10000, RAM_USABLE);
	machine_map_add(&map, 0x4000, 0x1000, RAM_RESERVED);
	machine_map_add(&map, 0x4800, 0x2000, RAM_USABLE);
	ck_assert_uint_eq(map.nr, 3);
	expect(0, 0, 0x4000, RAM_USABLE);
	expect(1, 0x4000, 0x1000, RAM_RESERVED);
	expect(2, 0x5000, 0xb000, RAM_USABLE);
}
END_TEST

START_TEST(ends_of_the_address_space)
{
	ck_assert(machine_map_add(&map, 0xfffffffffffff000, 0x2000, RAM_RESERVED));
	ck_assert(machine_map_add(&map, 0, 0, RAM_USABLE));
	ck_assert_uint_eq(map.nr, 1);
	expect(0, 0xfffffffffffff000, 0xfff, RAM_RESERVED);
}
END_TEST

START_TEST(unknown_types_are_reserved)
{
	machine_map_add(&map, 0, 0x1000, 7);
	machine_map_add(&map, 0x1000, 0x1000, 0);
	ck_assert_uint_eq(map.nr, 1);
	expect(0, 0, 0x2000, RAM_RESERVED);
}
END_TEST

START_TEST(full)
{
	bool ok = true;

	for (u64 i = 0; i < 2 * MACHINE_MAP_MAX && ok; i++)
		ok = machine_map_add(&map, i * 0x2000, 0x1000, RAM_USABLE);
	ck_assert(!ok);
	ck_assert_uint_le(map.nr, MACHINE_MAP_MAX);
	ck_assert(!machine_map_add(&map, 0x400, 0x100, RAM_BAD));
}
END_TEST

/* Against an array with one type per unit. */
START_TEST(agrees_with_an_array)
{
	static const u8 strength[] = { 0, 1, 4, 2, 3, 5 };	/* by type; 0: nothing there */
	unsigned seed = 99;

	for (int round = 0; round < 500; round++) {
		u8 plain[SPACE] = { 0 };

		reset();
		for (int n = 0; n < 8; n++) {
			u32 start, size, type;

			seed = seed * 1103515245 + 12345;
			start = (seed >> 8) % SPACE;
			size = (seed >> 16) % (SPACE - start) + 1;
			type = (seed >> 24) % 5 + 1;
			ck_assert(machine_map_add(&map, start, size, type));
			for (u32 i = start; i < start + size; i++)
				if (strength[type] > strength[plain[i]])
					plain[i] = type;
		}
		for (u32 i = 0; i < map.nr; i++) {
			const struct machine_region *r = &map.region[i];

			if (i)
				ck_assert_uint_ge(r->start, r[-1].start + r[-1].size);
			for (u64 at = r->start; at < r->start + r->size; at++) {
				ck_assert_uint_eq(plain[at], r->type);
				plain[at] = 0;
			}
		}
		for (u32 i = 0; i < SPACE; i++)
			ck_assert_uint_eq(plain[i], 0);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("machine");
	TCase *t = tcase_create("machine");

	tcase_add_checked_fixture(t, reset, NULL);
	tcase_add_test(t, sorted_and_joined);
	tcase_add_test(t, reserved_cuts_usable);
	tcase_add_test(t, ends_of_the_address_space);
	tcase_add_test(t, unknown_types_are_reserved);
	tcase_add_test(t, full);
	tcase_add_test(t, agrees_with_an_array);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
