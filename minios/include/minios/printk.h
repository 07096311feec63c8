/* SPDX-License-Identifier: MIT */
/* The kernel's own messages: small formatter, no newlib, usable everywhere, also in traps. */
#ifndef MINIOS_PRINTK_H
#define MINIOS_PRINTK_H

#include <stdarg.h>
#include <stddef.h>

/* %d %i %u %x %X %p %s %c %% with -, 0, width, precision of %s, and l, ll, z. */
int vformat(char *buf, size_t size, const char *fmt, va_list ap);
int format(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void vprintk(const char *fmt, va_list ap);

/*
 * Where printk() goes: straight to console_io until somebody (console.c) sets another sink. A small
 * kernel without console.c keeps the first.
 */
void printk_set_sink(void (*sink)(const void *data, size_t len));
void printk_console_io(const void *data, size_t len);

#endif
