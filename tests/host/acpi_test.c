/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/acpi.c on tables made here, whole and damaged. Memory is one allocation of exactly what the
 * reader admits, so the sanitizer sees every byte read too many.
 */
#include "hypervisor/arch/acpi.h"

#include <stdlib.h>
#include <string.h>

#include "tests/host/check_main.h"

#define BASE	0x7fe0000
#define SIZE	4096

static u8 *memory;
static u32 used;
static struct acpi_info info;
static u8 rsdp[36];

static const void *reader(u64 at, u64 len)
{
	if (at < BASE || at - BASE > SIZE || len > SIZE - (at - BASE))
		return NULL;
	return memory + (at - BASE);
}

static void fix_sum(u8 *data, u32 len, u32 sum_at)
{
	u8 sum = 0;

	data[sum_at] = 0;
	for (u32 i = 0; i < len; i++)
		sum += data[i];
	data[sum_at] = -sum;
}

/* Header of 36 bytes, then @body; returns its machine address. */
static u64 put_table(const char *signature, const void *body, u32 len)
{
	u8 *t = memory + used;
	u32 total = len + 36;
	u64 at = BASE + used;

	ck_assert_uint_le(used + total, SIZE);
	memcpy(t, signature, 4);
	memcpy(t + 4, &total, 4);
	memcpy(t + 36, body, len);
	fix_sum(t, total, 9);
	used += (total + 7) & ~7u;
	return at;
}

static void set32(u8 *p, u32 value)
{
	memcpy(p, &value, 4);
}

static void set64(u8 *p, u64 value)
{
	memcpy(p, &value, 8);
}

static u64 put_madt(void)
{
	static const u8 entries[] = {
		0, 0, 0, 0, 0, 0, 0, 0,				/* address, flags: set below */
		0, 8, 0, 0, 1, 0, 0, 0,				/* CPU: ACPI 0, APIC 0 */
		0, 8, 1, 4, 1, 0, 0, 0,				/* CPU: ACPI 1, APIC 4 */
		0, 8, 2, 9, 0, 0, 0, 0,				/* not enabled */
		9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, /* x2APIC id 256, ACPI 7 */
		9, 16, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, /* APIC 4 again */
		1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,	/* I/O APIC at 0xfec00000 */
		2, 10, 0, 0, 2, 0, 0, 0, 0, 0,			/* ISA 0 is GSI 2 */
		2, 10, 0, 9, 9, 0, 0, 0, 0x0d, 0,		/* ISA 9: level, high */
		2, 10, 0, 5, 5, 0, 0, 0, 0x0f, 0,		/* ISA 5: level, low */
		2, 10, 0, 99, 5, 0, 0, 0, 0x0f, 0,		/* no such ISA interrupt */
	};
	u8 body[sizeof(entries)];

	memcpy(body, entries, sizeof(body));
	set32(body, 0xfee00000);
	return put_table("APIC", body, sizeof(body));
}

/* As QEMU words it: Name (_S5, Package (4) { 5, One, Zero, Zero }). */
static u64 put_dsdt(void)
{
	static const u8 aml[] = { 0x10, 0x20, 0x08, '_', 'S', '5', '_', 0x12, 0x07, 0x04,
				  0x0a, 0x05, 0x01, 0x00, 0x00, 0x00 };

	return put_table("DSDT", aml, sizeof(aml));
}

static u64 put_fadt(u64 dsdt)
{
	u8 t[244] = { 0 };	/* offsets of the specification count from the header, of 36 bytes */

	set32(t + 40, (u32)dsdt);
	t[46] = 9;
	set32(t + 48, 0xb2);
	t[52] = 0xf1;
	set32(t + 56, 0x600);
	set32(t + 64, 0x604);
	set32(t + 112, 1 << 10 | 1 << 8);
	t[116] = 1;
	t[117] = 8;
	set64(t + 120, 0xcf9);
	t[128] = 0x0f;
	t[208] = 1;		/* PM timer only in the newer form */
	set64(t + 212, 0x608);
	return put_table("FACP", t + 36, sizeof(t) - 36);
}

