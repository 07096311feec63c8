/* SPDX-License-Identifier: GPL-2.0-only */
/* The ELF reader: kernels of both widths, and every way in which one can be broken. */
#define _GNU_SOURCE
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "pvabi/elfnote.h"
#include "tests/host/check_main.h"
#include "tests/host/make_elf.h"
#include "tools/builder/elf.h"

static struct elf_image image;
static struct fault fault;
static struct made_elf made;

static int parse(const struct elf_plan *plan)
{
	free(made.data);
	made = make_elf(plan);
	return elf_parse(&image, made.data, made.len, &fault);
}

#define refused(words)                                                                             \
	do {                                                                                       \
		ck_assert_int_lt(elf_parse(&image, made.data, made.len, &fault), 0);               \
		ck_assert_msg(strstr(fault.text, words), "%s", fault.text);                        \
	} while (0)

static Elf32_Ehdr *ehdr(void)
{
	return (Elf32_Ehdr *)made.data;
}

static Elf32_Phdr *phdr(int i)
{
	return (Elf32_Phdr *)(made.data + made.phdr) + i;
}

static void setup(void)
{
	struct elf_plan plan = plan32();

	parse(&plan);
}

static void teardown(void)
{
	free(made.data);
	made.data = NULL;
}

START_TEST(test_reads_32)
{
	struct elf_plan plan = plan32();

	ck_assert_int_eq(parse(&plan), 0);
	ck_assert(!image.is64);
	ck_assert_uint_eq(image.virt_base, 0xc0000000);
	ck_assert_uint_eq(image.start, 0xc0100000);
	ck_assert_uint_eq(image.end, 0xc0100000 + 12288 + 8192);
	ck_assert_uint_eq(image.entry, 0xc0100010);
	ck_assert_uint_eq(image.hypercall_page, 0xc0101000);
	ck_assert_uint_eq(image.p2m_base, ELF_UNSET);
	ck_assert(image.pae_extended_cr3);
	ck_assert_str_eq(image.guest_os, "test");
	ck_assert_uint_eq(image.count, 2);
	ck_assert_uint_eq(image.segments[1].file_size, 0);
}
END_TEST

START_TEST(test_reads_64)
{
	struct elf_plan plan = plan64();

	plan.p2m_base = 0x8000000000;
	ck_assert_int_eq(parse(&plan), 0);
	ck_assert(image.is64);
	ck_assert_uint_eq(image.start, 0xffffffff80100000);
	ck_assert_uint_eq(image.p2m_base, 0x8000000000);
}
END_TEST

START_TEST(test_reads_guest_section)
{
	struct elf_plan plan = plan32();

	plan.notes = false;
	plan.guest_section = "GUEST_OS=old,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,"
			     "HYPERCALL_PAGE=0x101,PAE=yes,LOADER=generic";
	ck_assert_int_eq(parse(&plan), 0);
	ck_assert_str_eq(image.guest_os, "old");
	ck_assert_uint_eq(image.hypercall_page, 0xc0101000);
	ck_assert_uint_eq(image.entry, 0xc0100010);
	ck_assert(!image.pae_extended_cr3);
	plan.guest_section = "VIRT_BASE=0xC0000000,HYPERCALL_PAGE=0x101,PAE=yes[extended-cr3]";
	ck_assert_int_eq(parse(&plan), 0);
	ck_assert(image.pae_extended_cr3);

	plan.guest_section = "XEN_VER=xen-3.0,VIRT_BASE=twelve";
	parse(&plan);
	refused("VIRT_BASE is not a number");
	plan.guest_section = "VIRT_BASE=0xC0000000,HYPERCALL_PAGE=0xffff";
	parse(&plan);
	refused("hypercall page");
	plan.guest_section = "VIRT_BASE=0xC0000000,PAE=no";
	parse(&plan);
	refused("without PAE");
	plan.guest_section = "VIRT_BASE=0x1C0000000";
	parse(&plan);
	refused("does not fit 32 bits");
	plan.guest_section = "ELF_PADDR_OFFSET=0xC0000000";
	parse(&plan);
	refused("PADDR_OFFSET without VIRT_BASE");
}
END_TEST

