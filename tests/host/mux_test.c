/* SPDX-License-Identifier: GPL-2.0-only */
/* Several connections over one line: the marks, and the control domain's end of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/host/check_main.h"
#include "tools/dom0/listener.h"
#include "tools/dom0/mux.h"
#include "tools/lib/mux.h"

static int served[64]; /* the daemon's ends */
static unsigned int count;
static int refusal; /* what listener_connect() says instead */

int listener_connect(void)
{
	int fds[2], size = 4096;

	if (refusal)
		return refusal;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	served[count++] = fds[0];
	return fds[1];
}

static void take(const char *text)
{
	ck_assert_uint_eq(mux_take(text, strlen(text)), strlen(text));
}

/* What the line carries next, with the escape shown as '^'. */
static const char *given(void)
{
	static char out[8192];
	size_t len = mux_give(out, sizeof(out) - 1), i;

	out[len] = '\0';
	for (i = 0; i < len; i++)
		if (out[i] == MUX_ESCAPE)
			out[i] = '^';
	return out;
}

static const char *served_with(unsigned int i)
{
	static char text[8192];
	ssize_t n = read(served[i], text, sizeof(text) - 1);

	if (n < 0)
		return NULL;
	text[n] = '\0';
	return text;
}

static void answer(unsigned int i, const char *text)
{
	ck_assert_int_eq(write(served[i], text, strlen(text)), strlen(text));
}

static void begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	refusal = 0;
	count = 0;
	take("\x10!");
	ck_assert_str_eq(given(), "^!");
}

static void finish(void)
{
	take("\x10!");
	given();
	while (count)
		close(served[--count]);
}

/* Wherever the line is cut, the same comes out. */
START_TEST(test_marks_are_found_in_any_pieces)
{
	static const char line[] = "plain\x10" "Aone\x10" "Btwo\x10" "a\x10?\x10" "Amore\x10!end";
	struct mux_reader reader;
	struct mux_piece piece;
	char seen[64];
	size_t at, end, n, cut;
	unsigned int last;

	for (cut = 0; cut < sizeof(line); cut++) {
		reader = (struct mux_reader){ 0 };
		seen[0] = '\0';
		last = MUX_CHANNELS;
		for (at = 0, end = cut; at < sizeof(line) - 1; at += n) {
			if (at >= end)
				end = sizeof(line) - 1;
			n = mux_parse(&reader, line + at, end - at, &piece);
			ck_assert_uint_gt(n, 0);
			if (piece.kind == MUX_DATA && piece.channel == last)
				strncat(seen, piece.data, piece.len);
			else if (piece.kind == MUX_DATA)
				sprintf(seen + strlen(seen), "%u%.*s", last = piece.channel,
					(int)piece.len, piece.data);
			else if (piece.kind != MUX_NOTHING)
				strcat(seen, piece.kind == MUX_CLOSE ? "-" : "!");
		}
		ck_assert_str_eq(seen, "0plain1one2two-1more!0end");
	}
	ck_assert_uint_eq(mux_parse(&reader, line, 0, &piece), 0);
}
END_TEST

START_TEST(test_channels_are_connections)
{
	begin();
	take("\x10" "Aone\x10" "Btwo\x10" "A again");
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(served_with(0), "one again");
	ck_assert_str_eq(served_with(1), "two");
	answer(1, "yes");
	ck_assert_str_eq(given(), "^Byes");
	answer(1, "yes");
	ck_assert_str_eq(given(), "yes");
	answer(0, "no");
	ck_assert_str_eq(given(), "^Ano");
	finish();
}
END_TEST

START_TEST(test_plain_line)
{
	begin();
	take("hello\n");
	ck_assert_str_eq(served_with(0), "hello\n");
	answer(0, "hi\n");
	ck_assert_str_eq(given(), "hi\n");
	/* The daemon ends it: the next byte begins another. */
	close(served[0]);
	ck_assert_str_eq(given(), "");
	take("again\n");
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(served_with(1), "again\n");
	served[0] = served[--count];
	finish();
}
END_TEST

