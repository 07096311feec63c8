/* SPDX-License-Identifier: GPL-2.0-only */
/* Unpacking of gzip data: what gzip packed comes out again, damage is told, nothing is overrun. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/check_main.h"
#include "tools/builder/inflate.h"

#define LIMIT (8u << 20)

static uint8_t *text, *packed;
static size_t text_len, packed_len;

static void make_text(size_t len, unsigned int kind)
{
	unsigned int seed = kind;
	size_t i;

	text_len = len;
	text = malloc(len + 1);
	for (i = 0; i < len; i++) {
		switch (kind) {
		case 0:
			text[i] = rand_r(&seed); /* does not shrink: stored blocks */
			break;
		case 1:
			text[i] = 'a'; /* the longest matches, overlapping themselves */
			break;
		default:
			text[i] = "the quick brown fox "[rand_r(&seed) % 20] + i / 40000;
		}
	}
}

/* By the gzip program: level 1 to 9. */
static void pack(int level)
{
	char path[] = "/tmp/paravane-test-gz-XXXXXX", command[100];
	int fd = mkstemp(path);
	FILE *f;

	ck_assert_int_eq(write(fd, text, text_len), text_len);
	close(fd);
	snprintf(command, sizeof(command), "gzip -%d -n -c %s", level, path);
	f = popen(command, "r");
	packed = malloc(text_len + 1000);
	packed_len = fread(packed, 1, text_len + 1000, f);
	ck_assert_int_eq(pclose(f), 0);
	unlink(path);
}

static void drop(void)
{
	free(text);
	free(packed);
	text = packed = NULL;
}

static int unpack(size_t limit)
{
	void *out;
	size_t len;
	int rc = gzip_unpack(packed, packed_len, limit, &out, &len);

	if (!rc) {
		ck_assert_uint_eq(len, text_len);
		ck_assert_mem_eq(out, text, len ? len : 1);
		free(out);
	}
	return rc;
}

START_TEST(test_unpacks)
{
	static const size_t sizes[] = { 1, 2, 258, 65535, 65536, 300000 };
	unsigned int size, kind, level;

	for (size = 0; size < 6; size++)
		for (kind = 0; kind < 3; kind++)
			for (level = 1; level < 10; level += 4) {
				make_text(sizes[size], kind);
				pack(level);
				ck_assert_int_eq(unpack(LIMIT), 0);
				drop();
			}
}
END_TEST

START_TEST(test_unpacks_header_fields)
{
	static const uint8_t fields[] = {0x1f, 0x8b, 8,	  0x1e, 0,   0,	  0,   0,   0,
					 3,    3,    0,	  'x',	'y', 'z', 'n', 'a', 'm',
					 'e',  0,    'w', 'h',	'y', 0,	  1,   2};
	uint8_t *with;

	make_text(5000, 2);
	pack(9);
	with = malloc(packed_len + sizeof(fields));
	memcpy(with, fields, sizeof(fields));
	memcpy(with + sizeof(fields), packed + 10, packed_len - 10);
	free(packed);
	packed = with;
	packed_len += sizeof(fields) - 10;
	ck_assert_int_eq(unpack(LIMIT), 0);
	/* Fields that do not end. */
	packed_len = 18;
	ck_assert_int_eq(unpack(LIMIT), -EINVAL);
	drop();
}
END_TEST

START_TEST(test_refuses)
{
	make_text(100000, 2);
	pack(9);
	ck_assert_int_eq(unpack(99999), -EFBIG);
	packed[packed_len - 8] ^= 1;
	ck_assert_int_eq(unpack(LIMIT), -EINVAL); /* check sum */
	packed[packed_len - 8] ^= 1;
	packed[packed_len - 4] ^= 1;
	ck_assert_int_eq(unpack(LIMIT), -EINVAL); /* size */
	packed[packed_len - 4] ^= 1;
	packed_len = 12;
	ck_assert_int_eq(unpack(LIMIT), -EINVAL);
	packed[0] = 0;
	ck_assert(!gzip_detect(packed, packed_len));
	ck_assert_int_eq(unpack(LIMIT), -EINVAL);
	drop();
}
END_TEST

/* Raw deflate that breaks its own rules. */
START_TEST(test_refuses_bad_blocks)
{
	static const struct {
		const char *data;
		size_t len;
	} bad[] = {
		{ "\x07", 1 }, /* block type 3 */
		{ "\x01\x05\x00\x00\x00hello", 10 }, /* stored, complement wrong */
		{ "\x01\x05\x00\xfa\xff" "he", 7 }, /* stored, cut off */
		{ "\x03\x02", 2 }, /* fixed, match with nothing before it */
		{ "", 0 },
		{ "\x05\xc0\x81\x08\x00\x00\x00\x00\x20\x7f\xeb\x0b\x00\x00", 14 },
		{ "\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10 }, /* lengths beyond the format */
	};
	uint8_t out[64];
	size_t i, len, used;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = sizeof(out);
		ck_assert_int_eq(
			inflate_raw((const uint8_t *)bad[i].data, bad[i].len, out, &len, &used),
			-EINVAL);
	}
}
END_TEST

START_TEST(test_survives_damage)
{
	unsigned int seed = 7, round, i;
	size_t at;
	uint8_t *copy;

	make_text(20000, 2);
	pack(9);
	copy = malloc(packed_len);
	memcpy(copy, packed, packed_len);
	for (round = 0; round < 5000; round++) {
		for (i = 0; i < 3; i++) {
			at = 10 + rand_r(&seed) % (packed_len - 18);
			packed[at] ^= 1 << rand_r(&seed) % 8;
		}
		unpack(LIMIT);
		memcpy(packed, copy, packed_len);
	}
	free(copy);
	drop();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("gzip");
	TCase *t = tcase_create("gzip");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_unpacks);
	tcase_add_test(t, test_unpacks_header_fields);
	tcase_add_test(t, test_refuses);
	tcase_add_test(t, test_refuses_bad_blocks);
	tcase_add_test(t, test_survives_damage);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
