/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory and zero-terminated strings. The compiler itself calls the first four. */
#ifndef HV_LIB_STRING_H
#define HV_LIB_STRING_H

#include "hypervisor/lib/types.h"

#ifdef PARAVANE_HOST_TEST
/* The C library's take the place of ours in test programs; ours are tested as hv_*. */
#include <string.h>
#else
void *memcpy(void *restrict dst, const void *restrict src, size_t len);
void *memmove(void *dst, const void *src, size_t len);
void *memset(void *dst, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *what);

/* Free-standing code gets no built-ins by these names unless it asks. */
#define memcpy(dst, src, len)	__builtin_memcpy(dst, src, len)
#define memmove(dst, src, len)	__builtin_memmove(dst, src, len)
#define memset(dst, byte, len)	__builtin_memset(dst, byte, len)
#define memcmp(a, b, len)	__builtin_memcmp(a, b, len)
#define strlen(s)		__builtin_strlen(s)
#endif

/* Copies what fits, always terminates (unless @size is 0); returns the length of @src. */
size_t str_copy(char *dst, const char *src, size_t size);
bool str_starts(const char *s, const char *prefix);

/* A page of zeros, a copy of a page: both page-aligned. */
void clear_page(void *page);
void copy_page(void *dst, const void *src);

/*
 * A number in C's notation (0x..., 0..., decimal); *@end is set to what follows. No digits: *@end
 * is @s. Saturates at 2^64 - 1.
 */
u64 str_to_u64(const char *s, const char **end, unsigned base);
/* As above with a suffix B, K, M, G, T; without one the number counts @unit bytes. */
u64 str_to_size(const char *s, const char **end, u64 unit);

#endif
