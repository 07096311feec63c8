/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's ELF reader: kernels of both kinds and widths, and every way to be broken. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#undef PT_LOAD
#undef PT_NOTE
#undef SHT_NOTE
#undef SHT_NOBITS
#include "hypervisor/boot/elf.h"
#include "hypervisor/lib/errno.h"
#include "pvabi/features.h"
#include "tests/host/check_main.h"
#include "tests/host/make_elf.h"

static struct made_elf elf;
static struct pv_kernel k;
static const char *why;

static void make(struct elf_plan plan)
{
	free(elf.data);
	elf = make_elf(&plan);
}

/* An exact copy, so that the sanitizer sees any read beyond its end. */
static int parse_len(size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	int rc;

	memcpy(copy, elf.data, len);
	rc = pv_kernel_parse(&k, copy, len, &why);
	free(copy);
	return rc;
}

static int parse(void)
{
	return parse_len(elf.len);
}

static Elf32_Phdr *phdr(unsigned i)
{
	return (Elf32_Phdr *)(elf.data + elf.phdr) + i;
}

START_TEST(reads_pv32)
{
	make(plan32());
	ck_assert_int_eq(parse(), 0);
	ck_assert(!k.file.is_64);
	ck_assert_uint_eq(k.virt_base, 0xc0000000);
	ck_assert_uint_eq(k.entry, 0xc0100010);
	ck_assert_uint_eq(k.hypercall_page, 0xc0101000);
	ck_assert_uint_eq(k.start, 0xc0100000);
	ck_assert_uint_eq(k.end, 0xc0100000 + 12288 + 8192);
	ck_assert_uint_eq(k.nr_segments, 2);
	ck_assert_int_eq(k.pae, PAE_ANYWHERE);
	ck_assert_uint_eq(k.p2m_base, NO_ADDR);
	ck_assert_str_eq(k.os, "test");
}
END_TEST

START_TEST(reads_pv64)
{
	struct elf_plan plan = plan64();

	plan.p2m_base = 0x8000000000;
	make(plan);
	ck_assert_int_eq(parse(), 0);
	ck_assert(k.file.is_64);
	ck_assert_uint_eq(k.start, 0xffffffff80100000);
	ck_assert_uint_eq(k.p2m_base, 0x8000000000);
}
END_TEST

START_TEST(reads_guest_section)
{
	struct elf_plan plan = plan32();

	plan.notes = false;
	plan.paddr = 0xc0100000;
	plan.virt_base = 0;
	plan.guest_section = "GUEST_OS=old,XEN_VER=xen-3.0,VIRT_BASE=0xc0000000,"
			     "HYPERCALL_PAGE=0x102,PAE=yes[extended-cr3],"
			     "FEATURES=writable_page_tables|!dom0,LOADER=generic";
	make(plan);
	ck_assert_int_eq(parse(), 0);
	ck_assert_uint_eq(k.virt_base, 0xc0000000);
	ck_assert_uint_eq(k.paddr_offset, 0xc0000000);
	ck_assert_uint_eq(k.hypercall_page, 0xc0102000);
	ck_assert_uint_eq(k.entry, 0xc0100010);
	ck_assert_int_eq(k.pae, PAE_ANYWHERE);
	ck_assert_uint_eq(k.features, 1u << XENFEAT_writable_page_tables | 1u << XENFEAT_dom0);
	ck_assert_str_eq(k.os, "old");
}
END_TEST

START_TEST(refuses_what_is_no_kernel)
{
	struct elf_plan plan = plan32();

	make(plan);
	elf.data[0] = 'M';
	ck_assert_int_eq(parse(), -ENOEXEC);
	ck_assert_str_eq(why, "is not an ELF file");
	make(plan);
	((Elf32_Ehdr *)elf.data)->e_machine = EM_ARM;
	ck_assert_int_eq(parse(), -ENOEXEC);
	make(plan);
	((Elf32_Ehdr *)elf.data)->e_type = ET_REL;
	ck_assert_int_eq(parse(), -ENOEXEC);
	plan.notes = false;
	make(plan);
	ck_assert_int_eq(parse(), -ENOEXEC);
	ck_assert_ptr_nonnull(strstr(why, "__xen_guest"));
}
END_TEST

