/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatted text: %d %u %x %p %s %c %%, with l or z; flags 0 and #; a width, also by *. Nothing else: a
 * conversion that is not ours is shown as "%?".
 */
#ifndef HV_LIB_PRINT_H
#define HV_LIB_PRINT_H

#include <stdarg.h>

#include "hypervisor/lib/types.h"

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
