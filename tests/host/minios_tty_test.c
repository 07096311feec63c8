/* SPDX-License-Identifier: GPL-2.0-only */
/* Line editing and echo of the mini-OS's console. */
#include <string.h>
#include <minios/console.h>
#include <minios/sync.h>
#include "tests/host/check_main.h"

static const char *typed;
static char shown[4096];
static size_t shown_len;

size_t console_read(void *data, size_t len)
{
	ck_assert_uint_gt(len, 0);
	ck_assert_msg(*typed, "a read beyond what was typed");
	*(char *)data = *typed++;
	return 1;
}

void console_write(const void *data, size_t len)
{
	ck_assert_uint_lt(shown_len + len, sizeof(shown));
	memcpy(shown + shown_len, data, len);
	shown_len += len;
	shown[shown_len] = '\0';
}

void console_write_text(const void *data, size_t len)
{
	console_write("text:", 5);
	console_write(data, len);
}

void mutex_lock(struct mutex *m)
{
	m->depth++;
}

void mutex_unlock(struct mutex *m)
{
	m->depth--;
}

static void setup(void)
{
	console_set_raw(false);
	shown_len = 0;
}

/* Types, reads once with this much room, expects this to be read and shown. */
static void session(const char *keys, size_t room, const char *line, const char *echo)
{
	char buf[2048];
	ssize_t n;

	shown_len = 0;
	shown[0] = '\0';
	if (keys)
		typed = keys;
	n = console_file_read(buf, room);
	ck_assert_int_eq(n, strlen(line));
	ck_assert(!memcmp(buf, line, n));
	ck_assert_str_eq(shown, echo);
}

START_TEST(lines)
{
	session("abc\r", 100, "abc\n", "abc\r\n");
	session("abc\n", 100, "abc\n", "abc\r\n");
	session("ab\x7f" "c\r", 100, "ac\n", "ab\b \bc\r\n");
	session("\b\bx\r", 100, "x\n", "x\r\n");
	session("abc\x15z\r", 100, "z\n", "abc\b \b\b \b\b \bz\r\n");
	session("a\x01\x02" "b\r", 100, "ab\n", "ab\r\n");
}
END_TEST

START_TEST(parts_and_end)
{
	session("hello\r", 3, "hel", "hello\r\n");
	session(NULL, 3, "lo\n", "");
	session("\x04", 100, "", "");
	/* In a line that has begun ^D means nothing. */
	session("x\x04\r", 100, "x\n", "x\r\n");
}
END_TEST

START_TEST(long_line)
{
	static char keys[1500], expected[1500];

	memset(keys, 'k', 1400);
	keys[1400] = '\r';
	memset(expected, 'k', 1023);
	expected[1023] = '\n';
	typed = keys;
	ck_assert_int_eq(console_file_read(shown + 2048, 1500), 1024);
	ck_assert(!memcmp(shown + 2048, expected, 1024));
}
END_TEST

START_TEST(raw_mode)
{
	console_file_write("a\n", 2);
	ck_assert_str_eq(shown, "text:a\n");
	console_set_raw(true);
	ck_assert(console_is_raw());
	session("\x15", 100, "\x15", "");
	console_file_write("a\n", 2);
	ck_assert_str_eq(shown, "a\n");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("minios_tty");
	TCase *t = tcase_create("tty");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, lines);
	tcase_add_test(t, parts_and_end);
	tcase_add_test(t, long_line);
	tcase_add_test(t, raw_mode);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
