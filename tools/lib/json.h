/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON in and out: a checked view over jsmn's tokens, and a writer into a struct buf. */
#ifndef TOOLS_LIB_JSON_H
#define TOOLS_LIB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/lib/buf.h"

#define JSON_MAX_TOKENS 32768 /* more than 64 KiB of text can hold */
#define JSON_MAX_DEPTH	16

struct json_token;

/*
 * A parsed text. Values are named by index; JSON_NONE stands for "not there", and every accessor
 * takes it, so a chain of look-ups is checked once at its end.
 */
struct json {
	const char *text;
	struct json_token *tokens;
	int count;
};

#define JSON_NONE (-1)
#define JSON_ROOT 0

/* Parses one JSON value that fills @text: 0, -EINVAL (malformed), -E2BIG (too large), -ENOMEM. */
int json_parse(struct json *json, const char *text, size_t len);
void json_free(struct json *json);

int json_get(const struct json *json, int object, const char *key);
int json_at(const struct json *json, int array, int index);
bool json_is_object(const struct json *json, int value);
bool json_is_array(const struct json *json, int value);
bool json_is_string(const struct json *json, int value);
/* The element of an array behind @element; beyond the last there is something else, or nothing. */
int json_next(const struct json *json, int element);
/* Members of an object, elements of an array. */
int json_size(const struct json *json, int value);
/* The key and the value of the @index-th member of an object. */
int json_member_key(const struct json *json, int object, int index);
int json_member_value(const struct json *json, int object, int index);

/* 0, -ENOENT when the value is not there, -EINVAL when it is of another kind or out of range. */
int json_u64(const struct json *json, int value, uint64_t *out);
int json_bool(const struct json *json, int value, bool *out);
/* Decodes a string into @out with a NUL: also -E2BIG. Strings with embedded NULs are -EINVAL. */
int json_string(const struct json *json, int value, char *out, size_t size);
/* A string or primitive as it was written, quotes off. */
const char *json_text(const struct json *json, int value, size_t *len);
/* Decodes bytes (every code point is one byte, U+0000 to U+00FF) and appends them to @out. */
int json_bytes(const struct json *json, int value, struct buf *out);

/* --- the writer ------------------------------------------------------------------------------ */

/* Puts commas where they belong; nesting deeper than JSON_MAX_DEPTH marks the buffer failed. */
struct json_writer {
	struct buf *out;
	unsigned int depth;
	bool more[JSON_MAX_DEPTH + 1];
};

void json_writer_init(struct json_writer *w, struct buf *out);
/* @key is NULL for elements of an array and for the outermost value. */
void json_open(struct json_writer *w, const char *key, char bracket);
void json_close(struct json_writer *w, char bracket);
void json_put_string(struct json_writer *w, const char *key, const char *value);
void json_put_bytes(struct json_writer *w, const char *key, const void *data, size_t len);
void json_put_u64(struct json_writer *w, const char *key, uint64_t value);
void json_put_i64(struct json_writer *w, const char *key, int64_t value);
void json_put_bool(struct json_writer *w, const char *key, bool value);
/* @value is JSON already. */
void json_put_raw(struct json_writer *w, const char *key, const char *value);

#endif
