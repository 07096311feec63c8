/* SPDX-License-Identifier: GPL-2.0-only */
/* The device strings in lists of xl.cfg(5): comma-separated parameters, checked by tables. */
#ifndef TOOLS_CFG_CFG_DEVICES_H
#define TOOLS_CFG_CFG_DEVICES_H

#include <stdbool.h>

#include "tools/cfg/cfg.h"

#define DEVICE_SLOTS 32

/* One device string while it is read. Parameters that exclude each other share a slot. */
struct device_spec {
	const char *list; /* "disk" or "vif" */
	const char *file;
	const struct cfg_value *value;
	struct cfg_report *report;
	char *text; /* a copy that is cut into parameters */
	const char *given[DEVICE_SLOTS]; /* values, inside @text; a flag's is its name */
	bool old_syntax; /* a deprecated form was met */
};

enum device_key_kind {
	KEY_VALUE, /* name=value */
	KEY_FLAG, /* name */
	KEY_EITHER, /* name, or name=value */
	KEY_REFUSED, /* known, but not possible here; @expected says why */
};

struct device_key {
	const char *name;
	enum device_key_kind kind;
	unsigned int slot;
	const char *expected; /* of a value, in words; without @valid a list of words to choose from */
	bool (*valid)(const char *value);
};

struct device_list {
	const struct device_key *keys; /* ends with a row without a name */
	/* A parameter without a key; NULL: there are none. */
	int (*positional)(struct device_spec *spec, char *at);
	/* What the parameters must be together. */
	int (*whole)(struct device_spec *spec);
	const char *last; /* this key takes all the rest of the string, or NULL */
	/* A number that no two devices may share, or -1. */
	long long (*identity)(const struct device_spec *spec);
	const char *identity_name;
};

extern const struct device_list disk_list, vif_list;

/* Reports an error at @at, which points into spec->text: -EINVAL. */
int device_fail(const struct device_spec *spec, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Gives the parameter @key the value at @value (into spec->text): 0, or -EINVAL (reported). */
int device_give(struct device_spec *spec, const struct device_key *key, const char *at,
		const char *value);
const struct device_key *device_find_key(const struct device_list *list, const char *name);

/* Checks all strings of the list @s: 0, -EINVAL with every wrong string reported, or -ENOMEM. */
int cfg_check_devices(const struct device_list *list, const char *file,
		      const struct cfg_setting *s, struct cfg_report *report);

/* Values that both lists know. */
bool device_is_text(const char *value);
bool device_is_domain(const char *value);
/* Whether @value is one of @words, which are separated by ", ". */
bool device_is_choice(const char *words, const char *value);
/* Decimal digits up to @end: the number, or -1 when there is none or it is above @max. */
long long device_number(const char *text, char **end, long long max);

#endif
