/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the parts of the first domain stand: order, alignment, padding, room. */
#include <string.h>

#include "hypervisor/arch/layout.h"
#include "hypervisor/boot/dom0_layout.h"
#include "hypervisor/lib/errno.h"
#include "tests/host/check_main.h"

static struct dom0_layout l;
static const char *why;

static struct pv_kernel kernel(bool is_64, u64 virt_base, u64 size)
{
	struct pv_kernel k = { .virt_base = virt_base, .start = virt_base + MiB(1),
			       .end = virt_base + MiB(1) + size, .p2m_base = NO_ADDR,
			       .hv_start_low = NO_ADDR, .hypercall_page = NO_ADDR };

	k.file.is_64 = is_64;
	return k;
}

static struct pv_kernel kernel32(void)
{
	return kernel(false, 0xc0000000, 300001);
}

static struct pv_kernel kernel64(void)
{
	return kernel(true, 0xffffffff80000000, 20000001);
}

static void check_invariants(const struct pv_kernel *k)
{
	ck_assert_uint_eq(l.start_info & 4095, 0);
	ck_assert_uint_eq(l.tables, l.start_info + 4096);
	ck_assert_uint_eq(l.stack_end, l.tables + (l.nr_tables + 1) * 4096);
	ck_assert_uint_eq(l.end & (MiB(4) - 1), 0);
	ck_assert_uint_ge(l.end - l.stack_end, KiB(512));
	ck_assert_uint_lt(l.end - l.stack_end, KiB(512) + MiB(4));
	ck_assert_uint_ge(l.nr_tables, tables_for(k->virt_base, l.end, l.is_64, true));
	ck_assert_uint_le((l.end - l.virt_base) >> 12, l.nr_pages);
}

START_TEST(counts_tables)
{
	/* One L1 maps 2 MiB; pv32 has four L2s whatever it maps. */
	ck_assert_uint_eq(tables_for(0xc0000000, 0xc0400000, false, true), 2 + 4 + 1);
	ck_assert_uint_eq(tables_for(0xc01ff000, 0xc0201000, false, true), 2 + 4 + 1);
	ck_assert_uint_eq(tables_for(0xffffffff80000000, 0xffffffff80400000, true, true), 5);
	ck_assert_uint_eq(tables_for(0, GiB(1) + 4096, true, true), 513 + 2 + 1 + 1);
	ck_assert_uint_eq(tables_for(0x8000000000, 0x8000200000, true, false), 3);
	ck_assert_uint_eq(tables_for(0x7ffffff000, 0x8000001000, true, false), 6);
}
END_TEST

START_TEST(lays_out_pv32)
{
	struct pv_kernel k = kernel32();

	ck_assert_int_eq(dom0_lay_out(&l, &k, 70000, 16384, &why), 0);
	check_invariants(&k);
	ck_assert_uint_eq(l.initrd, 0xc0000000 + MiB(1) + 303104);
	ck_assert_uint_eq(l.p2m, l.initrd + 73728);
	ck_assert_uint_eq(l.start_info, l.p2m + 16384 * 4);
	ck_assert_uint_eq(l.initrd_pfn, 0);
	ck_assert_uint_eq(l.p2m_pfn, 0);
	ck_assert_uint_eq(l.end, 0xc0400000);
}
END_TEST

START_TEST(lays_out_pv64_with_ramdisk_and_p2m_elsewhere)
{
	struct pv_kernel k = kernel64();

	k.mod_start_pfn = true;
	k.p2m_base = 0x8000000000;
	ck_assert_int_eq(dom0_lay_out(&l, &k, 4097, 262144, &why), 0);
	check_invariants(&k);
	ck_assert_uint_eq(l.start_info, (k.end + 4095) & ~4095ull);
	ck_assert_uint_eq(l.initrd_pfn, (l.end - l.virt_base) >> 12);
	ck_assert_uint_eq(l.p2m_pfn, l.initrd_pfn + 2);
	ck_assert_uint_eq(l.p2m, 0x8000000000);
	ck_assert_uint_eq(l.p2m_frames, 512 + 1 + 1 + 1);
}
END_TEST

