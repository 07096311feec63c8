/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Line editing.
 *
 * Keys are rows of a table, escape sequences rows of another one. After each key that changes
 * something the line is drawn anew from the left edge, in one write; only a character added at the
 * end is simply echoed. A line longer than the terminal shows the part around the cursor.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/shell/line.h"

#define CTRL(c) ((c) & 0x1f)
#define DEL	0x7f
#define ESC	0x1b

void line_init(struct line *line, const char *prompt,
	       void (*put)(struct line *line, const char *data, size_t len))
{
	memset(line, 0, sizeof(*line));
	line->prompt = prompt;
	line->put = put;
	line->columns = 80;
}

static void put_text(struct line *line, const char *text)
{
	line->put(line, text, strlen(text));
}

void line_redraw(struct line *line)
{
	size_t room = line->columns - strlen(line->prompt) - 1;
	size_t first = line->pos < room ? 0 : line->pos - room + 1;
	size_t shown = line->len - first < room ? line->len - first : room;
	char move[16];

	put_text(line, "\r");
	put_text(line, line->prompt);
	line->put(line, line->text + first, shown);
	put_text(line, "\033[K");
	if (first + shown > line->pos) {
		snprintf(move, sizeof(move), "\033[%uD", (unsigned int)(first + shown - line->pos));
		put_text(line, move);
	}
}

void line_start(struct line *line)
{
	line->len = line->pos = 0;
	line->text[0] = '\0';
	line->escape_len = 0;
	line->history_at = line->history_count;
	put_text(line, line->prompt);
}

static void insert(struct line *line, const char *text, size_t len)
{
	if (len > LINE_SIZE - 1 - line->len)
		return;
	memmove(line->text + line->pos + len, line->text + line->pos, line->len - line->pos + 1);
	memcpy(line->text + line->pos, text, len);
	line->len += len;
	line->pos += len;
	if (line->pos == line->len && strlen(line->prompt) + line->len < line->columns)
		line->put(line, text, len);
	else
		line_redraw(line);
}

static void erase(struct line *line, size_t from, size_t to)
{
	memmove(line->text + from, line->text + to, line->len - to + 1);
	line->len -= to - from;
	line->pos = from;
	line_redraw(line);
}

static void cut(struct line *line, size_t from, size_t to)
{
	if (from == to)
		return;
	memcpy(line->cut, line->text + from, to - from);
	line->cut[to - from] = '\0';
	erase(line, from, to);
}

static void move_to(struct line *line, size_t pos)
{
	line->pos = pos;
	line_redraw(line);
}

