/* SPDX-License-Identifier: GPL-2.0-only */
/* Formatted text, as far as messages need it: one pass over the format. */
#include "hypervisor/lib/print.h"

#include "hypervisor/lib/string.h"

#define WIDTH_MAX	4096

/* One conversion, between its `%` and its letter. */
struct spec {
	bool zero, alternate, is_long;
	int width;
};

struct output {
	char *at;
	size_t room;		/* without the final zero */
	size_t total;
};

/*
 * va_list may be an array type, which cannot be passed by address as a parameter; hence a struct.
 */
struct arguments {
	va_list list;
};

static void put(struct output *out, const char *text, size_t len)
{
	size_t n = MIN(len, out->room);

	memcpy(out->at, text, n);
	out->at += n;
	out->room -= n;
	out->total += len;
}

/* Sign or base, and text, at the end of their field. */
static void put_field(struct output *out, const struct spec *spec, const char *prefix,
		      const char *text, size_t len)
{
	size_t prefix_len = strlen(prefix), used = prefix_len + len;

	for (; !spec->zero && used < (size_t)spec->width; used++)
		put(out, " ", 1);
	put(out, prefix, prefix_len);
	for (; used < (size_t)spec->width; used++)
		put(out, "0", 1);
	put(out, text, len);
}

static void put_number(struct output *out, const struct spec *spec, const char *prefix, u64 value,
		       unsigned base)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = "0123456789abcdef"[value % base];
	while (value /= base);
	put_field(out, spec, prefix, digits + at, sizeof(digits) - at);
}

static const char *parse_spec(const char *p, struct spec *spec, struct arguments *args)
{
	*spec = (struct spec){ 0 };
	for (; *p == '0' || *p == '#'; p++)
		*(*p == '0' ? &spec->zero : &spec->alternate) = true;
	if (*p == '*') {
		spec->width = MAX(0, MIN(va_arg(args->list, int), WIDTH_MAX));
		p++;
	}
	for (; *p >= '0' && *p <= '9'; p++)
		spec->width = MIN(spec->width * 10 + (*p - '0'), WIDTH_MAX);
	spec->is_long = *p == 'l' || *p == 'z';
	return p + spec->is_long;
}

static u64 unsigned_argument(const struct spec *spec, struct arguments *args)
{
	return spec->is_long ? va_arg(args->list, u64) : va_arg(args->list, u32);
}

static void convert(struct output *out, const struct spec *spec, char letter,
		    struct arguments *args)
{
	const char *s;
	u64 number;
	s64 value;
	char c;

	switch (letter) {
	case 'd':
		value = spec->is_long ? va_arg(args->list, s64) : va_arg(args->list, s32);
		put_number(out, spec, value < 0 ? "-" : "", value < 0 ? -(u64)value : (u64)value, 10);
		break;
	case 'u':
		put_number(out, spec, "", unsigned_argument(spec, args), 10);
		break;
	case 'x':
		number = unsigned_argument(spec, args);
		put_number(out, spec, spec->alternate && number ? "0x" : "", number, 16);
		break;
	case 'p':
		put_number(out, spec, "0x", (uintptr_t)va_arg(args->list, void *), 16);
		break;
	case 's':
		s = va_arg(args->list, const char *) ?: "(null)";
		put_field(out, spec, "", s, strlen(s));
		break;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_field(out, spec, "", &c, 1);
		break;
	case '%':
		put(out, "%", 1);
		break;
	default:	/* not ours: shown, so that it is found */
		put(out, "%?", 2);
	}
}

int vsnprint(char *buf, size_t size, const char *fmt, va_list list)
{
	char none;
	struct output out = { .at = size ? buf : &none, .room = size ? size - 1 : 0 };
	struct arguments args;
	struct spec spec;

	va_copy(args.list, list);
	while (*fmt) {
		const char *percent = strchr(fmt, '%');

		if (!percent) {
			put(&out, fmt, strlen(fmt));
			break;
		}
		put(&out, fmt, percent - fmt);
		fmt = parse_spec(percent + 1, &spec, &args);
		if (!*fmt)
			break;
		convert(&out, &spec, *fmt++, &args);
	}
	va_end(args.list);
	if (size)
		*out.at = '\0';
	return (int)out.total;
}

int snprint(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprint(buf, size, fmt, args);
	va_end(args);
	return n;
}
