/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts a command line into words. */
#include <stdbool.h>
#include <stddef.h>

#include "tools/shell/words.h"

/* Moves a word to @out without its quotes; returns what follows it, NULL for an open quote. */
static char *take_word(char *in, char **out)
{
	char quote = 0;

	for (; *in; in++) {
		if (quote && *in == quote) {
			quote = 0;
		} else if (!quote && (*in == '"' || *in == '\'')) {
			quote = *in;
		} else if (*in == '\\' && quote != '\'' && in[1]) {
			*(*out)++ = *++in;
		} else if (!quote && (*in == ' ' || *in == '\t')) {
			break;
		} else {
			*(*out)++ = *in;
		}
	}
	return quote ? NULL : in;
}

int words_split(char *text, char *words[WORDS_MAX + 1])
{
	char *in = text, *out = text;
	int count = 0;
	bool more;

	for (;;) {
		while (*in == ' ' || *in == '\t')
			in++;
		if (!*in || *in == '#')
			break;
		if (count == WORDS_MAX)
			return -2;
		words[count++] = out;
		in = take_word(in, &out);
		if (!in)
			return -1;
		more = *in;
		*out++ = '\0';
		in += more;
	}
	words[count] = NULL;
	return count;
}