START_TEST(refuses_bad_segments)
{
	make(plan32());
	phdr(0)->p_offset = 0xfffff000;
	ck_assert_int_eq(parse(), -EINVAL);
	ck_assert_str_eq(why, "has a segment that lies outside the file");
	make(plan32());
	phdr(0)->p_memsz = 1;
	ck_assert_int_eq(parse(), -EINVAL);
	ck_assert_str_eq(why, "has a segment that is larger in the file than in memory");
	make(plan32());
	phdr(1)->p_memsz = 0x50000000;
	ck_assert_int_eq(parse(), -EINVAL);
	ck_assert_str_eq(why, "has a segment beyond the end of the address space");
	make(plan32());
	phdr(1)->p_paddr = 0x100000;
	ck_assert_int_eq(parse(), -EINVAL);
	ck_assert_str_eq(why, "has segments that overlap");
	make(plan32());
	phdr(0)->p_type = phdr(1)->p_type = PT_NULL;
	ck_assert_int_eq(parse(), -EINVAL);
	ck_assert_str_eq(why, "has nothing to be loaded");
}
END_TEST

/* The notes stand in the order put_notes() writes them; each value is 4 bytes for pv32. */
static uint32_t *note_value(uint32_t type)
{
	uint32_t *n = (uint32_t *)(elf.data + elf.notes);

	while (n[2] != type)
		n = (uint32_t *)((uint8_t *)n + 16 + ((n[1] + 3) & ~3u));
	return n + 4;
}

START_TEST(refuses_bad_addresses)
{
	make(plan32());
	*note_value(1) = 0xc0000000;		/* ENTRY */
	ck_assert_int_eq(parse(), -EINVAL);
	ck_assert_str_eq(why, "has an entry point outside its segments");
	make(plan32());
	*note_value(2) = 0xc0104fff;		/* HYPERCALL_PAGE */
	ck_assert_int_eq(parse(), -EINVAL);
	make(plan32());
	*note_value(2) = 0xc0105000;
	ck_assert_int_eq(parse(), -EINVAL);
	make(plan32());
	memcpy(note_value(8), "other\0\0", 8);	/* LOADER */
	ck_assert_int_eq(parse(), -EINVAL);
	make(plan32());
	memcpy(note_value(5), "xen-2.0", 8);	/* XEN_VERSION */
	ck_assert_int_eq(parse(), -EINVAL);
	make(plan32());
	memcpy(note_value(9), "no\0", 4);	/* PAE_MODE */
	ck_assert_int_eq(parse(), -EINVAL);
	ck_assert_str_eq(why, "is a 32-bit kernel without PAE");
}
END_TEST

START_TEST(survives_any_cut)
{
	make(plan64());
	for (size_t len = 0; len < elf.len; len++)
		if (parse_len(len))
			ck_assert_ptr_nonnull(why);
	make(plan32());
	for (size_t len = 0; len < elf.len; len++)
		if (parse_len(len))
			ck_assert_ptr_nonnull(why);
	ck_assert_int_ne(parse_len(4096), 0);
}
END_TEST

/* Any byte of headers and notes replaced: no read outside, and a reason whenever it is refused. */
START_TEST(survives_any_byte)
{
	static const uint8_t values[] = { 0, 1, 4, 0x7f, 0x80, 0xff };
	struct elf_plan plan = plan32();

	for (int width = 0; width < 2; width++) {
		plan = width ? plan64() : plan32();
		plan.text_size = 64;
		make(plan);
		for (size_t at = 0; at < elf.len; at = at == 255 ? 4096 : at + 1)
			for (size_t v = 0; v < sizeof(values); v++) {
				uint8_t old = elf.data[at];

				elf.data[at] = values[v];
				why = NULL;
				if (parse())
					ck_assert_ptr_nonnull(why);
				elf.data[at] = old;
			}
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("hv_elf");
	TCase *t = tcase_create("elf");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, reads_pv32);
	tcase_add_test(t, reads_pv64);
	tcase_add_test(t, reads_guest_section);
	tcase_add_test(t, refuses_what_is_no_kernel);
	tcase_add_test(t, refuses_bad_segments);
	tcase_add_test(t, refuses_bad_addresses);
	tcase_add_test(t, survives_any_cut);
	tcase_add_test(t, survives_any_byte);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
