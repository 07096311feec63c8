/* SPDX-License-Identifier: GPL-2.0-only */
/* The syntax of xl.cfg(5): settings whose values are strings, numbers and lists, with positions. */
#ifndef TOOLS_CFG_CFG_H
#define TOOLS_CFG_CFG_H

#include <stdbool.h>
#include <stddef.h>

#define CFG_MAX_DEPTH 8

enum cfg_type {
	CFG_STRING,
	CFG_NUMBER,
	CFG_LIST,
};

struct cfg_value {
	enum cfg_type type;
	unsigned int line, column;
	char *string; /* CFG_STRING */
	long long number; /* CFG_NUMBER */
	struct cfg_value *items; /* CFG_LIST: the first one */
	struct cfg_value *next; /* in the list this value stands in */
};

struct cfg_setting {
	char *key;
	unsigned int line, column;
	struct cfg_value *value;
	struct cfg_setting *next;
};

/* A parsed file: its settings in their order, each key once (a later assignment replaces). */
struct cfg {
	char *name;
	struct cfg_setting *settings;
};

/* Where errors and warnings go; @text is "file:line:column: ..." without a newline. */
struct cfg_report {
	void (*put)(struct cfg_report *report, bool error, const char *text);
};

void cfg_complain(struct cfg_report *report, bool error, const char *file, unsigned int line,
		  unsigned int column, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/*
 * Parses @len bytes of @text, adding to (and replacing in) what @cfg holds; a zeroed struct cfg is
 * empty. 0, -EINVAL (reported), or -ENOMEM. On failure what was parsed before stays to be freed.
 */
int cfg_parse(struct cfg *cfg, const char *name, const char *text, size_t len,
	      struct cfg_report *report);
void cfg_free(struct cfg *cfg);

#endif
