/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses the syntax of xl.cfg(5).
 *
 *	file    := { [ setting ] ( newline | ';' ) }
 *	setting := key ( '=' | '+=' ) value
 *	value   := string | number | '[' [ value { ',' value } [ ',' ] ] ']'
 *
 * '#' starts a comment; inside a list newlines are spaces, elsewhere a backslash before a newline
 * joins two lines. '+=' joins a string to a string and a list to a list.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/cfg.h"
#include "tools/lib/buf.h"

struct parser {
	struct cfg *cfg;
	const char *name;
	const char *at, *end;
	unsigned int line, column;
	unsigned int depth; /* of lists around the current position */
	struct cfg_report *report;
};

void cfg_complain(struct cfg_report *report, bool error, const char *file, unsigned int line,
		  unsigned int column, const char *fmt, ...)
{
	char what[256], text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (line)
		snprintf(text, sizeof(text), "%s:%u:%u: %s", file, line, column, what);
	else
		snprintf(text, sizeof(text), "%s: %s", file, what);
	report->put(report, error, text);
}

#define fail(p, ...) fail_at(p, (p)->line, (p)->column, __VA_ARGS__)
#define fail_at(p, l, c, ...)                                                                      \
	(cfg_complain((p)->report, true, (p)->name, l, c, __VA_ARGS__), -EINVAL)

static int peek(const struct parser *p)
{
	return p->at < p->end ? (unsigned char)*p->at : EOF;
}

static void advance(struct parser *p)
{
	if (*p->at++ == '\n') {
		p->line++;
		p->column = 1;
	} else {
		p->column++;
	}
}

/* Passes blanks, comments, joined lines, and newlines where the grammar lets them be blanks. */
static void skip_blanks(struct parser *p)
{
	for (;;) {
		int c = peek(p);

		if (c == '#') {
			while (peek(p) != '\n' && peek(p) != EOF)
				advance(p);
		} else if (c == '\\' && p->end - p->at > 1 && p->at[1] == '\n') {
			advance(p);
			advance(p);
		} else if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && p->depth)) {
			advance(p);
		} else {
			return;
		}
	}
}

static const char *describe(int c, char out[8])
{
	if (c == EOF)
		return "the end of the file";
	if (c == '\n')
		return "the end of the line";
	snprintf(out, 8, isprint(c) ? "'%c'" : "0x%02x", c);
	return out;
}

static int fail_expected(struct parser *p, const char *what)
{
	char text[8];

	return fail(p, "expected %s, found %s", what, describe(peek(p), text));
}

