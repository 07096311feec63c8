/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot/multiboot[12].c: what loaders write, and what a broken loader might. Memory is one buffer of
 * exactly the size that the reader admits, so the sanitizer sees every byte read too many.
 */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/boot/multiboot.h"
#include "tests/host/check_main.h"

#define BASE	0x9000
#define SIZE	4096

static u8 *memory;
static u32 used;
static struct boot_info info;

static const void *reader(u64 at, u64 len)
{
	if (at < BASE || at - BASE > SIZE || len > SIZE - (at - BASE))
		return NULL;
	return memory + (at - BASE);
}

static void setup(void)
{
	memory = calloc(1, SIZE);
	used = 0;
	memset(&info, 0, sizeof(info));
}

static void teardown(void)
{
	free(memory);
}

static u32 put(const void *data, u32 len)
{
	u32 at = BASE + used;

	ck_assert_uint_le(used + len, SIZE);
	memcpy(memory + used, data, len);
	used += len;
	return at;
}

static u32 put_string(const char *s)
{
	return put(s, strlen(s) + 1);
}

/* --- Multiboot2 ------------------------------------------------------------------------------- */

static void tag(u32 type, const void *data, u32 len)
{
	u32 head[2] = { type, len + 8 };

	put(head, 8);
	put(data, len);
	used = (used + 7) & ~7u;
}

static void tag_module(u32 start, u32 end, const char *string)
{
	u8 data[256];
	u32 range[2] = { start, end };

	memcpy(data, range, 8);
	strcpy((char *)data + 8, string);
	tag(MB2_TAG_MODULE, data, 8 + strlen(string) + 1);
}

static void begin2(void)
{
	used = 8;
}

static void end2(void)
{
	tag(MB2_TAG_END, "", 0);
	memcpy(memory, &used, 4);
}

/* A map of @nr entries, each of @entry_size bytes. */
static void tag_mmap(u32 entry_size, u32 nr)
{
	u8 data[512] = { 0 };
	u32 head[2] = { entry_size, 0 };

	memcpy(data, head, 8);
	for (u32 i = 0; i < nr; i++) {
		u64 range[2] = { i * MiB(16), MiB(8) };
		u32 type = i % 2 ? RAM_RESERVED : RAM_USABLE;

		memcpy(data + 8 + i * entry_size, range, 16);
		memcpy(data + 8 + i * entry_size + 16, &type, 4);
	}
	tag(MB2_TAG_MMAP, data, 8 + nr * entry_size);
}

static void typical2(void)
{
	begin2();
	tag(MB2_TAG_CMDLINE, "console=com1 loglvl=all", 24);
	tag(MB2_TAG_LOADER, "GRUB 2.06", 10);
	tag_module(0x200000, 0x300000, "root=/dev/xvda quiet");
	tag_module(0x300000, 0x300800, "");
	tag_mmap(24, 3);
	tag(MB2_TAG_ACPI_OLD, "RSD PTR 12345678901234", 20);
	tag(MB2_TAG_ACPI_NEW, "RSD PTR 1234567890123456789012345678", 36);
	end2();
}

START_TEST(multiboot2_typical)
{
	typical2();
	ck_assert_int_eq(multiboot2_parse(&info, BASE, reader), 0);
	ck_assert_str_eq(info.cmdline, "console=com1 loglvl=all");
	ck_assert_str_eq(info.loader, "GRUB 2.06");
	ck_assert_uint_eq(info.nr_modules, 2);
	ck_assert_uint_eq(info.module[0].start, 0x200000);
	ck_assert_uint_eq(info.module[0].size, 0x100000);
	ck_assert_str_eq(info.module[0].string, "root=/dev/xvda quiet");
	ck_assert_str_eq(info.module[1].string, "");
	ck_assert_uint_eq(info.map.nr, 3);
	ck_assert_uint_eq(info.map.region[1].start, MiB(16));
	ck_assert_uint_eq(info.map.region[1].type, RAM_RESERVED);
	ck_assert_uint_eq(info.rsdp_len, 36);
	ck_assert(!info.is_efi && !info.framebuffer.present);
}
END_TEST

