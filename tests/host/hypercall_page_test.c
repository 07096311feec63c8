/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypercall page, instruction by instruction. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/domain/hypercall_page.h"
#include "pvabi/xen.h"
#include "tests/host/check_main.h"

static u8 page[4096];

static void expect(unsigned number, const char *bytes, size_t len)
{
	const u8 *slot = page + number * 32;

	ck_assert_mem_eq(slot, bytes, len);
	for (size_t i = len; i < 32; i++)
		ck_assert_uint_eq(slot[i], 0xcc);
}

START_TEST(pv64)
{
	hypercall_page_fill(page, false);
	expect(0, "\x51\x41\x53\xb8\0\0\0\0\x0f\x05\x41\x5b\x59\xc3", 14);
	expect(127, "\x51\x41\x53\xb8\x7f\0\0\0\x0f\x05\x41\x5b\x59\xc3", 14);
	expect(__HYPERVISOR_iret, "\x51\x41\x53\x50\xb8\x17\0\0\0\x0f\x05", 11);
}
END_TEST

START_TEST(pv32)
{
	hypercall_page_fill(page, true);
	expect(18, "\xb8\x12\0\0\0\xcd\x82\xc3", 8);
	expect(__HYPERVISOR_iret, "\x50\xb8\x17\0\0\0\xcd\x82", 8);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("hypercall_page");
	TCase *t = tcase_create("page");

	tcase_add_test(t, pv64);
	tcase_add_test(t, pv32);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