static void free_value(struct cfg_value *value)
{
	while (value) {
		struct cfg_value *next = value->next;

		free_value(value->items);
		free(value->string);
		free(value);
		value = next;
	}
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_hex_escape(struct parser *p, struct buf *text)
{
	int high, low;

	high = hex_digit(peek(p));
	if (high < 0)
		return fail(p, "\\x needs two hexadecimal digits");
	advance(p);
	low = hex_digit(peek(p));
	if (low < 0 || !(high | low))
		return fail(p, "\\x needs two hexadecimal digits, not both zero");
	advance(p);
	buf_putc(text, high << 4 | low);
	return 0;
}

static int parse_escape(struct parser *p, struct buf *text)
{
	static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	const char *known;
	int c;

	advance(p);
	c = peek(p);
	if (c == EOF || c == '\n')
		return fail(p, "the string does not end on its line");
	advance(p);
	if (c == 'x')
		return parse_hex_escape(p, text);
	known = strchr(from, c);
	buf_putc(text, known && c ? to[known - from] : c);
	return 0;
}

static int parse_string(struct parser *p, struct cfg_value *value)
{
	struct buf text = { 0 };
	int quote = peek(p);
	int c, rc = 0;

	value->type = CFG_STRING;
	advance(p);
	while (!rc && (c = peek(p)) != quote) {
		if (c == EOF || c == '\n') {
			rc = fail_at(p, value->line, value->column,
				     "the string does not end on its line");
		} else if (!c) {
			rc = fail(p, "a string cannot hold a zero byte");
		} else if (c == '\\') {
			rc = parse_escape(p, &text);
		} else {
			buf_putc(&text, c);
			advance(p);
		}
	}
	buf_putc(&text, '\0');
	if (!rc && text.failed)
		rc = -ENOMEM;
	if (rc) {
		buf_free(&text);
		return rc;
	}
	advance(p);
	value->string = text.data;
	return 0;
}

static int parse_number(struct parser *p, struct cfg_value *value)
{
	char digits[32];
	size_t len = 0;
	char *rest;

	value->type = CFG_NUMBER;
	while (isalnum(peek(p)) || peek(p) == '_' || (len == 0 && peek(p) == '-')) {
		if (len == sizeof(digits) - 1)
			return fail_at(p, value->line, value->column, "the number is too long");
		digits[len++] = peek(p);
		advance(p);
	}
	digits[len] = '\0';
	errno = 0;
	value->number = strtoll(digits, &rest, 0);
	if (*rest || rest == digits)
		return fail_at(p, value->line, value->column, "'%s' is not a number", digits);
	if (errno)
		return fail_at(p, value->line, value->column, "the number %s is too large", digits);
	return 0;
}

static int parse_value(struct parser *p, struct cfg_value **out);

static int parse_items(struct parser *p, struct cfg_value *list)
{
	struct cfg_value **tail = &list->items;
	int rc;

	for (;;) {
		skip_blanks(p);
		if (peek(p) == ']')
			return 0;
		rc = parse_value(p, tail);
		if (rc)
			return rc;
		tail = &(*tail)->next;
		skip_blanks(p);
		if (peek(p) == ',')
			advance(p);
		else if (peek(p) != ']')
			return fail_expected(p, "',' or ']'");
	}
}

static int parse_list(struct parser *p, struct cfg_value *list)
{
	int rc;

	list->type = CFG_LIST;
	if (p->depth == CFG_MAX_DEPTH)
		return fail(p, "lists are nested too deeply");
	advance(p);
	p->depth++;
	rc = parse_items(p, list);
	p->depth--;
	if (!rc)
		advance(p);
	return rc;
}

/* Leaves what was parsed in *@out, also after a failure: the caller frees. */
static int parse_value(struct parser *p, struct cfg_value **out)
{
	struct cfg_value *value;
	int c;

	skip_blanks(p);
	value = calloc(1, sizeof(*value));
	if (!value)
		return -ENOMEM;
	*out = value;
	value->line = p->line;
	value->column = p->column;
	c = peek(p);
	if (c == '"' || c == '\'')
		return parse_string(p, value);
	if (c == '[')
		return parse_list(p, value);
	if (isdigit(c) || c == '-')
		return parse_number(p, value);
	return fail_expected(p, "a string, a number or a list");
}

static int parse_key(struct parser *p, struct cfg_setting *setting)
{
	const char *start = p->at;

	setting->line = p->line;
	setting->column = p->column;
	if (!isalpha(peek(p)) && peek(p) != '_')
		return fail_expected(p, "the name of a setting");
	while (isalnum(peek(p)) || peek(p) == '_' || peek(p) == '-')
		advance(p);
	setting->key = strndup(start, p->at - start);
	return setting->key ? 0 : -ENOMEM;
}

static int parse_operator(struct parser *p, bool *append)
{
	skip_blanks(p);
	*append = peek(p) == '+';
	if (*append)
		advance(p);
	if (peek(p) != '=')
		return fail_expected(p, "'='");
	advance(p);
	return 0;
}

static struct cfg_setting **find(struct cfg *cfg, const char *key)
{
	struct cfg_setting **at = &cfg->settings;

	while (*at && strcmp((*at)->key, key))
		at = &(*at)->next;
	return at;
}

static int append_value(struct parser *p, struct cfg_value *old, struct cfg_value **more)
{
	struct cfg_value **tail = &old->items;
	size_t len;
	char *text;

	if (old->type != (*more)->type || old->type == CFG_NUMBER)
		return fail_at(p, (*more)->line, (*more)->column,
			       "'+=' joins a string to a string or a list to a list");
	if (old->type == CFG_LIST) {
		while (*tail)
			tail = &(*tail)->next;
		*tail = (*more)->items;
		(*more)->items = NULL;
		return 0;
	}
	len = strlen(old->string);
	text = realloc(old->string, len + strlen((*more)->string) + 1);
	if (!text)
		return -ENOMEM;
	strcpy(text + len, (*more)->string);
	old->string = text;
	return 0;
}

static void free_setting(struct cfg_setting *setting)
{
	free_value(setting->value);
	free(setting->key);
	free(setting);
}

/* Takes @setting over, whatever happens. */
static int store_setting(struct parser *p, struct cfg_setting *setting, bool append)
{
	struct cfg_setting **slot = find(p->cfg, setting->key);
	struct cfg_setting *old = *slot;
	int rc = 0;

	if (old && append) {
		rc = append_value(p, old->value, &setting->value);
		free_setting(setting);
		return rc;
	}
	if (old) {
		setting->next = old->next;
		free_setting(old);
	}
	*slot = setting;
	return 0;
}

static int parse_setting(struct parser *p)
{
	struct cfg_setting *setting = calloc(1, sizeof(*setting));
	bool append = false;
	int rc;

	if (!setting)
		return -ENOMEM;
	rc = parse_key(p, setting);
	if (!rc)
		rc = parse_operator(p, &append);
	if (!rc)
		rc = parse_value(p, &setting->value);
	if (!rc)
		return store_setting(p, setting, append);
	free_setting(setting);
	return rc;
}

int cfg_parse(struct cfg *cfg, const char *name, const char *text, size_t len,
	      struct cfg_report *report)
{
	struct parser p = { .cfg = cfg, .name = name, .at = text, .end = text + len,
			    .line = 1, .column = 1, .report = report };
	int rc;

	free(cfg->name);
	cfg->name = strdup(name);
	if (!cfg->name)
		return -ENOMEM;
	for (;;) {
		skip_blanks(&p);
		if (peek(&p) == EOF)
			return 0;
		if (peek(&p) == '\n' || peek(&p) == ';') {
			advance(&p);
			continue;
		}
		rc = parse_setting(&p);
		if (rc)
			return rc;
		skip_blanks(&p);
		if (peek(&p) != '\n' && peek(&p) != ';' && peek(&p) != EOF)
			return fail_expected(&p, "the end of the line");
	}
}

void cfg_free(struct cfg *cfg)
{
	while (cfg->settings) {
		struct cfg_setting *next = cfg->settings->next;

		free_setting(cfg->settings);
		cfg->settings = next;
	}
	free(cfg->name);
	cfg->name = NULL;
}
