/* SPDX-License-Identifier: GPL-2.0-only */
/* How errors look: one line, marked where that can be seen. */
#include <stdarg.h>

#include "tools/xl/xl.h"

#define RED   "\033[1;31m"
#define PLAIN "\033[0m"

void xl_error(struct xl_io *io, const char *fmt, ...)
{
	va_list args;

	fprintf(io->err, "%sxl: error:%s ", io->colour ? RED : "", io->colour ? PLAIN : "");
	va_start(args, fmt);
	vfprintf(io->err, fmt, args);
	va_end(args);
	fputc('\n', io->err);
}
