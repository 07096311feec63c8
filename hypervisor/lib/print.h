/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted text: %d %i %u %x %X %o %p %s %c %%, with l, ll, h, hh, z, j, t; flags - 0 + space #;
 * width and precision, also by *. Nothing else: no floating point, no %n.
 */
#ifndef HV_LIB_PRINT_H
#define HV_LIB_PRINT_H

#include <stdarg.h>

#include "hypervisor/lib/types.h"

/* Where formatted text goes: called with pieces of any length. */
struct print_sink {
	void (*write)(struct print_sink *sink, const char *text, size_t len);
};

/* Returns the number of characters given to the sink. */
size_t print_to(struct print_sink *sink, const char *fmt, va_list args);

/*
 * Into @buf, always terminated when @size is not 0; the result is the length of the whole text,
 * also when it did not fit.
 */
int vsnprint(char *buf, size_t size, const char *fmt, va_list args);
int snprint(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

#ifndef PARAVANE_HOST_TEST
#define vsnprintf	vsnprint
#define snprintf	snprint
#endif

#endif
