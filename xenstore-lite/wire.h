/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes over the wire: message kinds, error names, strings in payloads. */
#ifndef XENSTORE_LITE_WIRE_H
#define XENSTORE_LITE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvabi/io/xs_wire.h"

/* Kinds that came after the version of the interface whose headers are the reference. */
#define WIRE_GET_FEATURE (XS_DIRECTORY_PART + 1)
#define WIRE_SET_FEATURE (XS_DIRECTORY_PART + 2)
#define WIRE_GET_QUOTA	 (XS_DIRECTORY_PART + 3)
#define WIRE_SET_QUOTA	 (XS_DIRECTORY_PART + 4)
#define WIRE_TYPE_COUNT	 (XS_DIRECTORY_PART + 5)

/* The name an error goes by on the wire; "EINVAL" for one that has none. Takes a positive errno. */
const char *wire_error_name(int error);
/* The other direction; EIO for a name that is not known. */
int wire_error_number(const char *name);

/* Number of nul-terminated strings in the payload; bytes behind the last nul do not count. */
unsigned int wire_count_strings(const char *payload, size_t len);
/*
 * The positions of up to @room strings. Returns how many there are; *@rest is set to the offset
 * behind the last one found.
 */
unsigned int wire_split(const char *payload, size_t len, const char **string, unsigned int room,
			size_t *rest);

/* A decimal number up to @max that is the whole string. */
bool wire_number(const char *text, uint64_t max, uint64_t *number);

#endif
