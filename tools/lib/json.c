/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads JSON through jsmn. jsmn finds tokens but leaves the grammar of objects to its user, so one
 * pass here checks what the accessors rely on: each member is a string with exactly one value,
 * primitives are literals or numbers, and nesting is bounded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include "jsmn/jsmn.h"

#include "tools/lib/json.h"

struct json_token {
	jsmntok_t t;
};

_Static_assert(sizeof(struct json_token) == sizeof(jsmntok_t),
	       "tokens are handed to jsmn as they are");

static const jsmntok_t *token(const struct json *json, int value)
{
	if (value < 0 || value >= json->count)
		return NULL;
	return &json->tokens[value].t;
}

static bool is_type(const struct json *json, int value, jsmntype_t type)
{
	const jsmntok_t *t = token(json, value);

	return t && t->type == type;
}

static bool text_equals(const struct json *json, const jsmntok_t *t, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(t->end - t->start) == len && !memcmp(json->text + t->start, text, len);
}

static bool valid_primitive(const struct json *json, const jsmntok_t *t)
{
	int i = t->start;

	if (text_equals(json, t, "true") || text_equals(json, t, "false") ||
	    text_equals(json, t, "null"))
		return true;
	if (json->text[i] == '-')
		i++;
	if (i == t->end)
		return false;
	for (; i < t->end; i++)
		if (!strchr("0123456789.eE+-", json->text[i]) || !json->text[i])
			return false;
	return true;
}

static int depth_of(const struct json *json, int value)
{
	int depth = 0;

	for (; value >= 0; value = json->tokens[value].t.parent)
		depth++;
	return depth;
}

static bool token_valid(const struct json *json, int value)
{
	const jsmntok_t *t = &json->tokens[value].t;
	const jsmntok_t *parent = token(json, t->parent);
	bool is_key = parent && parent->type == JSMN_OBJECT;

	if (is_key && (t->type != JSMN_STRING || t->size != 1))
		return false;
	if (!is_key && (t->type == JSMN_STRING || t->type == JSMN_PRIMITIVE) && t->size != 0)
		return false;
	if (parent && parent->type == JSMN_PRIMITIVE)
		return false;
	if (t->type == JSMN_PRIMITIVE && !valid_primitive(json, t))
		return false;
	return depth_of(json, value) <= 2 * JSON_MAX_DEPTH;
}

int json_parse(struct json *json, const char *text, size_t len)
{
	/* A token has at least one character, and one between it and the next. */
	size_t most = len / 2 + 1 < JSON_MAX_TOKENS ? len / 2 + 1 : JSON_MAX_TOKENS;
	jsmn_parser parser;
	int i;

	json->text = text;
	json->count = 0;
	json->tokens = NULL;
	if (memchr(text, 0, len))
		return -EINVAL;
	json->tokens = malloc(most * sizeof(*json->tokens));
	if (!json->tokens)
		return -ENOMEM;
	jsmn_init(&parser);
	i = jsmn_parse(&parser, text, len, &json->tokens[0].t, most);
	if (i <= 0) {
		json_free(json);
		return i == JSMN_ERROR_NOMEM ? -E2BIG : -EINVAL;
	}
	json->count = i;
	for (i = 0; i < json->count; i++) {
		if (!token_valid(json, i) || (i && json->tokens[i].t.parent < 0)) {
			json_free(json);
			return -EINVAL;
		}
	}
	return 0;
}

void json_free(struct json *json)
{
	free(json->tokens);
	json->tokens = NULL;
	json->count = 0;
}

/* The first token after everything that @value contains. */
static int skip(const struct json *json, int value)
{
	int end = json->tokens[value].t.end;

	do {
		value++;
	} while (value < json->count && json->tokens[value].t.start < end);
	return value;
}

bool json_is_object(const struct json *json, int value)
{
	return is_type(json, value, JSMN_OBJECT);
}

bool json_is_array(const struct json *json, int value)
{
	return is_type(json, value, JSMN_ARRAY);
}

bool json_is_string(const struct json *json, int value)
{
	return is_type(json, value, JSMN_STRING);
}

int json_size(const struct json *json, int value)
{
	const jsmntok_t *t = token(json, value);

	return t && (t->type == JSMN_OBJECT || t->type == JSMN_ARRAY) ? t->size : 0;
}

int json_member_key(const struct json *json, int object, int index)
{
	int key = object + 1;

	if (!json_is_object(json, object) || index < 0 || index >= json_size(json, object))
		return JSON_NONE;
	while (index--)
		key = skip(json, key + 1);
	return key;
}

int json_member_value(const struct json *json, int object, int index)
{
	int key = json_member_key(json, object, index);

	return key == JSON_NONE ? JSON_NONE : key + 1;
}

int json_get(const struct json *json, int object, const char *name)
{
	int key = object + 1;
	int i;

	if (!json_is_object(json, object))
		return JSON_NONE;
	for (i = 0; i < json->tokens[object].t.size; i++) {
		if (text_equals(json, &json->tokens[key].t, name))
			return key + 1;
		key = skip(json, key + 1);
	}
	return JSON_NONE;
}

int json_at(const struct json *json, int array, int index)
{
	int value = array + 1;

	if (!json_is_array(json, array) || index < 0 || index >= json_size(json, array))
		return JSON_NONE;
	while (index--)
		value = skip(json, value);
	return value;
}

int json_next(const struct json *json, int element)
{
	return skip(json, element);
}

int json_u64(const struct json *json, int value, uint64_t *out)
{
	const jsmntok_t *t = token(json, value);
	uint64_t n = 0;
	int i;

	if (!t)
		return -ENOENT;
	if (t->type != JSMN_PRIMITIVE)
		return -EINVAL;
	for (i = t->start; i < t->end; i++) {
		unsigned int digit = (unsigned char)json->text[i] - '0';

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return -EINVAL;
		n = n * 10 + digit;
	}
	*out = n;
	return 0;
}