START_TEST(test_refuses_what_is_no_kernel)
{
	struct elf_plan plan = plan32();

	made.data[0] = 'x';
	refused("not an ELF file");
	made.len = 3;
	refused("not an ELF file");
	made.data[0] = 0x7f;
	made.len = 40;
	refused("cut off");
	plan.notes = false;
	parse(&plan);
	refused("neither Xen ELF notes nor a __xen_guest");
	plan.pvh_notes = true;
	parse(&plan);
	refused("PVH only");
}
END_TEST

START_TEST(test_refuses_wrong_class)
{
	ehdr()->e_machine = EM_X86_64;
	refused("not for this machine");
	ehdr()->e_machine = EM_386;
	ehdr()->e_ident[EI_CLASS] = 3;
	refused("unknown ELF class");
	ehdr()->e_ident[EI_CLASS] = ELFCLASS32;
	ehdr()->e_ident[EI_DATA] = ELFDATA2MSB;
	refused("little-endian");
	ehdr()->e_ident[EI_DATA] = ELFDATA2LSB;
	ehdr()->e_type = ET_DYN;
	refused("fixed addresses");
}
END_TEST

START_TEST(test_refuses_bad_headers)
{
	ehdr()->e_phnum = 0;
	refused("no program headers");
	ehdr()->e_phnum = 3;
	ehdr()->e_phentsize = 8;
	refused("program headers of 8 bytes");
	ehdr()->e_phentsize = sizeof(Elf32_Phdr);
	ehdr()->e_phoff = made.len - 8;
	refused("outside the file");
	ehdr()->e_phoff = 0xfffffff0;
	refused("outside the file");
}
END_TEST

START_TEST(test_refuses_bad_segments)
{
	phdr(0)->p_filesz = 1 << 20;
	phdr(0)->p_memsz = 1 << 20;
	refused("cut off");
	phdr(0)->p_filesz = 12288;
	phdr(0)->p_memsz = 4096;
	refused("larger in the file");
	phdr(0)->p_memsz = 12288;
	phdr(1)->p_paddr = 0x100000;
	refused("overlap");
	phdr(1)->p_paddr = 0x40000000;
	refused("overflows");
	phdr(1)->p_paddr = 0x200000;
	phdr(1)->p_memsz = 0xfff00000;
	refused("overflows");
	phdr(0)->p_type = phdr(1)->p_type = PT_NULL;
	refused("nothing to load");
}
END_TEST

START_TEST(test_refuses_bad_notes)
{
	uint32_t *head = (uint32_t *)(made.data + made.notes);

	head[1] = 0xfffffff0;
	head[2] = XEN_ELFNOTE_ENTRY;
	refused("past the file");
	head[1] = 5;
	head[2] = XEN_ELFNOTE_GUEST_OS;
	phdr(2)->p_offset = 0xfffffff0;
	refused("note segment lies outside");
}
END_TEST

START_TEST(test_reads_a_note_that_ends_behind_its_segment)
{
	phdr(2)->p_filesz -= 20;
	ck_assert_int_eq(elf_parse(&image, made.data, made.len, &fault), 0);
	ck_assert(image.pae_extended_cr3);
}
END_TEST

/* Two notes at the very end of the file: a text that is said to go on, then a number that is. */
START_TEST(test_reads_a_text_that_goes_on_behind_the_file)
{
	static const uint32_t text[] = { 4, 12, XEN_ELFNOTE_PAE_MODE, 0x006e6558, 0x00736579 };
	uint32_t *note = (uint32_t *)(made.data + made.len - sizeof(text));

	memcpy(note, text, sizeof(text));
	phdr(1)->p_type = PT_NOTE;
	phdr(1)->p_offset = made.len - sizeof(text);
	phdr(1)->p_filesz = sizeof(text);
	ck_assert_int_eq(elf_parse(&image, made.data, made.len, &fault), 0);
	note[2] = XEN_ELFNOTE_VIRT_BASE;
	refused("past the file");
	note[2] = XEN_ELFNOTE_PAE_MODE;
	note[4] = 0x73736579;
	refused("past the file");
}
END_TEST

