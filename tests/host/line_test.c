/* SPDX-License-Identifier: GPL-2.0-only */
/* The shell's line editor and its words. What the editor draws is read back by a tiny terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/check_main.h"
#include "tools/shell/line.h"
#include "tools/shell/words.h"

static struct line line;

/* A terminal of one line: understands what the editor sends. */
static char screen[256];
static size_t cursor;

static void show(struct line *l, const char *data, size_t len)
{
	size_t i, n;

	(void)l;
	for (i = 0; i < len; i++) {
		if (data[i] == '\r') {
			cursor = 0;
		} else if (data[i] == '\033') {
			i += 2;
			for (n = 0; i < len && data[i] >= '0' && data[i] <= '9'; i++)
				n = n * 10 + data[i] - '0';
			if (data[i] == 'K')
				screen[cursor] = '\0';
			else if (data[i] == 'D')
				cursor -= n;
			else if (data[i] == 'J' || data[i] == 'H')
				cursor = 0;
			else
				ck_abort_msg("unknown sequence %c", data[i]);
		} else {
			if (!screen[cursor])
				screen[cursor + 1] = '\0';
			screen[cursor++] = data[i];
		}
	}
}

static enum line_result type(const char *keys)
{
	enum line_result result = LINE_MORE;

	while (*keys && result == LINE_MORE)
		result = line_key(&line, *keys++);
	return result;
}

static void check(const char *text, size_t pos)
{
	ck_assert_str_eq(line.text, text);
	ck_assert_uint_eq(line.pos, pos);
	ck_assert_uint_eq(line.len, strlen(text));
	if (line.len < 70) {
		ck_assert_mem_eq(screen, "> ", 2);
		ck_assert_str_eq(screen + 2, text);
		ck_assert_uint_eq(cursor, 2 + pos);
	}
}

static void complete(struct line *l, const char *word, bool first, char *out, size_t size)
{
	(void)l;
	if (first && !strcmp(word, "po") && size > 8)
		strcpy(out, "weroff ");
}

static void setup(void)
{
	line_init(&line, "> ", show);
	line.complete = complete;
	screen[0] = '\0';
	cursor = 0;
	line_start(&line);
}

static void teardown(void)
{
	line_free(&line);
}

START_TEST(test_edits)
{
	type("hello world");
	check("hello world", 11);
	type("\001A\005Z"); /* home, end */
	check("Ahello worldZ", 13);
	type("\177\010"); /* backspace, ^H */
	check("Ahello worl", 11);
	type("\002\002X\006Y"); /* left, right */
	check("Ahello woXrYl", 12);
	type("\001\004"); /* ^D deletes */
	check("hello woXrYl", 0);
	type("\033[C\033OC\033[3~"); /* arrows, Delete */
	check("helo woXrYl", 2);
	type("\033[F!\033[H.\033[4~?\033[1~,");
	check(",.helo woXrYl!?", 1);
	type("\014"); /* ^L */
	check(",.helo woXrYl!?", 1);
}
END_TEST

START_TEST(test_cuts_and_pastes)
{
	type("one two three");
	type("\027"); /* ^W */
	check("one two ", 8);
	type("\031\031"); /* ^Y twice */
	check("one two threethree", 18);
	type("\025"); /* ^U */
	check("", 0);
	type("a b c\033b\033b\013"); /* Alt-b twice, ^K */
	check("a ", 2);
	type("\031\001\033f\033d"); /* back, home, Alt-f, Alt-d */
	check("a c", 1);
	type("\024"); /* ^T */
	check(" ac", 2);
	type("\033[1;5D\033[1;5C");
	check(" ac", 3);
}
END_TEST

START_TEST(test_history)
{
	line_remember(&line, "first");
	line_remember(&line, "second");
	line_remember(&line, "second"); /* not twice */
	line_remember(&line, "");
	line_start(&line);
	cursor = 2;
	screen[0] = '>';
	screen[1] = ' ';
	screen[2] = '\0';
	type("new\033[A");
	check("second", 6);
	type("\020\020\020");
	check("first", 5);
	type("\033[B\016");
	check("new", 3);
	type("\016");
	check("new", 3);
}
END_TEST

