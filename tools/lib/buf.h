/* SPDX-License-Identifier: GPL-2.0-only */
/* A growing byte buffer that remembers running out of memory, so callers check once, at the end. */
#ifndef TOOLS_LIB_BUF_H
#define TOOLS_LIB_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* always NUL-terminated once something was added */
	size_t len;
	size_t cap;
	bool failed; /* an allocation failed: the content is not whole */
};

void buf_free(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first @len bytes. */
void buf_consume(struct buf *b, size_t len);

#endif
