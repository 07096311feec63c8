/* SPDX-License-Identifier: GPL-2.0-only */
/* Error names and strings of the wire protocol. */
#include <errno.h>

#include "xenstore-lite/wire.h"

#include <string.h>

#define ERRORS (sizeof(xsd_errors) / sizeof(xsd_errors[0]))

const char *wire_error_name(int error)
{
	unsigned int i;

	for (i = 0; i < ERRORS; i++)
		if (xsd_errors[i].errnum == error)
			return xsd_errors[i].errstring;
	return "EINVAL";
}

int wire_error_number(const char *name)
{
	unsigned int i;

	for (i = 0; i < ERRORS; i++)
		if (!strcmp(xsd_errors[i].errstring, name))
			return xsd_errors[i].errnum;
	return EIO;
}

unsigned int wire_count_strings(const char *payload, size_t len)
{
	size_t rest;

	return wire_split(payload, len, NULL, 0, &rest);
}

unsigned int wire_split(const char *payload, size_t len, const char **string, unsigned int room,
			size_t *rest)
{
	unsigned int count = 0;
	size_t at = 0;

	*rest = 0;
	while (at < len) {
		const char *nul = memchr(payload + at, 0, len - at);

		if (!nul)
			break;
		if (count < room) {
			string[count] = payload + at;
			*rest = nul + 1 - payload;
		}
		count++;
		at = nul + 1 - payload;
	}
	return count;
}

bool wire_number(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned int digit = (unsigned char)*text - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return true;
}
