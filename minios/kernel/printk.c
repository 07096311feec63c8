/* SPDX-License-Identifier: MIT */
/* The kernel's own messages. */
#include <minios/hypercall.h>
#include <minios/printk.h>

void printk_console_io(const void *data, size_t len)
{
	hypercall_console_io(CONSOLEIO_write, len, (char *)data);
}

static void (*sink)(const void *data, size_t len) = printk_console_io;

void printk_set_sink(void (*to)(const void *data, size_t len))
{
	sink = to;
}

void vprintk(const char *fmt, va_list ap)
{
	char line[256];
	int len = vformat(line, sizeof(line), fmt, ap);

	if (len >= (int)sizeof(line))
		len = sizeof(line) - 1;
	sink(line, len);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}
