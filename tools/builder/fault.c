/* SPDX-License-Identifier: GPL-2.0-only */
/* The reason why something failed, in words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/builder/fault.h"

int fault_set(struct fault *fault, int code, const char *fmt, ...)
{
	va_list args;

	fault->code = code;
	va_start(args, fmt);
	vsnprintf(fault->text, sizeof(fault->text), fmt, args);
	va_end(args);
	return code;
}

int fault_prefix(struct fault *fault, const char *prefix)
{
	char text[sizeof(fault->text)];

	memcpy(text, fault->text, sizeof(text));
	snprintf(fault->text, sizeof(fault->text), "%.120s: %.190s", prefix, text);
	return fault->code;
}
