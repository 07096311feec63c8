/* SPDX-License-Identifier: MIT */
/* A small printf formatter: integers, strings, characters, pointers. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <minios/printk.h>

struct out {
	char *buf;
	size_t size, len;
};

struct spec {
	bool left, zero, is_long, is_longlong;
	int width, precision;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_padded(struct out *o, const char *s, int len, const struct spec *sp)
{
	int pad = sp->width - len;

	for (; !sp->left && pad > 0; pad--)
		put(o, ' ');
	while (len-- > 0)
		put(o, *s++);
	for (; pad > 0; pad--)
		put(o, ' ');
}

static void put_number(struct out *o, unsigned long long v, bool negative, unsigned int base,
		       bool upper, const struct spec *sp)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[72];
	char *p = tmp + sizeof(tmp);
	int want = sp->zero && !sp->left ? sp->width - negative : 1;

	if (want > 64)
		want = 64;
	do {
		*--p = digits[v % base];
		v /= base;
	} while (v || tmp + sizeof(tmp) - p < want);
	if (negative)
		*--p = '-';
	put_padded(o, p, tmp + sizeof(tmp) - p, sp);
}

static unsigned long long take_unsigned(va_list *ap, const struct spec *sp)
{
	if (sp->is_longlong)
		return va_arg(*ap, unsigned long long);
	return sp->is_long ? va_arg(*ap, unsigned long) : va_arg(*ap, unsigned int);
}

static long long take_signed(va_list *ap, const struct spec *sp)
{
	if (sp->is_longlong)
		return va_arg(*ap, long long);
	return sp->is_long ? va_arg(*ap, long) : va_arg(*ap, int);
}

static int parse_number(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*ap, int);
	}
	while (**fmt >= '0' && **fmt <= '9')
		n = n * 10 + *(*fmt)++ - '0';
	return n;
}

static const char *parse_spec(const char *fmt, struct spec *sp, va_list *ap)
{
	*sp = (struct spec){ .precision = -1 };
	for (;; fmt++) {
		if (*fmt == '-')
			sp->left = true;
		else if (*fmt == '0')
			sp->zero = true;
		else
			break;
	}
	sp->width = parse_number(&fmt, ap);
	if (*fmt == '.') {
		fmt++;
		sp->precision = parse_number(&fmt, ap);
	}
	for (; *fmt == 'l' || *fmt == 'z'; fmt++) {
		sp->is_longlong = sp->is_long && *fmt == 'l';
		sp->is_long = true;
	}
	return fmt;
}

static void put_string(struct out *o, const char *s, const struct spec *sp)
{
	int len = 0;

	if (!s)
		s = "(null)";
	while ((sp->precision < 0 || len < sp->precision) && s[len])
		len++;
	put_padded(o, s, len, sp);
}

static void put_conversion(struct out *o, char conv, struct spec *sp, va_list *ap)
{
	long long v;
	char c;

	switch (conv) {
	case 'd':
	case 'i':
		v = take_signed(ap, sp);
		put_number(o, v < 0 ? -(unsigned long long)v : (unsigned long long)v, v < 0, 10,
			   false, sp);
		break;
	case 'u':
		put_number(o, take_unsigned(ap, sp), false, 10, false, sp);
		break;
	case 'x':
	case 'X':
		put_number(o, take_unsigned(ap, sp), false, 16, conv == 'X', sp);
		break;
	case 'p':
		sp->zero = true;
		sp->width = 2 * sizeof(void *);
		put_number(o, (uintptr_t)va_arg(*ap, void *), false, 16, false, sp);
		break;
	case 's':
		put_string(o, va_arg(*ap, const char *), sp);
		break;
	case 'c':
		c = va_arg(*ap, int);
		put_padded(o, &c, 1, sp);
		break;
	default:
		put(o, '%');
		if (conv != '%')
			put(o, conv);
	}
}

int vformat(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = size };
	struct spec sp;
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &sp, &args);
		if (!*fmt)
			break;
		put_conversion(&o, *fmt++, &sp, &args);
	}
	va_end(args);
	if (size)
		buf[o.len < size ? o.len : size - 1] = '\0';
	return o.len;
}

int format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vformat(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
