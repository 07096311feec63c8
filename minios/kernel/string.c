/* SPDX-License-Identifier: MIT */
/* The memory and string functions that the compiler and the kernel core call, without newlib. */
#include <stdint.h>
#include <string.h>
#include <minios/arch/layout.h>

#define WORD sizeof(unsigned long)

/* Words, then the bytes that are left. */
void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	size_t words = n / WORD, bytes = n % WORD;
	void *d = dst;

	__asm__ volatile("rep movs" WORD_SUFFIX : "+D"(d), "+S"(src), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(bytes) : : "memory");
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	if ((uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(dst, src, n);
	while (n--)
		d[n] = s[n];
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	unsigned long pattern = (unsigned char)c * (~0ul / 0xff);
	size_t words = n / WORD, bytes = n % WORD;
	void *d = dst;

	__asm__ volatile("rep stos" WORD_SUFFIX : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(bytes) : "a"(pattern) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return p - s;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; n--)
		a++, b++;
	return n ? (unsigned char)*a - (unsigned char)*b : 0;
}
