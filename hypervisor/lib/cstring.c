/* SPDX-License-Identifier: GPL-2.0-only */
/* C's own functions for zero-terminated strings. */
#include "hypervisor/lib/string.h"

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

size_t (strlen)(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max; max--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

char *strstr(const char *s, const char *what)
{
	size_t len = strnlen(what, SIZE_MAX);

	for (;; s++) {
		if (!strncmp(s, what, len))
			return (char *)s;
		if (!*s)
			return NULL;
	}
}
