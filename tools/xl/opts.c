/* SPDX-License-Identifier: GPL-2.0-only */
/* Options of a command, without the global state of getopt(): two shells may run xl at once. */
#include <ctype.h>
#include <string.h>

#include "tools/xl/xl.h"

static int letter_index(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' : c >= 'A' && c <= 'Z' ? c - 'A' + 26 : -1;
}

bool opts_has(const struct opts *opts, char letter)
{
	return opts->set >> letter_index(letter) & 1;
}

bool opts_twice(const struct opts *opts, char letter)
{
	return opts->twice >> letter_index(letter) & 1;
}

const char *opts_value(const struct opts *opts, char letter)
{
	return opts->value[letter_index(letter)];
}

static int usage(struct xl *xl, const char *text, const char *option)
{
	const struct xl_command *c = xl_find_command(xl->command);

	fprintf(xl->io->err, text, option);
	if (c)
		fprintf(xl->io->err, "Usage: xl %s %s\n", c->name, c->usage);
	return XL_USAGE;
}

/* Takes one letter; *@next is the argument that may be its value, and becomes NULL when used. */
static int take(struct xl *xl, struct opts *opts, char letter, const char *letters,
		const char **value)
{
	const char *known = strchr(letters, letter);
	char text[2] = { letter, '\0' };

	if (!known || letter_index(letter) < 0)
		return usage(xl, "xl: unknown option -%s\n", text);
	opts->twice |= opts->set & 1ull << letter_index(letter);
	opts->set |= 1ull << letter_index(letter);
	if (known[1] != ':') {
		*value = NULL;
		return XL_OK;
	}
	if (!*value)
		return usage(xl, "xl: option -%s needs a value\n", text);
	opts->value[letter_index(letter)] = *value;
	return XL_OK;
}

static int take_long(struct xl *xl, struct opts *opts, char *arg, const char *letters,
		     const struct long_opt *longs, char *next, int *used)
{
	char *equals = strchr(arg, '=');
	const char *value = equals ? equals + 1 : next;
	size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
	int rc;

	for (; longs && longs->name; longs++) {
		if (strlen(longs->name) != len || strncmp(longs->name, arg, len))
			continue;
		rc = take(xl, opts, longs->letter, letters, &value);
		*used = value && !equals;
		return rc;
	}
	return usage(xl, "xl: unknown option --%s\n", arg);
}

static int take_short(struct xl *xl, struct opts *opts, char *arg, const char *letters, char *next,
		      int *used)
{
	const char *value;
	int rc = XL_OK;

	for (; *arg && rc == XL_OK; arg++) {
		value = arg[1] ? arg + 1 : next;
		rc = take(xl, opts, *arg, letters, &value);
		if (rc == XL_OK && value) {
			*used = value == next;
			break;
		}
	}
	return rc;
}

int opts_usage(struct xl *xl)
{
	return usage(xl, "%s", "");
}

int opts_parse(struct xl *xl, struct opts *opts, int argc, char **argv, const char *letters,
	       const struct long_opt *longs, int need)
{
	int i, used, rc;

	memset(opts, 0, sizeof(*opts));
	/* Arguments that are no options are gathered in front, in their order. */
	opts->args = argv + 1;
	for (i = 1; i < argc; i++) {
		char *next = i + 1 < argc ? argv[i + 1] : NULL;

		used = 0;
		/* A negative number is a wrong value, not an option. */
		if (argv[i][0] != '-' || !argv[i][1] || isdigit((unsigned char)argv[i][1])) {
			opts->args[opts->count++] = argv[i];
			continue;
		}
		if (argv[i][1] == '-')
			rc = take_long(xl, opts, argv[i] + 2, letters, longs, next, &used);
		else
			rc = take_short(xl, opts, argv[i] + 1, letters, next, &used);
		if (rc != XL_OK)
			return rc;
		i += used;
	}
	if (opts->count >= need)
		return XL_OK;
	fprintf(xl->io->err, "'xl %s' requires at least %d argument%s.\n\n", argv[0], need,
		need > 1 ? "s" : "");
	return usage(xl, "%s", "");
}