int json_bool(const struct json *json, int value, bool *out)
{
	const jsmntok_t *t = token(json, value);

	if (!t)
		return -ENOENT;
	if (t->type != JSMN_PRIMITIVE)
		return -EINVAL;
	if (!text_equals(json, t, "true") && !text_equals(json, t, "false"))
		return -EINVAL;
	*out = text_equals(json, t, "true");
	return 0;
}

const char *json_text(const struct json *json, int value, size_t *len)
{
	const jsmntok_t *t = token(json, value);

	*len = t ? t->end - t->start : 0;
	return t ? json->text + t->start : "";
}

static int hex4(const char *p)
{
	int value = 0;
	int i;

	for (i = 0; i < 4; i++) {
		char c = p[i];

		value <<= 4;
		if (c >= '0' && c <= '9')
			value |= c - '0';
		else if (c >= 'a' && c <= 'f')
			value |= c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			value |= c - 'A' + 10;
		else
			return -EINVAL;
	}
	return value;
}

/* One code point of \uXXXX as UTF-8, or as one byte when @bytes. */
static int add_code_point(struct buf *out, int cp, bool bytes)
{
	if (cp < 0 || (cp >= 0xd800 && cp < 0xe000) || (bytes && cp > 0xff))
		return -EINVAL;
	if (bytes || cp < 0x80) {
		buf_putc(out, cp);
	} else if (cp < 0x800) {
		buf_putc(out, 0xc0 | cp >> 6);
		buf_putc(out, 0x80 | (cp & 0x3f));
	} else {
		buf_putc(out, 0xe0 | cp >> 12);
		buf_putc(out, 0x80 | (cp >> 6 & 0x3f));
		buf_putc(out, 0x80 | (cp & 0x3f));
	}
	return 0;
}

static int unescape(const struct json *json, int value, struct buf *out, bool bytes)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const jsmntok_t *t = token(json, value);
	const char *p, *end;

	if (!t)
		return -ENOENT;
	if (t->type != JSMN_STRING)
		return -EINVAL;
	p = json->text + t->start;
	end = json->text + t->end;
	while (p < end) {
		const char *run = p;

		while (p < end && *p != '\\')
			p++;
		buf_add(out, run, p - run);
		if (p == end)
			break;
		/* jsmn has checked that an escape is whole. */
		if (p[1] == 'u') {
			if (add_code_point(out, hex4(p + 2), bytes))
				return -EINVAL;
			p += 6;
		} else {
			const char *which = strchr(from, p[1]);

			if (!which || !p[1])
				return -EINVAL;
			buf_putc(out, to[which - from]);
			p += 2;
		}
	}
	return out->failed ? -ENOMEM : 0;
}

int json_string(const struct json *json, int value, char *out, size_t size)
{
	struct buf text = { 0 };
	int rc = unescape(json, value, &text, false);

	if (!rc && text.len >= size)
		rc = -E2BIG;
	if (!rc && text.len && memchr(text.data, 0, text.len))
		rc = -EINVAL;
	if (!rc) {
		if (text.len)
			memcpy(out, text.data, text.len);
		out[text.len] = '\0';
	}
	buf_free(&text);
	return rc;
}

int json_bytes(const struct json *json, int value, struct buf *out)
{
	return unescape(json, value, out, true);
}

/* --- the writer ------------------------------------------------------------------------------ */

void json_writer_init(struct json_writer *w, struct buf *out)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
}

static void put_quoted(struct buf *out, const char *data, size_t len, bool bytes)
{
	size_t run = 0, i;

	buf_putc(out, '"');
	for (i = 0; i < len; i++) {
		unsigned char c = data[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && !(bytes && c >= 0x80))
			continue;
		buf_add(out, data + run, i - run);
		run = i + 1;
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\n')
			buf_puts(out, "\\n");
		else
			buf_printf(out, "\\u%04x", c);
	}
	buf_add(out, data + run, len - run);
	buf_putc(out, '"');
}

static void put_key(struct json_writer *w, const char *key)
{
	if (w->more[w->depth])
		buf_putc(w->out, ',');
	w->more[w->depth] = true;
	if (key) {
		put_quoted(w->out, key, strlen(key), false);
		buf_putc(w->out, ':');
	}
}

void json_open(struct json_writer *w, const char *key, char bracket)
{
	put_key(w, key);
	buf_putc(w->out, bracket);
	if (w->depth == JSON_MAX_DEPTH)
		w->out->failed = true;
	else
		w->depth++;
	w->more[w->depth] = false;
}

void json_close(struct json_writer *w, char bracket)
{
	buf_putc(w->out, bracket);
	if (w->depth)
		w->depth--;
}

void json_put_string(struct json_writer *w, const char *key, const char *value)
{
	put_key(w, key);
	put_quoted(w->out, value, strlen(value), false);
}

void json_put_bytes(struct json_writer *w, const char *key, const void *data, size_t len)
{
	put_key(w, key);
	put_quoted(w->out, data, len, true);
}

void json_put_u64(struct json_writer *w, const char *key, uint64_t value)
{
	put_key(w, key);
	buf_printf(w->out, "%llu", (unsigned long long)value);
}

void json_put_i64(struct json_writer *w, const char *key, int64_t value)
{
	put_key(w, key);
	buf_printf(w->out, "%lld", (long long)value);
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
	json_put_raw(w, key, value ? "true" : "false");
}

void json_put_raw(struct json_writer *w, const char *key, const char *value)
{
	put_key(w, key);
	buf_puts(w->out, value);
}
