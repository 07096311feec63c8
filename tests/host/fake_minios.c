/* SPDX-License-Identifier: GPL-2.0-only */
/* What the mini-OS's sources need around them on the host. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "tests/host/fake_minios.h"

uintptr_t fake_memory;
bool fake_masked;

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	abort();
}