static u64 put_hpet(void)
{
	u8 body[20] = { 0 };

	set64(body + 8, 0xfed00000);
	return put_table("HPET", body, sizeof(body));
}

static void put_rsdp(u64 rsdt, u64 xsdt)
{
	memset(rsdp, 0, sizeof(rsdp));
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = xsdt ? 2 : 0;
	set32(rsdp + 16, (u32)rsdt);
	set32(rsdp + 20, 36);
	set64(rsdp + 24, xsdt);
	fix_sum(rsdp, 20, 8);
}

static void setup(void)
{
	u64 tables[4];
	u32 short_tables[3];

	memory = calloc(1, SIZE);
	used = 0;
	memset(&info, 0, sizeof(info));
	tables[0] = put_madt();
	tables[1] = put_fadt(put_dsdt());
	tables[2] = put_hpet();
	tables[3] = 0xdead0000;		/* out of reach */
	for (int i = 0; i < 3; i++)
		short_tables[i] = (u32)tables[i];
	put_rsdp(put_table("RSDT", short_tables, sizeof(short_tables)),
		 put_table("XSDT", tables, sizeof(tables)));
}

static void teardown(void)
{
	free(memory);
}

static void expect_all(void)
{
	ck_assert_uint_eq(info.nr_tables, 3);
	ck_assert_uint_eq(info.nr_cpus, 3);
	ck_assert_uint_eq(info.cpus[1].apic_id, 4);
	ck_assert_uint_eq(info.cpus[1].acpi_id, 1);
	ck_assert_uint_eq(info.cpus[2].apic_id, 256);
	ck_assert_uint_eq(info.cpus[2].acpi_id, 7);
	ck_assert_uint_eq(info.lapic_address, 0xfee00000);
	ck_assert_uint_eq(info.nr_ioapics, 1);
	ck_assert_uint_eq(info.ioapics[0].address, 0xfec00000);
	ck_assert_uint_eq(info.isa[0].gsi, 2);
	ck_assert(info.isa[9].level && !info.isa[9].low);
	ck_assert(info.isa[5].level && info.isa[5].low);
	ck_assert_uint_eq(info.isa[4].gsi, 4);
	ck_assert(!info.isa[4].level && !info.isa[4].low);
	ck_assert_uint_eq(info.pm1a_control, 0x604);
	ck_assert_uint_eq(info.pm_timer_port, 0x608);
	ck_assert(info.pm_timer_32bit);
	ck_assert_uint_eq(info.reset.address, 0xcf9);
	ck_assert_uint_eq(info.reset_value, 0x0f);
	ck_assert_uint_eq(info.hpet_address, 0xfed00000);
	ck_assert(info.has_s5);
	ck_assert_uint_eq(info.s5_type_a, 5);
	ck_assert_uint_eq(info.s5_type_b, 1);
}

START_TEST(by_xsdt)
{
	ck_assert_int_eq(acpi_parse(&info, rsdp, 36, reader), 0);
	expect_all();
}
END_TEST

START_TEST(by_rsdt)
{
	ck_assert_int_eq(acpi_parse(&info, rsdp, 20, reader), 0);
	expect_all();
}
END_TEST

START_TEST(bad_root_pointer)
{
	ck_assert_int_ne(acpi_parse(&info, rsdp, 19, reader), 0);
	ck_assert_int_ne(acpi_parse(&info, NULL, 0, reader), 0);
	rsdp[10]++;
	ck_assert_int_ne(acpi_parse(&info, rsdp, 36, reader), 0);
	put_rsdp(0, 0);
	ck_assert_int_ne(acpi_parse(&info, rsdp, 36, reader), 0);
	put_rsdp(0xfffffff0, 0);
	ck_assert_int_ne(acpi_parse(&info, rsdp, 36, reader), 0);
	ck_assert_uint_eq(info.nr_tables, 0);
}
END_TEST

