/* SPDX-License-Identifier: GPL-2.0-only */
/* The control domain's shell: reads a line, runs a command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <minios/console.h>

#include "tools/shell/line.h"
#include "tools/shell/shell.h"
#include "tools/shell/words.h"

#define PROMPT "dom0# "

static struct line line;
static bool editing;

static void put(struct line *l, const char *data, size_t len)
{
	(void)l;
	console_write(data, len);
}

/* What all candidates that begin with @word have in common behind it. */
static void merge(const char *candidate, const char *word, unsigned int *count, char *out,
		  size_t size)
{
	const char *rest = candidate + strlen(word);
	size_t same = 0;

	if (strncmp(candidate, word, strlen(word)))
		return;
	if (!(*count)++) {
		snprintf(out, size, "%s", rest);
		return;
	}
	while (out[same] && out[same] == rest[same])
		same++;
	out[same] = '\0';
}

/* Commands as first word, xl's own behind "xl". */
static void complete(struct line *l, const char *word, bool first, char *out, size_t size)
{
	unsigned int found = 0;
	size_t count, i;

	if (first) {
		const struct shell_command *c = shell_commands(&count);

		for (i = 0; i < count; i++)
			merge(c[i].name, word, &found, out, size);
	} else if (!strncmp(l->text, "xl ", 3) && !strchr(l->text + 3, ' ')) {
		const struct xl_command *c = xl_commands(&count);

		for (i = 0; i < count; i++)
			merge(c[i].name, word, &found, out, size);
	}
	if (found == 1 && strlen(out) + 1 < size)
		strcat(out, " ");
}

int shell_execute(struct xl_io *io, const char *text)
{
	char copy[LINE_SIZE], *words[WORDS_MAX + 1];
	const struct shell_command *command;
	int count;

	snprintf(copy, sizeof(copy), "%s", text);
	count = words_split(copy, words);
	if (count < 0) {
		fprintf(io->err, count == -1 ? "a quote does not end\n" : "too many words\n");
		return XL_USAGE;
	}
	if (!count)
		return XL_OK;
	command = shell_find(words[0]);
	if (!command) {
		fprintf(io->err, "%s: no such command, try 'help'\n", words[0]);
		return XL_FAIL;
	}
	return command->run(io, count, words);
}

void shell_notice(const char *text)
{
	if (editing)
		console_write("\r\033[K", 4);
	console_write(text, strlen(text));
	console_write("\r\n", 2);
	if (editing)
		line_redraw(&line);
}

static enum line_result read_line(void)
{
	enum line_result result = LINE_MORE;
	char key;

	editing = true;
	line_start(&line);
	while (result == LINE_MORE) {
		console_read(&key, 1);
		result = line_key(&line, key);
	}
	editing = false;
	return result;
}

void shell_run(struct xl_io *io)
{
	line_init(&line, PROMPT, put);
	line.complete = complete;
	for (;;) {
		console_set_raw(true);
		switch (read_line()) {
		case LINE_DONE:
			console_write("\r\n", 2);
			line_remember(&line, line.text);
			console_set_raw(false);
			shell_execute(io, line.text);
			fflush(io->out);
			break;
		case LINE_CANCEL:
			console_write("^C\r\n", 4);
			break;
		default:
			/* There is nothing outside this shell that ^D could lead to. */
			console_write("\r\nUse 'poweroff' or 'reboot' to leave.\r\n", 42);
		}
	}
}