static size_t word_left(const struct line *line)
{
	size_t at = line->pos;

	while (at && line->text[at - 1] == ' ')
		at--;
	while (at && line->text[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_right(const struct line *line)
{
	size_t at = line->pos;

	while (at < line->len && line->text[at] == ' ')
		at++;
	while (at < line->len && line->text[at] != ' ')
		at++;
	return at;
}

static void set_text(struct line *line, const char *text)
{
	snprintf(line->text, LINE_SIZE, "%s", text);
	line->len = line->pos = strlen(line->text);
	line_redraw(line);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void key_home(struct line *line)
{
	move_to(line, 0);
}

static void key_end(struct line *line)
{
	move_to(line, line->len);
}

static void key_left(struct line *line)
{
	if (line->pos)
		move_to(line, line->pos - 1);
}

static void key_right(struct line *line)
{
	if (line->pos < line->len)
		move_to(line, line->pos + 1);
}

static void key_word_left(struct line *line)
{
	move_to(line, word_left(line));
}

static void key_word_right(struct line *line)
{
	move_to(line, word_right(line));
}

static void key_backspace(struct line *line)
{
	if (line->pos)
		erase(line, line->pos - 1, line->pos);
}

static void key_delete(struct line *line)
{
	if (line->pos < line->len)
		erase(line, line->pos, line->pos + 1);
}

static void key_cut_end(struct line *line)
{
	cut(line, line->pos, line->len);
}

static void key_cut_start(struct line *line)
{
	cut(line, 0, line->pos);
}

static void key_cut_word(struct line *line)
{
	cut(line, word_left(line), line->pos);
}

static void key_cut_word_right(struct line *line)
{
	cut(line, line->pos, word_right(line));
}

static void key_paste(struct line *line)
{
	insert(line, line->cut, strlen(line->cut));
}

static void key_swap(struct line *line)
{
	size_t at = line->pos == line->len && line->pos ? line->pos - 1 : line->pos;
	char c;

	if (!at || at >= line->len)
		return;
	c = line->text[at];
	line->text[at] = line->text[at - 1];
	line->text[at - 1] = c;
	move_to(line, at + 1);
}

static void key_clear(struct line *line)
{
	put_text(line, "\033[H\033[2J");
	line_redraw(line);
}

static void key_previous(struct line *line)
{
	if (!line->history_at)
		return;
	if (line->history_at == line->history_count)
		strcpy(line->saved, line->text);
	set_text(line, line->history[--line->history_at]);
}

static void key_next(struct line *line)
{
	if (line->history_at == line->history_count)
		return;
	line->history_at++;
	set_text(line, line->history_at == line->history_count ? line->saved :
							line->history[line->history_at]);
}

static void key_complete(struct line *line)
{
	char word[LINE_SIZE], more[LINE_SIZE] = "";
	size_t start = line->pos, i;
	bool first = true;

	while (start && line->text[start - 1] != ' ')
		start--;
	for (i = 0; i < start; i++)
		if (line->text[i] != ' ')
			first = false;
	memcpy(word, line->text + start, line->pos - start);
	word[line->pos - start] = '\0';
	if (line->complete)
		line->complete(line, word, first, more, sizeof(more));
	insert(line, more, strlen(more));
}

static const struct {
	char key;
	void (*act)(struct line *line);
} keys[] = {
	{ CTRL('A'), key_home },
	{ CTRL('B'), key_left },
	{ CTRL('E'), key_end },
	{ CTRL('F'), key_right },
	{ CTRL('H'), key_backspace },
	{ CTRL('I'), key_complete },
	{ CTRL('K'), key_cut_end },
	{ CTRL('L'), key_clear },
	{ CTRL('N'), key_next },
	{ CTRL('P'), key_previous },
	{ CTRL('T'), key_swap },
	{ CTRL('U'), key_cut_start },
	{ CTRL('W'), key_cut_word },
	{ CTRL('Y'), key_paste },
	{ DEL, key_backspace },
};

static const struct {
	const char *sequence; /* behind ESC */
	void (*act)(struct line *line);
} escapes[] = {
	{ "[A", key_previous }, { "[B", key_next }, { "[C", key_right }, { "[D", key_left },
	{ "OA", key_previous }, { "OB", key_next }, { "OC", key_right }, { "OD", key_left },
	{ "[H", key_home }, { "[F", key_end }, { "OH", key_home }, { "OF", key_end },
	{ "[1~", key_home }, { "[4~", key_end }, { "[7~", key_home }, { "[8~", key_end },
	{ "[3~", key_delete }, { "[1;5C", key_word_right }, { "[1;5D", key_word_left },
	{ "b", key_word_left }, { "f", key_word_right }, { "d", key_cut_word_right },
};

/* Collects a sequence until it is one of ours, ends, or grows too long. */
static void escape_key(struct line *line, char key)
{
	size_t len = ++line->escape_len - 1, i;

	line->escape[len - 1] = key;
	line->escape[len] = '\0';
	for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (!strcmp(escapes[i].sequence, line->escape)) {
			line->escape_len = 0;
			escapes[i].act(line);
			return;
		}
	}
	if (len == sizeof(line->escape) - 2 ||
	    (len > 1 && (isalpha((unsigned char)key) || key == '~')) ||
	    (len == 1 && key != '[' && key != 'O'))
		line->escape_len = 0;
}

enum line_result line_key(struct line *line, char key)
{
	size_t i;

	if (line->escape_len) {
		escape_key(line, key);
		return LINE_MORE;
	}
	if (key == ESC) {
		line->escape_len = 1;
		return LINE_MORE;
	}
	if (key == '\r' || key == '\n')
		return LINE_DONE;
	if (key == CTRL('C'))
		return LINE_CANCEL;
	if (key == CTRL('D') && !line->len)
		return LINE_EOF;
	if (key == CTRL('D'))
		key_delete(line);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key)
			keys[i].act(line);
	if (isprint((unsigned char)key))
		insert(line, &key, 1);
	return LINE_MORE;
}

void line_remember(struct line *line, const char *text)
{
	char *copy;

	if (!*text ||
	    (line->history_count && !strcmp(line->history[line->history_count - 1], text)))
		return;
	copy = strdup(text);
	if (!copy)
		return;
	if (line->history_count == LINE_HISTORY) {
		free(line->history[0]);
		memmove(line->history, line->history + 1, (LINE_HISTORY - 1) * sizeof(char *));
		line->history_count--;
	}
	line->history[line->history_count++] = copy;
}

void line_free(struct line *line)
{
	while (line->history_count)
		free(line->history[--line->history_count]);
}