START_TEST(test_closing)
{
	begin();
	/* The other side closes: the daemon sees it, and it is confirmed. */
	take("\x10" "Aone\x10" "a");
	ck_assert_str_eq(served_with(0), "one");
	ck_assert_str_eq(served_with(0), "");
	ck_assert_str_eq(given(), "^a");
	/* The daemon closes: what was under way is for nobody, until the other side confirms. */
	take("\x10" "Bx");
	close(served[1]);
	ck_assert_str_eq(given(), "^b");
	take("late");
	ck_assert_uint_eq(count, 2);
	take("\x10" "b");
	ck_assert_str_eq(given(), "");
	take("\x10" "Bnew");
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(served_with(2), "new");
	/* Both at once: no word is lost, none is said twice. */
	close(served[2]);
	ck_assert_str_eq(given(), "^b");
	take("\x10" "b");
	ck_assert_str_eq(given(), "");
	count = 1;
	finish();
}
END_TEST

START_TEST(test_reset_ends_all)
{
	begin();
	take("x\x10" "Ax\x10" "Bx\x10!");
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(given(), "^!");
	ck_assert_str_eq(served_with(0), "x");
	ck_assert_str_eq(served_with(0), "");
	ck_assert_str_eq(served_with(2), "x");
	ck_assert_str_eq(served_with(2), "");
	take("plain");
	ck_assert_str_eq(served_with(3), "plain");
	finish();
}
END_TEST

START_TEST(test_daemon_without_room)
{
	char text[100000];
	size_t used, sum;

	begin();
	refusal = -EAGAIN;
	ck_assert_uint_eq(mux_take("\x10" "Ax", 3), 2);
	refusal = 0;
	take("x");
	ck_assert_uint_eq(count, 1);
	/* What it does not take waits, and is not lost. */
	memset(text, 'y', sizeof(text));
	sum = used = mux_take(text, sizeof(text));
	ck_assert_uint_gt(used, 0);
	ck_assert_uint_lt(used, sizeof(text));
	while (served_with(0))
		;
	used = mux_take(text, sizeof(text) - sum);
	ck_assert_uint_gt(used, 0);
	/* Out of memory: refused by closing it. */
	refusal = -ENOMEM;
	take("\x10" "Cz");
	ck_assert_str_eq(given(), "^c");
	finish();
}
END_TEST

START_TEST(test_one_does_not_starve_others)
{
	char text[4000], *first;

	begin();
	take("\x10" "Ax\x10" "Bx");
	memset(text, 'y', sizeof(text));
	ck_assert_int_eq(write(served[0], text, sizeof(text)), sizeof(text));
	answer(1, "short");
	first = strdup(given());
	ck_assert(strstr(first, "^Bshort") || strstr(given(), "^Bshort"));
	ck_assert_uint_lt(strlen(first), 2000);
	free(first);
	while (*given())
		;
	finish();
}
END_TEST

START_TEST(test_survives_rubbish)
{
	char line[64];
	unsigned int i, j;

	begin();
	srandom(1);
	for (i = 0; i < 20000; i++) {
		for (j = 0; j < sizeof(line); j++)
			line[j] = random() % 3 ? "\x10!@ABab`"[random() % 8] : random();
		mux_take(line, sizeof(line));
		given();
		while (count)
			close(served[--count]);
	}
	finish();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("mux");
	TCase *t = tcase_create("mux");

	tcase_add_test(t, test_marks_are_found_in_any_pieces);
	tcase_add_test(t, test_channels_are_connections);
	tcase_add_test(t, test_plain_line);
	tcase_add_test(t, test_closing);
	tcase_add_test(t, test_reset_ends_all);
	tcase_add_test(t, test_daemon_without_room);
	tcase_add_test(t, test_one_does_not_starve_others);
	tcase_add_test(t, test_survives_rubbish);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
