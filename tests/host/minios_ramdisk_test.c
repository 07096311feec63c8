/* SPDX-License-Identifier: GPL-2.0-only */
/* The cpio reader: what it finds, and that no damage makes it read outside the archive. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <minios/ramdisk.h>
#include "tests/host/check_main.h"

static char archive[4096];
static size_t size;

static void pad(void)
{
	while (size & 3)
		archive[size++] = '\0';
}

static void member(const char *name, unsigned int mode, const char *data)
{
	size_t name_len = strlen(name) + 1, len = strlen(data);

	size += sprintf(archive + size,
			"070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
			1, mode, 0, 0, 1, 0x1234, (unsigned int)len, 0, 0, 0, 0,
			(unsigned int)name_len, 0);
	memcpy(archive + size, name, name_len);
	size += name_len;
	pad();
	memcpy(archive + size, data, len);
	size += len;
	pad();
}

static void build(void)
{
	size = 0;
	member(".", 0040755, "");
	member("./etc", 0040755, "");
	member("./etc/motd", 0100644, "welcome\n");
	member("guests", 0040755, "");
	member("guests/deep", 0040755, "");
	member("guests/deep/file", 0100600, "");
	member("link", 0120777, "etc/motd");
	member("TRAILER!!!", 0, "");
}

START_TEST(finds)
{
	const struct ramdisk_entry *e;
	size_t cursor = 0;

	build();
	ck_assert_int_eq(ramdisk_init(archive, size), 0);
	e = ramdisk_find("/etc/motd");
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->size, 8);
	ck_assert_uint_eq(e->mtime, 0x1234);
	ck_assert(!memcmp(e->data, "welcome\n", 8) && !e->is_dir);
	ck_assert_ptr_eq(ramdisk_find("etc//./motd"), e);
	ck_assert_ptr_eq(ramdisk_find("./etc/motd/"), e);
	ck_assert_str_eq(ramdisk_name(e), "motd");
	ck_assert_ptr_null(ramdisk_find("/etc/mot"));
	ck_assert_ptr_null(ramdisk_find("/etc/motdx"));
	ck_assert_ptr_null(ramdisk_find("/link"));
	ck_assert_ptr_null(ramdisk_find("/etc/../etc/motd"));

	e = ramdisk_find("/");
	ck_assert(e && e->is_dir);
	ck_assert_str_eq(ramdisk_name(ramdisk_next(e, &cursor)), "etc");
	ck_assert_str_eq(ramdisk_name(ramdisk_next(e, &cursor)), "guests");
	ck_assert_ptr_null(ramdisk_next(e, &cursor));
	cursor = 0;
	e = ramdisk_find("guests");
	ck_assert_str_eq(ramdisk_name(ramdisk_next(e, &cursor)), "deep");
	ck_assert_ptr_null(ramdisk_next(e, &cursor));
}
END_TEST

START_TEST(refuses)
{
	ck_assert_int_eq(ramdisk_init("", 0), -EINVAL);
	ck_assert_int_eq(ramdisk_init("070707garbage", 13), -EINVAL);
	build();
	/* A name, then data, longer than the archive; a name without its end; a bad digit. */
	memcpy(archive + 94, "00001000", 8);
	ck_assert_int_eq(ramdisk_init(archive, size), -EINVAL);
	build();
	memcpy(archive + 54, "FFFFFFFF", 8);
	ck_assert_int_eq(ramdisk_init(archive, size), -EINVAL);
	build();
	archive[111] = 'x';
	ck_assert_int_eq(ramdisk_init(archive, size), -EINVAL);
	build();
	archive[60] = 'G';
	ck_assert_int_eq(ramdisk_init(archive, size), -EINVAL);
}
END_TEST

/* Each length, in a block of exactly that length: the sanitizer sees a step outside. */
START_TEST(truncated)
{
	size_t len, whole;
	char *copy;

	build();
	/* The padding behind the last member does not matter, nor does what follows the name. */
	whole = size - 3;
	for (len = 1; len < whole; len++) {
		copy = malloc(len);
		memcpy(copy, archive, len);
		ck_assert_int_eq(ramdisk_init(copy, len), -EINVAL);
		free(copy);
	}
}
END_TEST

START_TEST(damaged)
{
	char *copy = malloc(sizeof(archive));
	int i, k;

	build();
	srand(11);
	for (i = 0; i < 20000; i++) {
		copy = realloc(copy, size);
		memcpy(copy, archive, size);
		for (k = rand() % 4; k >= 0; k--)
			copy[rand() % size] = "0123456789ABCDEFz\0/."[rand() % 20];
		ramdisk_init(copy, size);
	}
	free(copy);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("minios_ramdisk");
	TCase *t = tcase_create("ramdisk");

	tcase_add_test(t, finds);
	tcase_add_test(t, refuses);
	tcase_add_test(t, truncated);
	tcase_add_test(t, damaged);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
