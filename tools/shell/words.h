/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts a command line into words. */
#ifndef TOOLS_SHELL_WORDS_H
#define TOOLS_SHELL_WORDS_H

#define WORDS_MAX 64

/*
 * Cuts @text in place: blanks part words, quotes ('..', "..") and a backslash keep them together,
 * '#' at a word's start ends the line. The number of words, @words ends with NULL; -1 when a quote
 * does not end, -2 when there are too many words.
 */
int words_split(char *text, char *words[WORDS_MAX + 1]);

#endif