/* Replaces one string in the notes by another of the same size. */
static void replace(const char *old, const char *new)
{
	uint8_t *at = memmem(made.data + made.notes, 512, old, strlen(old));

	ck_assert_ptr_nonnull(at);
	memcpy(at, new, strlen(old));
}

/* A plain "yes" is enough in a note. */
START_TEST(test_tells_who_names_high_roots)
{
	replace("yes,extended-cr3", "yes\0extended-cr3");
	ck_assert_int_eq(elf_parse(&image, made.data, made.len, &fault), 0);
	ck_assert(image.pae_extended_cr3);
	replace("yes\0", "odd\0");
	ck_assert_int_eq(elf_parse(&image, made.data, made.len, &fault), 0);
	ck_assert(!image.pae_extended_cr3);
}
END_TEST

START_TEST(test_refuses_other_loaders)
{
	replace("generic", "special");
	refused("loader \"special\"");
	replace("special", "generic");
	replace("xen-3.0", "xen-2.0");
	refused("xen-2.0");
}
END_TEST

START_TEST(test_refuses_bad_places)
{
	struct elf_plan plan = plan64();
	uint64_t entry = 0xffffffff80100010, bad = 0xffffffff90000000;

	parse(&plan);
	memcpy(memmem(made.data + made.notes, 512, &entry, 8), &bad, 8);
	refused("entry point");
	plan.virt_base = 0x0123000000000000;
	parse(&plan);
	refused("canonical");
	plan.virt_base = 0xffffffff80000800;
	parse(&plan);
	ck_assert_int_lt(elf_parse(&image, made.data, made.len, &fault), 0);
	plan = plan64();
	plan.p2m_base = 0x8000000000000000;
	parse(&plan);
	refused("INIT_P2M");
}
END_TEST

/* Whatever is cut off or changed, the answer is an answer and nothing outside is read (ASan). */
START_TEST(test_survives_damage)
{
	struct elf_plan plans[] = { plan32(), plan64() };
	unsigned int seed = 1, i, round;
	uint8_t *copy;
	size_t len;

	for (i = 0; i < 2; i++) {
		parse(&plans[i]);
		for (len = 0; len < made.len; len += len < 600 ? 1 : 97) {
			copy = malloc(len ? len : 1);
			memcpy(copy, made.data, len);
			elf_parse(&image, copy, len, &fault);
			free(copy);
		}
		copy = malloc(made.len);
		for (round = 0; round < 20000; round++) {
			memcpy(copy, made.data, made.len);
			for (len = 0; len < 3; len++) {
				size_t at = rand_r(&seed) % 600;

				if (at >= 300)
					at = made.notes + at - 300;
				copy[at] = rand_r(&seed);
			}
			if (!elf_parse(&image, copy, made.len, &fault))
				ck_assert_uint_le(image.start, image.end);
		}
		free(copy);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("elf");
	TCase *t = tcase_create("elf");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_reads_32);
	tcase_add_test(t, test_reads_64);
	tcase_add_test(t, test_reads_guest_section);
	tcase_add_test(t, test_refuses_what_is_no_kernel);
	tcase_add_test(t, test_refuses_wrong_class);
	tcase_add_test(t, test_refuses_bad_headers);
	tcase_add_test(t, test_refuses_bad_segments);
	tcase_add_test(t, test_refuses_bad_notes);
	tcase_add_test(t, test_reads_a_note_that_ends_behind_its_segment);
	tcase_add_test(t, test_reads_a_text_that_goes_on_behind_the_file);
	tcase_add_test(t, test_tells_who_names_high_roots);
	tcase_add_test(t, test_refuses_other_loaders);
	tcase_add_test(t, test_refuses_bad_places);
	tcase_add_test(t, test_survives_damage);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