/* A table whose sum is wrong is left out; the others count. */
START_TEST(bad_sum)
{
	memory[40]++;		/* the MADT is the first */
	ck_assert_int_eq(acpi_parse(&info, rsdp, 36, reader), 0);
	ck_assert_uint_eq(info.nr_tables, 2);
	ck_assert_uint_eq(info.nr_cpus, 0);
	ck_assert(info.has_s5);
}
END_TEST

/* Bytes changed with all sums made right again: nothing may be read out of bounds. */
START_TEST(corrupted)
{
	static const u8 evil[] = { 0, 1, 2, 0x7f, 0x80, 0xff };
	u8 copy[SIZE];

	memcpy(copy, memory, SIZE);
	for (u32 at = 0; at < used; at++)
		for (u32 i = 0; i < sizeof(evil); i++) {
			u32 table = 0;

			memcpy(memory, copy, SIZE);
			memory[at] = evil[i];
			while (table < used) {	/* by the lengths that were right */
				u32 len;

				memcpy(&len, copy + table + 4, 4);
				fix_sum(memory + table, len, 9);
				table += (len + 7) & ~7u;
			}
			memset(&info, 0, sizeof(info));
			acpi_parse(&info, rsdp, 36, reader);
			ck_assert_uint_le(info.nr_cpus, MAX_CPUS);
			ck_assert_uint_le(info.nr_ioapics, ACPI_MAX_IOAPICS);
		}
}
END_TEST

/* More than there is room for. */
START_TEST(many_cpus)
{
	u8 body[8 + 80 * 8] = { 0 };
	u64 tables[1];

	for (u32 i = 0; i < 80; i++) {
		u8 *e = body + 8 + i * 8;

		e[1] = 8;
		e[2] = e[3] = i;
		e[4] = 1;
	}
	tables[0] = put_table("APIC", body, sizeof(body));
	put_rsdp(0, put_table("XSDT", tables, sizeof(tables)));
	ck_assert_int_eq(acpi_parse(&info, rsdp, 36, reader), 0);
	ck_assert_uint_eq(info.nr_cpus, MAX_CPUS);
	ck_assert_uint_eq(info.cpus_left_out, 80 - MAX_CPUS);
}
END_TEST

static void s5_of(const u8 *aml, u32 len)
{
	u64 tables[1] = { put_fadt(put_table("DSDT", aml, len)) };

	put_rsdp(0, put_table("XSDT", tables, sizeof(tables)));
	memset(&info, 0, sizeof(info));
	ck_assert_int_eq(acpi_parse(&info, rsdp, 36, reader), 0);
}

START_TEST(forms_of_s5)
{
	static const u8 zeros[] = { '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0, 0, 0, 0 };
	static const u8 long_length[] = { '_', 'S', '5', '_', 0x12, 0x47, 0x00, 0x02,
					  0x0a, 7, 0x0a, 7 };
	static const u8 cut[] = { 0, 0, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a };
	static const u8 not_package[] = { '_', 'S', '5', '_', 0x0a, 0x06, 0x04, 0, 0, 0, 0 };
	static const u8 too_short[] = { '_', 'S', '5', '_', 0x12, 0x06, 0x01, 0, 0, 0, 0 };

	s5_of(zeros, sizeof(zeros));
	ck_assert(info.has_s5 && info.s5_type_a == 0);
	s5_of(long_length, sizeof(long_length));
	ck_assert(info.has_s5 && info.s5_type_a == 7 && info.s5_type_b == 7);
	s5_of(cut, sizeof(cut));
	ck_assert(!info.has_s5);
	s5_of(not_package, sizeof(not_package));
	ck_assert(!info.has_s5);
	s5_of(too_short, sizeof(too_short));
	ck_assert(!info.has_s5);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("acpi");
	TCase *t = tcase_create("acpi");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, by_xsdt);
	tcase_add_test(t, by_rsdt);
	tcase_add_test(t, bad_root_pointer);
	tcase_add_test(t, bad_sum);
	tcase_add_test(t, corrupted);
	tcase_add_test(t, many_cpus);
	tcase_add_test(t, forms_of_s5);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
