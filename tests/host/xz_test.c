/* SPDX-License-Identifier: GPL-2.0-only */
/* Unpacking of xz data and of Linux' bzImages: what xz packed comes out again, damage is told. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/check_main.h"
#include "tools/builder/kernel_image.h"
#include "tools/builder/xz.h"

static uint8_t *text, *packed;
static size_t text_len, packed_len;
static char text_path[] = "/tmp/paravane-test-xz-XXXXXX";

static void drop(void)
{
	free(text);
	free(packed);
	text = packed = NULL;
}

static uint8_t *read_all(FILE *f, size_t *len)
{
	uint8_t *data = malloc(4 << 20);

	*len = fread(data, 1, 4 << 20, f);
	return data;
}

/* Packs text by the xz program. */
static void pack(const char *options)
{
	char command[256];
	FILE *f = fopen(text_path, "w");

	ck_assert_uint_eq(fwrite(text, 1, text_len, f), text_len);
	fclose(f);
	free(packed);
	snprintf(command, sizeof(command), "xz --stdout %s %s", options, text_path);
	f = popen(command, "r");
	packed = read_all(f, &packed_len);
	ck_assert_int_eq(pclose(f), 0);
}

static int unpack(void)
{
	uint8_t *out = malloc(text_len + 1);
	int rc = xz_unpack(packed, packed_len, out, text_len);

	if (!rc && text_len)
		ck_assert_mem_eq(out, text, text_len);
	free(out);
	return rc;
}

static void make_text(size_t len, unsigned int kind)
{
	unsigned int seed = kind;
	size_t i;

	free(text);
	text_len = len;
	text = malloc(len + 1);
	for (i = 0; i < len; i++) {
		switch (kind) {
		case 0:
			text[i] = rand_r(&seed); /* does not shrink: stored chunks */
			break;
		case 1:
			text[i] = 'a';
			break;
		default:
			text[i] = "the quick brown fox "[rand_r(&seed) % 20] + i / 40000;
		}
	}
}

START_TEST(test_unpacks)
{
	static const char *const options[] = {
		"-0", "-6", "-9e", "--check=none", "--check=crc32", "--check=crc64", "--check=sha256",
		"--lzma2=preset=6,lc=0,lp=4,pb=4", "--lzma2=preset=6,lc=4,lp=0,pb=0",
		"--check=crc32 --x86 --lzma2=dict=64KiB", "-T2 --block-size=20000",
	};
	static const size_t sizes[] = { 0, 1, 300, 70000, 300000 };
	unsigned int size, kind, i;

	for (size = 0; size < 5; size++)
		for (kind = 0; kind < 3; kind++) {
			make_text(sizes[size], kind);
			for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
				pack(options[i]);
				ck_assert_msg(!unpack(), "%s of %zu, %u", options[i], text_len, kind);
			}
		}
	drop();
}
END_TEST

/* Real machine code, full of calls and jumps, and of bytes that only look like them. */
START_TEST(test_x86_filter)
{
	unsigned int seed = 3;
	FILE *f = fopen("/proc/self/exe", "r");
	size_t i;

	text = read_all(f, &text_len);
	fclose(f);
	pack("--check=crc32 --x86 --lzma2=preset=1");
	ck_assert_int_eq(unpack(), 0);
	make_text(400000, 1);
	for (i = 0; i < text_len; i++)
		text[i] = "\xe8\xe9\x00\xff\x01\xe8"[rand_r(&seed) % 6];
	pack("--check=crc32 --x86 --lzma2=preset=1");
	ck_assert_int_eq(unpack(), 0);
	drop();
}
END_TEST

START_TEST(test_refuses)
{
	size_t whole;

	make_text(100000, 2);
	pack("--check=crc32");
	whole = packed_len;
	for (packed_len = 0; packed_len < 3000; packed_len += 7)
		ck_assert_int_eq(unpack(), -EINVAL);
	packed_len = whole;
	text_len--;
	ck_assert_int_eq(unpack(), -EINVAL); /* more than was said */
	text_len += 2;
	ck_assert_int_eq(unpack(), -EINVAL); /* less */
	text_len--;
	pack("--check=crc32 --delta=dist=4 --lzma2=preset=1");
	ck_assert_int_eq(unpack(), -EINVAL); /* a filter that is not known */
	drop();
}
END_TEST

START_TEST(test_survives_damage)
{
	unsigned int seed = 7, round, i;
	uint8_t *copy;

	make_text(30000, 2);
	pack("--check=none --lzma2=preset=1");
	copy = malloc(packed_len);
	memcpy(copy, packed, packed_len);
	for (round = 0; round < 3000; round++) {
		uint8_t *out = malloc(text_len);

		for (i = 0; i < 3; i++)
			packed[24 + rand_r(&seed) % (packed_len - 24)] ^= 1 << rand_r(&seed) % 8;
		xz_unpack(packed, packed_len, out, text_len);
		memcpy(packed, copy, packed_len);
		free(out);
	}
	free(copy);
	drop();
}
END_TEST

