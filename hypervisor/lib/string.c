/* SPDX-License-Identifier: GPL-2.0-only */
/* Zero-terminated strings beyond C's own, and numbers in them. */
#include "hypervisor/lib/string.h"

size_t str_copy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);

	if (size) {
		size_t n = MIN(len, size - 1);

		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

bool str_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (u8)c;
}

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 255;
}

/* Finds the base that the prefix says, and steps over "0x" when a digit follows it. */
static unsigned number_base(const char **s, unsigned base)
{
	const char *p = *s;

	if ((base == 0 || base == 16) && p[0] == '0' && lower(p[1]) == 'x' && digit(p[2]) < 16) {
		*s += 2;
		return 16;
	}
	if (base)
		return base;
	return p[0] == '0' ? 8 : 10;
}

u64 str_to_u64(const char *s, const char **end, unsigned base)
{
	u64 value = 0;

	for (base = number_base(&s, base); digit(*s) < base; s++) {
		u64 next;

		if (__builtin_mul_overflow(value, (u64)base, &next) ||
		    __builtin_add_overflow(next, (u64)digit(*s), &next))
			next = ~0ull;
		value = next;
	}
	if (end)
		*end = s;
	return value;
}

u64 str_to_size(const char *s, const char **end, u64 unit)
{
	static const char suffixes[] = "bkmgt";
	const char *after;
	u64 value = str_to_u64(s, &after, 0), bytes;
	const char *suffix = *after ? strchr(suffixes, lower(*after)) : NULL;

	if (after != s && suffix) {
		unit = 1ull << (10 * (suffix - suffixes));
		after++;
	}
	if (end)
		*end = after;
	return __builtin_mul_overflow(value, unit, &bytes) ? ~0ull : bytes;
}
