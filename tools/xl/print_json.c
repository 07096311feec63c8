/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints parsed JSON indented, as xl list -l does. */
#include <string.h>

#include "tools/xl/xl.h"

static void indent(FILE *out, unsigned int depth)
{
	fprintf(out, "\n%*s", 4 * depth, "");
}

static void print_scalar(FILE *out, const struct json *json, int value)
{
	size_t len;
	const char *text = json_text(json, value, &len);

	if (json_is_string(json, value))
		fputc('"', out);
	fwrite(text, 1, len, out);
	if (json_is_string(json, value))
		fputc('"', out);
}

static void print_member(FILE *out, const struct json *json, int value, int i, unsigned int depth)
{
	if (json_is_array(json, value)) {
		xl_print_json(out, json, json_at(json, value, i), depth);
		return;
	}
	print_scalar(out, json, json_member_key(json, value, i));
	fputs(": ", out);
	xl_print_json(out, json, json_member_value(json, value, i), depth);
}

void xl_print_json(FILE *out, const struct json *json, int value, unsigned int depth)
{
	bool object = json_is_object(json, value);
	int i, count = json_size(json, value);

	if (!object && !json_is_array(json, value)) {
		print_scalar(out, json, value);
		return;
	}
	fputc(object ? '{' : '[', out);
	for (i = 0; i < count; i++) {
		if (i)
			fputc(',', out);
		indent(out, depth + 1);
		print_member(out, json, value, i, depth + 1);
	}
	if (count)
		indent(out, depth);
	fputc(object ? '}' : ']', out);
}
