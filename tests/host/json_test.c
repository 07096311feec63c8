/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON in and out: what is read, what is refused, and that what is written reads back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tools/lib/json.h"

static struct json json;

static int parse(const char *text)
{
	return json_parse(&json, text, strlen(text));
}

START_TEST(test_reads)
{
	const char *text = "{\"a\": {\"b\": [1, 22, \"x\"]}, \"t\": true, \"s\": \"q\\\"\\u00e9\\n\", "
			   "\"big\": 18446744073709551615, \"n\": -5}";
	char out[32];
	uint64_t n;
	bool t;
	int list;

	ck_assert_int_eq(parse(text), 0);
	list = json_get(&json, json_get(&json, JSON_ROOT, "a"), "b");
	ck_assert_int_eq(json_size(&json, list), 3);
	ck_assert_int_eq(json_u64(&json, json_at(&json, list, 1), &n), 0);
	ck_assert_uint_eq(n, 22);
	ck_assert_int_eq(json_u64(&json, json_at(&json, list, 2), &n), -EINVAL);
	ck_assert_int_eq(json_u64(&json, json_at(&json, list, 3), &n), -ENOENT);
	ck_assert_int_eq(json_bool(&json, json_get(&json, JSON_ROOT, "t"), &t), 0);
	ck_assert(t);
	ck_assert_int_eq(json_bool(&json, list, &t), -EINVAL);
	ck_assert_int_eq(json_string(&json, json_get(&json, JSON_ROOT, "s"), out, 32), 0);
	ck_assert_str_eq(out, "q\"\xc3\xa9\n");
	ck_assert_int_eq(json_string(&json, json_get(&json, JSON_ROOT, "s"), out, 5), -E2BIG);
	ck_assert_int_eq(json_u64(&json, json_get(&json, JSON_ROOT, "big"), &n), 0);
	ck_assert_uint_eq(n, UINT64_MAX);
	ck_assert_int_eq(json_u64(&json, json_get(&json, JSON_ROOT, "n"), &n), -EINVAL);
	ck_assert_int_eq(json_get(&json, list, "x"), JSON_NONE);
	ck_assert_int_eq(json_get(&json, JSON_NONE, "x"), JSON_NONE);
	json_free(&json);
}
END_TEST

START_TEST(test_refuses)
{
	static const char *const bad[] = {
		"", "  ", "{", "[1", "{\"a\"}", "{\"a\":}", "{1:2}", "{\"a\":1 \"b\"}", "\"a\":1",
		"[\"a\":1]", "{\"a\":{}:1}", "[}", "nul", "tru", "-", "[12x]", "{\"a\":1}}", "1 2",
		"{\"a\":1}{\"b\":2}", "\"\\x\"", "\"\\u12\"", "x",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	};
	static char many[2 * JSON_MAX_TOKENS + 2];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(bad[i]) < 0, "%s", bad[i]);
	for (i = 0; i < JSON_MAX_TOKENS; i++)
		memcpy(many + 2 * i, i ? ",1" : "[1", 2);
	many[2 * i] = ']';
	ck_assert_int_eq(parse(many), -E2BIG);
	ck_assert_int_eq(json_parse(&json, "{}\0{}", 5), -EINVAL);
}
END_TEST

START_TEST(test_strings)
{
	char out[8];
	struct buf bytes = { 0 };

	ck_assert_int_eq(parse("[\"a\\u0000b\", \"\\ud800\", \"\\u0123\", \"\\u00ff\\u0000\"]"), 0);
	ck_assert_int_eq(json_string(&json, json_at(&json, 0, 0), out, 8), -EINVAL);
	ck_assert_int_eq(json_string(&json, json_at(&json, 0, 1), out, 8), -EINVAL);
	ck_assert_int_eq(json_bytes(&json, json_at(&json, 0, 2), &bytes), -EINVAL);
	buf_free(&bytes);
	ck_assert_int_eq(json_bytes(&json, json_at(&json, 0, 3), &bytes), 0);
	ck_assert_uint_eq(bytes.len, 2);
	ck_assert_mem_eq(bytes.data, "\xff\0", 2);
	buf_free(&bytes);
	json_free(&json);
}
END_TEST

START_TEST(test_writes_what_it_reads)
{
	struct buf text = { 0 }, bytes = { 0 };
	struct json_writer w;
	unsigned char all[256];
	char out[32];
	int i;

	for (i = 0; i < 256; i++)
		all[i] = i;
	json_writer_init(&w, &text);
	json_open(&w, NULL, '{');
	json_put_string(&w, "name", "with \"quotes\" and \\");
	json_open(&w, "list", '[');
	json_put_u64(&w, NULL, 7);
	json_put_i64(&w, NULL, -7);
	json_put_bool(&w, NULL, false);
	json_close(&w, ']');
	json_put_bytes(&w, "all", all, sizeof(all));
	json_put_raw(&w, "raw", "{\"x\":[]}");
	json_close(&w, '}');
	ck_assert(!text.failed);
	ck_assert_ptr_null(strchr(text.data, '\n'));
	ck_assert_int_eq(json_parse(&json, text.data, text.len), 0);
	ck_assert_int_eq(json_string(&json, json_get(&json, 0, "name"), out, 32), 0);
	ck_assert_str_eq(out, "with \"quotes\" and \\");
	ck_assert_int_eq(json_size(&json, json_get(&json, 0, "list")), 3);
	ck_assert_int_eq(json_bytes(&json, json_get(&json, 0, "all"), &bytes), 0);
	ck_assert_uint_eq(bytes.len, 256);
	ck_assert_mem_eq(bytes.data, all, 256);
	ck_assert(json_is_array(&json, json_get(&json, json_get(&json, 0, "raw"), "x")));
	json_free(&json);
	buf_free(&bytes);
	buf_free(&text);
}
END_TEST

START_TEST(test_writer_bounds_depth)
{
	struct buf text = { 0 };
	struct json_writer w;
	int i;

	json_writer_init(&w, &text);
	for (i = 0; i < JSON_MAX_DEPTH; i++)
		json_open(&w, NULL, '[');
	ck_assert(!text.failed);
	json_open(&w, NULL, '[');
	ck_assert(text.failed);
	buf_free(&text);
}
END_TEST

START_TEST(test_survives_rubbish)
{
	static const char letters[] = "{}[]:,\"\\u0019ae-tf n";
	unsigned int seed = 3, round, i;
	struct buf bytes = { 0 };
	char text[65];
	uint64_t n;

	for (round = 0; round < 50000; round++) {
		size_t len = rand_r(&seed) % 64;

		for (i = 0; i < len; i++)
			text[i] = letters[rand_r(&seed) % (sizeof(letters) - 1)];
		if (json_parse(&json, text, len))
			continue;
		for (i = 0; i < (unsigned int)json.count; i++) {
			json_get(&json, i, "a");
			json_at(&json, i, 1);
			json_u64(&json, i, &n);
			json_bytes(&json, i, &bytes);
			buf_free(&bytes);
		}
		json_free(&json);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("json");
	TCase *t = tcase_create("json");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_reads);
	tcase_add_test(t, test_refuses);
	tcase_add_test(t, test_strings);
	tcase_add_test(t, test_writes_what_it_reads);
	tcase_add_test(t, test_writer_bounds_depth);
	tcase_add_test(t, test_survives_rubbish);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