/* LZMA2 whose chunks break the rules between them. */
START_TEST(test_refuses_bad_chunks)
{
	static const struct {
		const char *data;
		size_t len;
	} bad[] = {
		{ "\x02\x00\x00" "a\x00", 5 }, /* goes on without a dictionary */
		{ "\x03\x00\x00" "a\x00", 5 }, /* no such control */
		{ "\x01\x00\x05" "abc", 6 }, /* cut off */
		{ "\x01\x00\x00" "a", 4 }, /* no end mark */
		{ "\xe0\x00\x00\x00\x05\xff\x00\x00\x00\x00\x00\x00\x00", 13 }, /* properties */
		{ "\xe0\x00\x00\x00\x05\x5d\x01\x00\x00\x00\x00\x00\x00", 13 }, /* coder's first byte */
		{ "\x80\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00", 12 }, /* no properties yet */
		{ "\x01\x00\x00" "a\x80\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00", 16 },
		{ "", 0 },
	};
	uint8_t out[64];
	size_t i, used, done;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(lzma2_unpack((const uint8_t *)bad[i].data, bad[i].len, &used, out,
					      sizeof(out), &done), -EINVAL);
	ck_assert_int_eq(lzma2_unpack((const uint8_t *)"\x01\x00\x02" "abc", 7, &used, out, 2, &done),
			 -EINVAL); /* more than there is room */
	ck_assert_int_eq(lzma2_unpack((const uint8_t *)"\x01\x00\x02" "abc", 7, &used, out, 3, &done), 0);
	ck_assert_uint_eq(done, 3);
	ck_assert_uint_eq(used, 7);
}
END_TEST

/* --- bzImage ----------------------------------------------------------------------------------- */

static uint8_t *box;
static size_t box_len;

static void put32(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, 4);
}

/* A bzImage of two setup sectors around @len bytes of @payload. */
static void make_box(const uint8_t *payload, size_t len)
{
	free(box);
	box_len = 3 * 512 + 100 + len;
	box = calloc(1, box_len);
	box[0x1f1] = 2;
	box[0x1fe] = 0x55;
	box[0x1ff] = 0xaa;
	memcpy(box + 0x202, "HdrS\x0f\x02", 6);
	put32(box + 0x248, 100);
	put32(box + 0x24c, len);
	memcpy(box + 3 * 512 + 100, payload, len);
}

static int open_box(struct fault *fault)
{
	struct build_image kernel = { box, box_len, "box" }, elf;
	void *unpacked;
	int rc = kernel_unpack(&kernel, &elf, &unpacked, fault);

	if (!rc) {
		ck_assert_uint_eq(elf.len, text_len);
		ck_assert_mem_eq(elf.data, text, text_len);
		free(unpacked);
	}
	return rc;
}

START_TEST(test_bzimage)
{
	struct fault fault;

	make_text(50000, 2);
	pack("--check=crc32 --x86 --lzma2=preset=6");
	packed = realloc(packed, packed_len + 4);
	put32(packed + packed_len, text_len);
	make_box(packed, packed_len + 4);
	ck_assert_int_eq(open_box(&fault), 0);
	box[3 * 512 + 500] ^= 1;
	ck_assert_int_lt(open_box(&fault), 0);
	ck_assert_ptr_nonnull(strstr(fault.text, "damaged xz data"));
	put32(packed + packed_len, 0xf0000000);
	make_box(packed, packed_len + 4);
	ck_assert_int_eq(open_box(&fault), -EFBIG);
	put32(box + 0x24c, box_len);
	ck_assert_int_lt(open_box(&fault), 0);
	ck_assert_ptr_nonnull(strstr(fault.text, "cut off"));
	put32(box + 0x248, 0xfffffff0);
	ck_assert_int_lt(open_box(&fault), 0);
	make_box((const uint8_t *)"(\xb5/\xfd zstd", 9);
	ck_assert_int_lt(open_box(&fault), 0);
	ck_assert_ptr_nonnull(strstr(fault.text, "neither by gzip nor by xz"));
	free(box);
	box = NULL;
	drop();
}
END_TEST

static void make_path(void)
{
	close(mkstemp(text_path));
}

static void remove_path(void)
{
	unlink(text_path);
}

static Suite *suite(void)
{
	Suite *s = suite_create("xz");
	TCase *t = tcase_create("xz");

	tcase_add_unchecked_fixture(t, make_path, remove_path);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_unpacks);
	tcase_add_test(t, test_x86_filter);
	tcase_add_test(t, test_refuses);
	tcase_add_test(t, test_survives_damage);
	tcase_add_test(t, test_refuses_bad_chunks);
	tcase_add_test(t, test_bzimage);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
