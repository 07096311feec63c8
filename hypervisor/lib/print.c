/* SPDX-License-Identifier: GPL-2.0-only */
/* Formatted text: one pass over the format, pieces of text go to a sink. */
#include "hypervisor/lib/print.h"

#include "hypervisor/lib/string.h"

/* One conversion, between its `%` and its letter. */
struct spec {
	bool left, zero, plus, space, alternate;
	int width;
	int precision;		/* -1: none */
	int length;		/* bytes of the argument */
};

struct output {
	struct print_sink *sink;
	size_t total;
};

static void put(struct output *out, const char *text, size_t len)
{
	if (len)
		out->sink->write(out->sink, text, len);
	out->total += len;
}

static void put_repeated(struct output *out, char c, int n)
{
	for (; n > 0; n--)
		put(out, &c, 1);
}

/* Text within its field. */
static void put_field(struct output *out, const struct spec *spec, const char *text, size_t len)
{
	int padding = spec->width - (int)MIN(len, (size_t)INT32_MAX);

	if (!spec->left)
		put_repeated(out, ' ', padding);
	put(out, text, len);
	if (spec->left)
		put_repeated(out, ' ', padding);
}

/* Sign or base, zeros, digits: within their field. */
static void put_number(struct output *out, struct spec *spec, const char *prefix, u64 value,
		       unsigned base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[24];
	int n = 0, zeros, padding, prefix_len = strlen(prefix);

	for (; value; value /= base)
		buf[sizeof(buf) - ++n] = digits[value % base];
	zeros = (spec->precision >= 0 ? spec->precision : 1) - n;
	zeros = MAX(zeros, 0);
	padding = spec->width - prefix_len - zeros - n;
	if (spec->zero && !spec->left && spec->precision < 0 && padding > 0) {
		zeros += padding;
		padding = 0;
	}
	if (!spec->left)
		put_repeated(out, ' ', padding);
	put(out, prefix, prefix_len);
	put_repeated(out, '0', zeros);
	put(out, buf + sizeof(buf) - n, n);
	if (spec->left)
		put_repeated(out, ' ', padding);
}

static void put_signed(struct output *out, struct spec *spec, s64 value)
{
	const char *prefix = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

	put_number(out, spec, prefix, value < 0 ? -(u64)value : (u64)value, 10, false);
}

static void put_string(struct output *out, struct spec *spec, const char *s)
{
	size_t max = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;

	if (!s)
		s = "(null)";
	put_field(out, spec, s, strnlen(s, max));
}

/*
 * va_list may be an array type, which cannot be passed by address as a parameter; hence a struct.
 */
struct arguments {
	va_list list;
};

static const char *parse_flags(const char *p, struct spec *spec)
{
	for (;; p++) {
		switch (*p) {
		case '-':
			spec->left = true;
			break;
		case '0':
			spec->zero = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alternate = true;
			break;
		default:
			return p;
		}
	}
}

static const char *parse_count(const char *p, int *value, struct arguments *args)
{
	if (*p == '*') {
		*value = va_arg(args->list, int);
		return p + 1;
	}
	for (*value = 0; *p >= '0' && *p <= '9'; p++)
		*value = MIN(*value * 10 + (*p - '0'), 4096);
	return p;
}

static const char *parse_length(const char *p, int *bytes)
{
	*bytes = 4;
	switch (*p) {
	case 'h':
		*bytes = p[1] == 'h' ? 1 : 2;
		return p + (p[1] == 'h' ? 2 : 1);
	case 'l':
		*bytes = 8;
		return p + (p[1] == 'l' ? 2 : 1);
	case 'z':
	case 'j':
	case 't':
		*bytes = 8;
		return p + 1;
	}
	return p;
}

static const char *parse_spec(const char *p, struct spec *spec, struct arguments *args)
{
	*spec = (struct spec){ .precision = -1 };
	p = parse_flags(p, spec);
	p = parse_count(p, &spec->width, args);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*p == '.')
		p = parse_count(p + 1, &spec->precision, args);
	return parse_length(p, &spec->length);
}

static u64 unsigned_argument(struct arguments *args, int bytes)
{
	u64 value = bytes == 8 ? va_arg(args->list, u64) : va_arg(args->list, u32);

	return bytes == 1 ? (u8)value : bytes == 2 ? (u16)value : value;
}

static s64 signed_argument(struct arguments *args, int bytes)
{
	s64 value = bytes == 8 ? va_arg(args->list, s64) : va_arg(args->list, s32);

	return bytes == 1 ? (s8)value : bytes == 2 ? (s16)value : value;
}

static void put_hex(struct output *out, struct spec *spec, u64 value, bool upper)
{
	const char *prefix = !spec->alternate || !value ? "" : upper ? "0X" : "0x";

	put_number(out, spec, prefix, value, 16, upper);
}

static void convert(struct output *out, struct spec *spec, char letter, struct arguments *args)
{
	char c;

	switch (letter) {
	case 'd':
	case 'i':
		put_signed(out, spec, signed_argument(args, spec->length));
		break;
	case 'u':
		put_number(out, spec, "", unsigned_argument(args, spec->length), 10, false);
		break;
	case 'x':
	case 'X':
		put_hex(out, spec, unsigned_argument(args, spec->length), letter == 'X');
		break;
	case 'o':
		put_number(out, spec, spec->alternate ? "0" : "",
			   unsigned_argument(args, spec->length), 8, false);
		break;
	case 'p':
		put_number(out, spec, "0x", (uintptr_t)va_arg(args->list, void *), 16, false);
		break;
	case 's':
		put_string(out, spec, va_arg(args->list, const char *));
		break;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_field(out, spec, &c, 1);
		break;
	case '%':
		put(out, "%", 1);
		break;
	default:	/* not ours: shown, so that it is found */
		put(out, "%?", 2);
	}
}

size_t print_to(struct print_sink *sink, const char *fmt, va_list list)
{
	struct output out = { .sink = sink };
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
	return out.total;
}

struct buffer_sink {
	struct print_sink sink;
	char *buf;
	size_t room;		/* without the final zero */
};

static void buffer_write(struct print_sink *sink, const char *text, size_t len)
{
	struct buffer_sink *b = container_of(sink, struct buffer_sink, sink);
	size_t n = MIN(len, b->room);

	memcpy(b->buf, text, n);
	b->buf += n;
	b->room -= n;
}

int vsnprint(char *buf, size_t size, const char *fmt, va_list args)
{
	char none;
	struct buffer_sink b = {
		.sink.write = buffer_write,
		.buf = size ? buf : &none,
		.room = size ? size - 1 : 0,
	};
	size_t total = print_to(&b.sink, fmt, args);

	if (size)
		*b.buf = '\0';
	return (int)total;
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