START_TEST(test_history_is_bounded)
{
	char text[24];
	int i;

	for (i = 0; i < 2 * LINE_HISTORY; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		line_remember(&line, text);
	}
	ck_assert_uint_eq(line.history_count, LINE_HISTORY);
	ck_assert_str_eq(line.history[0], "line 64");
}
END_TEST

START_TEST(test_results)
{
	ck_assert_int_eq(type("abc\r"), LINE_DONE);
	ck_assert_str_eq(line.text, "abc");
	ck_assert_int_eq(type("\003"), LINE_CANCEL);
	line_start(&line);
	ck_assert_int_eq(type("\004"), LINE_EOF);
	ck_assert_int_eq(type("a\004"), LINE_MORE);
	ck_assert_int_eq(type("\n"), LINE_DONE);
}
END_TEST

START_TEST(test_completes)
{
	type("po\t");
	check("poweroff ", 9);
	type("po\t");
	check("poweroff po", 11);
}
END_TEST

START_TEST(test_long_lines)
{
	char text[2 * LINE_SIZE];
	size_t i;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	type(text);
	ck_assert_uint_eq(line.len, LINE_SIZE - 1);
	ck_assert_uint_lt(cursor, 80);
	for (i = 0; i < 100; i++) {
		type("\002");
		ck_assert_uint_lt(cursor, 80);
	}
	type("\001");
	ck_assert_uint_eq(cursor, 2);
	type("\013y");
	check("y", 1);
}
END_TEST

START_TEST(test_survives_any_keys)
{
	unsigned int seed = 8, i;

	for (i = 0; i < 200000; i++) {
		screen[200] = '\0';
		line_key(&line, rand_r(&seed) % 3 ? rand_r(&seed)
						  : "\033[A1;5CDd~\t\025"[rand_r(&seed) % 13]);
		ck_assert_uint_le(line.pos, line.len);
		ck_assert_uint_lt(line.len, LINE_SIZE);
		ck_assert_uint_lt(cursor, 81);
		if (i % 50 == 0)
			line_remember(&line, line.text);
	}
}
END_TEST

static void check_words(const char *text, int count, const char *joined)
{
	char copy[256], *words[WORDS_MAX + 1], all[256] = "";
	int i, got;

	strcpy(copy, text);
	got = words_split(copy, words);
	ck_assert_msg(got == count, "%s: %d", text, got);
	for (i = 0; i < got; i++) {
		strcat(all, words[i]);
		strcat(all, "|");
	}
	if (got >= 0) {
		ck_assert_ptr_null(words[got]);
		ck_assert_str_eq(all, joined);
	}
}

START_TEST(test_words)
{
	char many[256] = "", copy[256], *words[WORDS_MAX + 1];
	int i;

	check_words("", 0, "");
	check_words("  \t ", 0, "");
	check_words("a bc  d ", 3, "a|bc|d|");
	check_words("a 'b c' \"d e\"f", 3, "a|b c|d ef|");
	check_words("a \\'b\\ c \"x\\\"y\" 'q\\'", 4, "a|'b c|x\"y|q\\|");
	check_words("a # no", 1, "a|");
	check_words("a#b ''", 2, "a#b||");
	check_words("a 'b", -1, "");
	check_words("kernel='\"/k\"'", 1, "kernel=\"/k\"|");
	check_words("end\\", 1, "end\\|");
	for (i = 0; i <= WORDS_MAX; i++)
		strcat(many, "w ");
	strcpy(copy, many);
	ck_assert_int_eq(words_split(copy, words), -2);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("line");
	TCase *t = tcase_create("line");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_edits);
	tcase_add_test(t, test_cuts_and_pastes);
	tcase_add_test(t, test_history);
	tcase_add_test(t, test_history_is_bounded);
	tcase_add_test(t, test_results);
	tcase_add_test(t, test_completes);
	tcase_add_test(t, test_long_lines);
	tcase_add_test(t, test_survives_any_keys);
	tcase_add_test(t, test_words);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
