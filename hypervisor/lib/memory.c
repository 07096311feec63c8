/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory: copied and filled eight bytes at a time by string instructions. Names in parentheses are
 * not the macros of the same name, by which callers get the compiler's built-in.
 */
#include "hypervisor/lib/string.h"

void *(memcpy)(void *restrict dst, const void *restrict src, size_t len)
{
	void *to = dst;
	size_t words = len / 8, rest = len % 8;

	asm volatile("rep movsq" : "+D"(to), "+S"(src), "+c"(words) : : "memory");
	asm volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(rest) : : "memory");
	return dst;
}

/* From the end down, when the destination begins within the source. */
void *(memmove)(void *dst, const void *src, size_t len)
{
	void *to = (char *)dst + len - 1;
	const void *from = (const char *)src + len - 1;

	if ((uintptr_t)dst - (uintptr_t)src >= len)
		return memcpy(dst, src, len);
	asm volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
	return dst;
}

void *(memset)(void *dst, int byte, size_t len)
{
	void *to = dst;
	u64 pattern = (u8)byte * 0x0101010101010101ull;
	size_t words = len / 8, rest = len % 8;

	asm volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
	asm volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(pattern) : "memory");
	return dst;
}

int (memcmp)(const void *a, const void *b, size_t len)
{
	const u8 *x = a, *y = b;

	for (; len; len--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void clear_page(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

void copy_page(void *dst, const void *src)
{
	memcpy(dst, src, PAGE_SIZE);
}