START_TEST(without_ramdisk)
{
	struct pv_kernel k = kernel64();

	k.mod_start_pfn = true;
	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 65536, &why), 0);
	check_invariants(&k);
	ck_assert_uint_eq(l.initrd_pfn, 0);
	ck_assert_uint_eq(l.initrd_size, 0);
}
END_TEST

/* Every size keeps the rules; the padding's two cases are both met on the way. */
START_TEST(any_size_keeps_the_rules)
{
	unsigned short_pads = 0, long_pads = 0;

	for (u64 size = 1; size < MiB(9); size += 4096 * 3) {
		struct pv_kernel k = kernel(size & 4096, 0xc0000000, size);

		ck_assert_int_eq(dom0_lay_out(&l, &k, size / 3, 20000, &why), 0);
		check_invariants(&k);
		if (l.end - l.stack_end < MiB(4))
			short_pads++;
		else
			long_pads++;
	}
	ck_assert_uint_gt(short_pads, 0);
	ck_assert_uint_gt(long_pads, 0);
}
END_TEST

START_TEST(refuses_what_does_not_fit)
{
	struct pv_kernel k = kernel32();

	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 1000, &why), -ENOMEM);
	ck_assert_ptr_nonnull(strstr(why, "dom0_mem"));
	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 1024, &why), 0);
	ck_assert_int_eq(dom0_lay_out(&l, &k, MiB(4), 1024, &why), -ENOMEM);
	k = kernel(false, 0xf5000000, MiB(7));
	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 65536, &why), -EINVAL);
	k = kernel32();
	k.hv_start_low = COMPAT_M2P_GUEST + 1;
	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 65536, &why), -EINVAL);
	k.hv_start_low = COMPAT_M2P_GUEST;
	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 65536, &why), 0);
	k.virt_base++;
	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 65536, &why), -EINVAL);
	k = kernel64();
	k.p2m_base = k.virt_base + MiB(22);
	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 65536, &why), -EINVAL);
	/* The last 4 MiB of the address space: padding would wrap. */
	k = kernel(true, 0xffffffffffc00000, MiB(2));
	ck_assert_int_eq(dom0_lay_out(&l, &k, 0, 65536, &why), -EINVAL);
}
END_TEST

START_TEST(chooses_memory)
{
	struct dom0_mem ask = { 0 };
	u64 gib = GiB(1) >> 12;

	ck_assert_uint_eq(dom0_pages(&ask, 4 * gib), MiB(256) >> 12);
	ck_assert_uint_eq(dom0_pages(&ask, gib / 2), MiB(128) >> 12);
	ask.size = MiB(300);
	ck_assert_uint_eq(dom0_pages(&ask, 4 * gib), MiB(300) >> 12);
	/* A sixteenth, up to 128 MiB, stays with the hypervisor. */
	ck_assert_uint_eq(dom0_pages(&ask, MiB(160) >> 12), MiB(150) >> 12);
	ask.size = GiB(64);
	ck_assert_uint_eq(dom0_pages(&ask, 32 * gib), 32 * gib - (MiB(128) >> 12));
	ask.size = -(s64)MiB(100);
	ck_assert_uint_eq(dom0_pages(&ask, gib), gib - (MiB(100) >> 12));
	ck_assert_uint_eq(dom0_pages(&ask, 1000), 0);
	ask.max = MiB(500);
	ck_assert_uint_eq(dom0_pages(&ask, gib), MiB(500) >> 12);
	ask.size = MiB(10);
	ask.min = MiB(64);
	ck_assert_uint_eq(dom0_pages(&ask, gib), MiB(64) >> 12);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dom0_layout");
	TCase *t = tcase_create("layout");

	tcase_add_test(t, counts_tables);
	tcase_add_test(t, lays_out_pv32);
	tcase_add_test(t, lays_out_pv64_with_ramdisk_and_p2m_elsewhere);
	tcase_add_test(t, without_ramdisk);
	tcase_add_test(t, any_size_keeps_the_rules);
	tcase_add_test(t, refuses_what_does_not_fit);
	tcase_add_test(t, chooses_memory);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