START_TEST(multiboot2_efi_and_framebuffer)
{
	struct {
		u64 address;
		u32 pitch, width, height;
		u8 bpp, type;
	} __packed fb = { 0x80000000, 4096, 1024, 768, 32, 1 };
	u64 table = 0x1234;

	begin2();
	tag_mmap(32, 2);	/* entries may grow */
	tag(MB2_TAG_FRAMEBUFFER, &fb, sizeof(fb));
	tag(MB2_TAG_EFI64, &table, 8);
	end2();
	ck_assert_int_eq(multiboot2_parse(&info, BASE, reader), 0);
	ck_assert_uint_eq(info.map.nr, 2);
	ck_assert(info.is_efi && info.framebuffer.present);
	ck_assert_uint_eq(info.framebuffer.width, 1024);
	ck_assert_uint_eq(info.framebuffer.type, 1);
}
END_TEST

START_TEST(multiboot2_nothing_usable)
{
	u32 huge = 0xffffffff, tiny = 4;

	ck_assert_int_ne(multiboot2_parse(&info, 0x100, reader), 0);
	ck_assert_int_ne(multiboot2_parse(&info, BASE + SIZE - 4, reader), 0);
	memcpy(memory, &huge, 4);
	ck_assert_int_ne(multiboot2_parse(&info, BASE, reader), 0);
	memcpy(memory, &tiny, 4);
	ck_assert_int_ne(multiboot2_parse(&info, BASE, reader), 0);
}
END_TEST

/* Every length the whole can be cut to, with a buffer that ends there. */
START_TEST(multiboot2_truncated)
{
	typical2();
	for (u32 total = 0; total < used; total++) {
		u8 *whole = memory;

		memory = calloc(1, SIZE);
		memcpy(memory, whole, total);
		memcpy(memory, &total, 4);
		memset(&info, 0, sizeof(info));
		multiboot2_parse(&info, BASE, reader);
		ck_assert_uint_le(info.nr_modules, 2);
		ck_assert_uint_le(info.map.nr, 3);
		free(memory);
		memory = whole;
	}
}
END_TEST

