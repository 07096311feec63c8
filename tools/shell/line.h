/* SPDX-License-Identifier: GPL-2.0-only */
/* A line typed at a terminal, edited with the keys people know from shells, with a history. */
#ifndef TOOLS_SHELL_LINE_H
#define TOOLS_SHELL_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_SIZE    1024
#define LINE_HISTORY 64

enum line_result {
	LINE_MORE, /* the line is not done */
	LINE_DONE, /* Enter: the line is in line->text */
	LINE_EOF, /* ^D on an empty line */
	LINE_CANCEL, /* ^C: the line is given up */
};

struct line {
	/* Shows bytes on the terminal. */
	void (*put)(struct line *line, const char *data, size_t len);
	/*
	 * Completes the word before the cursor: writes what is to be added into @out. NULL: Tab
	 * does nothing.
	 */
	void (*complete)(struct line *line, const char *word, bool first, char *out, size_t size);
	const char *prompt;
	unsigned int columns; /* of the terminal; lines longer than it are scrolled */
	char text[LINE_SIZE];
	size_t len, pos;
	char cut[LINE_SIZE]; /* what ^K, ^U, ^W took and ^Y gives back */
	char escape[8]; /* an escape sequence that is under way */
	size_t escape_len;
	char *history[LINE_HISTORY];
	size_t history_count, history_at;
	char saved[LINE_SIZE]; /* the new line, while the history is looked at */
};

void line_init(struct line *line, const char *prompt,
	       void (*put)(struct line *line, const char *data, size_t len));
/* Shows the prompt and begins an empty line. */
void line_start(struct line *line);
/* Draws prompt and line again, on the line of the terminal where the cursor is. */
void line_redraw(struct line *line);
enum line_result line_key(struct line *line, char key);
/* Remembers a line; repetitions of the last one and empty ones are not. */
void line_remember(struct line *line, const char *text);
void line_free(struct line *line);

#endif
