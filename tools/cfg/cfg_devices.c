/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts the device strings of xl.cfg(5) into parameters and checks each by its list's table. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/cfg_devices.h"

int device_fail(const struct device_spec *spec, const char *at, const char *fmt, ...)
{
	char what[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	/* The value's column is that of its quote. */
	cfg_complain(spec->report, true, spec->file, spec->value->line,
		     spec->value->column + 1 + (at - spec->text), "%s: %s", spec->list, what);
	return -EINVAL;
}

bool device_is_text(const char *value)
{
	for (; *value; value++)
		if (!isprint((unsigned char)*value))
			return false;
	return true;
}

bool device_is_domain(const char *value)
{
	for (; *value; value++)
		if (!isgraph((unsigned char)*value) || *value == '/')
			return false;
	return true;
}

long long device_number(const char *text, char **end, long long max)
{
	const char *at = text;
	long long n = 0;

	for (; isdigit((unsigned char)*at); at++) {
		n = n * 10 + (*at - '0');
		if (n > max)
			return -1;
	}
	*end = (char *)at;
	return at == text ? -1 : n;
}

bool device_is_choice(const char *words, const char *value)
{
	size_t len;

	for (; *words; words += len + strspn(words + len, ", ")) {
		len = strcspn(words, ", ");
		if (len == strlen(value) && !memcmp(words, value, len))
			return true;
	}
	return false;
}

const struct device_key *device_find_key(const struct device_list *list, const char *name)
{
	const struct device_key *key;

	for (key = list->keys; key->name; key++)
		if (!strcmp(key->name, name))
			return key;
	return NULL;
}

/* An empty value means the default, and may be followed by another one. */
int device_give(struct device_spec *spec, const struct device_key *key, const char *at,
		const char *value)
{
	const char **given = &spec->given[key->slot];

	if (*given && **given)
		return device_fail(spec, at, "%s: given twice", key->name);
	*given = value;
	if (!*value || key->kind == KEY_FLAG)
		return 0;
	if (key->valid ? key->valid(value) : device_is_choice(key->expected, value))
		return 0;
	return device_fail(spec, value, "%s: \"%s\" is not %s%s", key->name, value,
			   key->valid ? "" : "one of ", key->expected);
}

static int named(const struct device_list *list, struct device_spec *spec, char *at, char *value)
{
	const struct device_key *key = device_find_key(list, at);

	if (!key)
		return device_fail(spec, at, "unknown parameter \"%s\"", at);
	if (key->kind == KEY_REFUSED)
		return device_fail(spec, at, "%s: not supported: %s", at, key->expected);
	if (value && key->kind == KEY_FLAG)
		return device_fail(spec, value, "%s: takes no value", at);
	if (!value && key->kind == KEY_VALUE)
		return device_fail(spec, at, "%s: needs a value, as %s=...", at, at);
	return device_give(spec, key, at, value ? value : at);
}

static int parameter(const struct device_list *list, struct device_spec *spec, char *at)
{
	const struct device_key *key;
	char *equals = strchr(at, '=');

	if (equals) {
		*equals = '\0';
		return named(list, spec, at, equals + 1);
	}
	key = device_find_key(list, at);
	if (list->positional && (!key || key->kind == KEY_VALUE))
		return list->positional(spec, at);
	return *at ? named(list, spec, at, NULL) : 0;
}

/* Whether @at begins with "name=". */
static bool is_last(const char *name, const char *at)
{
	size_t len = name ? strlen(name) : 0;

	return len && !strncmp(at, name, len) && at[len] == '=';
}

static int read_parameters(const struct device_list *list, struct device_spec *spec)
{
	char *at = spec->text, *comma;
	int rc;

	for (;; at = comma + 1) {
		at += strspn(at, " \t\n");
		comma = is_last(list->last, at) ? NULL : strchr(at, ',');
		if (comma)
			*comma = '\0';
		rc = parameter(list, spec, at);
		if (rc || !comma)
			return rc;
	}
}

static int read_device(const struct device_list *list, struct device_spec *spec)
{
	int rc;

	if (spec->value->type != CFG_STRING) {
		cfg_complain(spec->report, true, spec->file, spec->value->line,
			     spec->value->column, "%s: expected a string for each device",
			     spec->list);
		return -EINVAL;
	}
	spec->text = strdup(spec->value->string);
	if (!spec->text)
		return -ENOMEM;
	rc = read_parameters(list, spec);
	return rc || !list->whole ? rc : list->whole(spec);
}

/* The devices before the @count-th are in @seen. */
static int check_identity(const struct device_list *list, const struct device_spec *spec,
			  long long *seen, size_t count)
{
	size_t i;

	seen[count] = list->identity(spec);
	for (i = 0; i < count; i++)
		if (seen[count] >= 0 && seen[i] == seen[count])
			return device_fail(spec, spec->text, "%s: already taken by device %zu",
					   list->identity_name, i + 1);
	return 0;
}

int cfg_check_devices(const struct device_list *list, const char *file,
		      const struct cfg_setting *s, struct cfg_report *report)
{
	const struct cfg_value *v;
	size_t count = 0;
	long long *seen;
	int rc = 0, one;

	for (v = s->value->items; v; v = v->next)
		count++;
	seen = calloc(count + 1, sizeof(*seen));
	if (!seen)
		return -ENOMEM;
	for (v = s->value->items, count = 0; v; v = v->next, count++) {
		struct device_spec spec = {
			.list = s->key, .file = file, .value = v, .report = report
		};

		seen[count] = -1;
		one = read_device(list, &spec);
		if (!one)
			one = check_identity(list, &spec, seen, count);
		free(spec.text);
		if (one)
			rc = one;
	}
	free(seen);
	return rc;
}