/* Any single word replaced by values that break arithmetic. */
START_TEST(multiboot2_corrupted)
{
	static const u32 evil[] = { 0, 1, 7, 8, 9, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
	u8 copy[SIZE];

	typical2();
	memcpy(copy, memory, SIZE);
	for (u32 at = 0; at + 4 <= used; at += 4)
		for (u32 i = 0; i < ARRAY_SIZE(evil); i++) {
			memcpy(memory, copy, SIZE);
			memcpy(memory + at, &evil[i], 4);
			memset(&info, 0, sizeof(info));
			multiboot2_parse(&info, BASE, reader);
			ck_assert_uint_le(info.nr_modules, BOOT_MODULES_MAX);
			ck_assert_uint_le(info.rsdp_len, sizeof(info.rsdp));
			for (u32 m = 0; m < info.nr_modules; m++)
				ck_assert_uint_gt(info.module[m].size, 0);
		}
}
END_TEST

START_TEST(multiboot2_too_many_modules)
{
	begin2();
	for (u32 i = 0; i < BOOT_MODULES_MAX + 3; i++)
		tag_module(0x100000 * (i + 1), 0x100000 * (i + 1) + 1, "m");
	tag_module(5, 5, "empty");
	tag_mmap(24, 1);
	end2();
	ck_assert_int_eq(multiboot2_parse(&info, BASE, reader), 0);
	ck_assert_uint_eq(info.nr_modules, BOOT_MODULES_MAX);
	ck_assert_uint_eq(info.left_out, 4);
}
END_TEST

START_TEST(multiboot2_unterminated_text)
{
	char text[1200];

	memset(text, 'x', sizeof(text));
	begin2();
	tag(MB2_TAG_CMDLINE, text, sizeof(text));
	tag(MB2_TAG_LOADER, "GRUB 2", 6);
	tag_mmap(24, 1);
	end2();
	ck_assert_int_eq(multiboot2_parse(&info, BASE, reader), 0);
	ck_assert_uint_eq(strlen(info.cmdline), CMDLINE_MAX - 1);
	ck_assert_str_eq(info.loader, "GRUB 2");
}
END_TEST

/* --- Multiboot1 ------------------------------------------------------------------------------- */

static u32 words[29];	/* the information structure, by word */

enum { FLAGS, MEM_LOWER, MEM_UPPER, CMDLINE = 4, MODS_COUNT, MODS_ADDR, MMAP_LENGTH = 11, MMAP_ADDR,
       LOADER = 16 };

static u32 typical1(void)
{
	struct {
		u32 size;
		u64 base, length;
		u32 type;
	} __packed map[2] = {
		{ 20, 0, 0x9fc00, RAM_USABLE }, { 20, MiB(1), MiB(127), RAM_USABLE },
	};
	u32 mods[8] = { 0x800000, 0x900000, put_string("build/dom0-pv32 a b"), 0,
			0x900000, 0x900010, put_string("build/ramdisk.cpio"), 0 };

	memset(words, 0, sizeof(words));
	words[FLAGS] = 0x24c;
	words[CMDLINE] = put_string("build/paravane  loglvl=all");
	words[LOADER] = put_string("qemu");
	words[MODS_COUNT] = 2;
	words[MODS_ADDR] = put(mods, sizeof(mods));
	words[MMAP_LENGTH] = sizeof(map);
	words[MMAP_ADDR] = put(map, sizeof(map));
	return put(words, sizeof(words));
}

/* QEMU puts file names before arguments. */
START_TEST(multiboot1_typical)
{
	ck_assert_int_eq(multiboot1_parse(&info, typical1(), reader), 0);
	ck_assert_str_eq(info.cmdline, "loglvl=all");
	ck_assert_str_eq(info.loader, "qemu");
	ck_assert_uint_eq(info.nr_modules, 2);
	ck_assert_str_eq(info.module[0].string, "a b");
	ck_assert_str_eq(info.module[1].string, "");
	ck_assert_uint_eq(info.module[1].size, 16);
	ck_assert_uint_eq(info.map.nr, 2);
	ck_assert_uint_eq(info.map.region[1].size, MiB(127));
}
END_TEST

START_TEST(multiboot1_without_map)
{
	words[FLAGS] = 1;
	words[MEM_LOWER] = 639;
	words[MEM_UPPER] = 64 * 1024;
	ck_assert_int_eq(multiboot1_parse(&info, put(words, sizeof(words)), reader), 0);
	ck_assert_uint_eq(info.map.nr, 2);
	ck_assert_uint_eq(info.map.region[1].size, MiB(64));
	memset(&info, 0, sizeof(info));
	words[FLAGS] = 0;
	ck_assert_int_ne(multiboot1_parse(&info, put(words, sizeof(words)), reader), 0);
}
END_TEST

START_TEST(multiboot1_corrupted)
{
	static const u32 evil[] = { 0, 1, 3, 19, BASE + SIZE - 1, BASE + SIZE - 24, 0x7fffffff,
				    0xffffffff };
	u32 at = typical1();
	u8 copy[SIZE];

	memcpy(copy, memory, SIZE);
	for (u32 word = 0; word + 4 <= used; word += 4)
		for (u32 i = 0; i < ARRAY_SIZE(evil); i++) {
			memcpy(memory, copy, SIZE);
			memcpy(memory + word, &evil[i], 4);
			memset(&info, 0, sizeof(info));
			multiboot1_parse(&info, at, reader);
			ck_assert_uint_le(info.nr_modules, BOOT_MODULES_MAX);
		}
}
END_TEST

/* A string that runs to the end of readable memory ends there. */
START_TEST(multiboot1_string_at_the_end)
{
	u32 at;

	memset(words, 0, sizeof(words));
	words[FLAGS] = 0x205;
	words[MEM_UPPER] = 1024;
	words[CMDLINE] = BASE + SIZE - 3;
	words[LOADER] = BASE + SIZE;
	at = put(words, sizeof(words));
	memcpy(memory + SIZE - 3, "a b", 3);
	ck_assert_int_eq(multiboot1_parse(&info, at, reader), 0);
	ck_assert_str_eq(info.cmdline, "b");
	ck_assert_str_eq(info.loader, "");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("multiboot");
	TCase *t = tcase_create("multiboot");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, multiboot2_typical);
	tcase_add_test(t, multiboot2_efi_and_framebuffer);
	tcase_add_test(t, multiboot2_nothing_usable);
	tcase_add_test(t, multiboot2_truncated);
	tcase_add_test(t, multiboot2_corrupted);
	tcase_add_test(t, multiboot2_too_many_modules);
	tcase_add_test(t, multiboot2_unterminated_text);
	tcase_add_test(t, multiboot1_typical);
	tcase_add_test(t, multiboot1_without_map);
	tcase_add_test(t, multiboot1_corrupted);
	tcase_add_test(t, multiboot1_string_at_the_end);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
