/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unpacks deflate (RFC 1951) into a buffer whose size is known, as gzip's trailer tells it.
 *
 * Reading past the end of the input yields zero bits, which are counted: the bit reader cannot
 * fail, and its callers ask once a symbol whether they have consumed such bits. Every length,
 * distance and table size is checked against what the format allows and against the buffers before
 * it is used.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/builder/inflate.h"

#define MAX_BITS      15
#define FAST_BITS     10
#define MAX_SYMBOLS   288

/*
 * A canonical Huffman code. Codes of up to FAST_BITS bits are found in one step: fast[] holds
 * symbol << 4 | length by the next FAST_BITS input bits. Longer ones go by the counts per length.
 */
struct huffman {
	uint16_t fast[1 << FAST_BITS];
	uint16_t count[MAX_BITS + 1];
	uint16_t symbol[MAX_SYMBOLS];
};

struct stream {
	const uint8_t *in;
	size_t len, at;
	uint64_t bits;
	unsigned int nbits;
	unsigned int padding; /* zero bits put in behind the end of the input */
	uint8_t *out;
	size_t out_len, out_at;
	struct huffman lengths, distances;
};

static void fill(struct stream *s, unsigned int need)
{
	while (s->nbits < need) {
		uint64_t byte = 0;

		if (s->at < s->len)
			byte = s->in[s->at++];
		else
			s->padding += 8;
		s->bits |= byte << s->nbits;
		s->nbits += 8;
	}
}

static unsigned int take(struct stream *s, unsigned int count)
{
	unsigned int value;

	fill(s, count);
	value = s->bits & ((1u << count) - 1);
	s->bits >>= count;
	s->nbits -= count;
	return value;
}

static unsigned int reverse(unsigned int code, unsigned int len)
{
	unsigned int out = 0;

	while (len--) {
		out = out << 1 | (code & 1);
		code >>= 1;
	}
	return out;
}

static void fill_fast(struct huffman *h, unsigned int code, unsigned int len, unsigned int symbol)
{
	unsigned int i;

	if (len > FAST_BITS)
		return;
	for (i = reverse(code, len); i < 1u << FAST_BITS; i += 1u << len)
		h->fast[i] = symbol << 4 | len;
}

/* -EINVAL when the lengths name more codes than there are, or too few (but for a lone code). */
static int build(struct huffman *h, const uint8_t *lengths, unsigned int n)
{
	uint16_t next[MAX_BITS + 2], offset[MAX_BITS + 2];
	unsigned int len, i;
	int left = 1;

	memset(h, 0, sizeof(*h));
	for (i = 0; i < n; i++)
		h->count[lengths[i]]++;
	h->count[0] = 0;
	next[1] = offset[1] = 0;
	for (len = 1; len <= MAX_BITS; len++) {
		left = 2 * left - h->count[len];
		if (left < 0)
			return -EINVAL;
		next[len + 1] = (next[len] + h->count[len]) << 1;
		offset[len + 1] = offset[len] + h->count[len];
	}
	if (left && offset[MAX_BITS + 1] > 1)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		if (!lengths[i])
			continue;
		h->symbol[offset[lengths[i]]++] = i;
		fill_fast(h, next[lengths[i]]++, lengths[i], i);
	}
	return 0;
}

/* The next symbol, or -EINVAL for bits that are no code. */
static int decode(struct stream *s, const struct huffman *h)
{
	int code = 0, first = 0, index = 0;
	unsigned int len, entry;

	fill(s, MAX_BITS);
	entry = h->fast[s->bits & ((1u << FAST_BITS) - 1)];
	if (entry) {
		s->bits >>= entry & 15;
		s->nbits -= entry & 15;
		return entry >> 4;
	}
	for (len = 1; len <= MAX_BITS; len++) {
		code |= s->bits >> (len - 1) & 1;
		if (code - first < h->count[len]) {
			s->bits >>= len;
			s->nbits -= len;
			return h->symbol[index + code - first];
		}
		index += h->count[len];
		first = (first + h->count[len]) << 1;
		code <<= 1;
	}
	return -EINVAL;
}

/* Padding is the last that fill() put in: less left than was padded means some was consumed. */
static bool overrun(const struct stream *s)
{
	return s->nbits < s->padding;
}

static int copy_match(struct stream *s, size_t length, size_t distance)
{
	uint8_t *to = s->out + s->out_at;

	if (distance > s->out_at)
		return -EINVAL;
	if (length > s->out_len - s->out_at)
		return -EFBIG;
	s->out_at += length;
	if (distance >= length) {
		memcpy(to, to - distance, length);
		return 0;
	}
	for (; length; length--, to++)
		*to = to[-(ptrdiff_t)distance];
	return 0;
}

static int inflate_match(struct stream *s, unsigned int symbol)
{
	static const uint16_t length_base[] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27,
						31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
						227, 258 };
	static const uint8_t length_bits[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2,
					       3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
	static const uint16_t dist_base[] = { 1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129,
					      193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
					      6145, 8193, 12289, 16385, 24577 };
	size_t length, distance;
	int code;

	symbol -= 257;
	if (symbol >= sizeof(length_bits))
		return -EINVAL;
	length = length_base[symbol] + take(s, length_bits[symbol]);
	code = decode(s, &s->distances);
	if (code < 0 || code >= 30)
		return -EINVAL;
	distance = dist_base[code] + take(s, code < 2 ? 0 : code / 2 - 1);
	return copy_match(s, length, distance);
}

static int inflate_symbols(struct stream *s)
{
	for (;;) {
		int symbol = decode(s, &s->lengths);
		int rc;

		if (symbol < 0)
			return symbol;
		if (symbol == 256)
			return 0;
		if (symbol > 256) {
			rc = inflate_match(s, symbol);
			if (rc)
				return rc;
		} else if (s->out_at == s->out_len) {
			return -EFBIG;
		} else {
			s->out[s->out_at++] = symbol;
		}
		if (overrun(s))
			return -EINVAL;
	}
}

static int inflate_stored(struct stream *s)
{
	unsigned int len, check;

	take(s, s->nbits & 7);
	len = take(s, 16);
	check = take(s, 16);
	if (len != (~check & 0xffff) || overrun(s))
		return -EINVAL;
	if (len > s->out_len - s->out_at)
		return -EFBIG;
	for (; len && s->nbits; len--)
		s->out[s->out_at++] = take(s, 8);
	if (len > s->len - s->at)
		return -EINVAL;
	memcpy(s->out + s->out_at, s->in + s->at, len);
	s->out_at += len;
	s->at += len;
	return 0;
}

static void build_fixed(struct stream *s)
{
	uint8_t lengths[MAX_SYMBOLS];

	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	build(&s->lengths, lengths, 288);
	/* 32 codes make the set whole; the two that no stream may use are refused by number. */
	memset(lengths, 5, 32);
	build(&s->distances, lengths, 32);
}

/* Reads the code lengths of a dynamic block, themselves coded by the code in s->lengths. */
static int read_lengths(struct stream *s, uint8_t *lengths, unsigned int n)
{
	unsigned int at = 0, repeat;
	uint8_t value;

	while (at < n) {
		int symbol = decode(s, &s->lengths);

		if (symbol < 0)
			return symbol;
		if (symbol < 16) {
			lengths[at++] = symbol;
			continue;
		}
		if (symbol == 16 && !at)
			return -EINVAL;
		value = symbol == 16 ? lengths[at - 1] : 0;
		repeat = symbol == 16 ? 3 + take(s, 2) :
			 symbol == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
		if (repeat > n - at)
			return -EINVAL;
		memset(lengths + at, value, repeat);
		at += repeat;
	}
	return 0;
}

static int build_dynamic(struct stream *s)
{
	static const uint8_t order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5,
					   11, 4, 12, 3, 13, 2, 14, 1, 15 };
	uint8_t lengths[MAX_SYMBOLS + 32] = { 0 };
	unsigned int nlen = take(s, 5) + 257, ndist = take(s, 5) + 1, ncode = take(s, 4) + 4;
	unsigned int i;

	if (nlen > 286 || ndist > 30)
		return -EINVAL;
	for (i = 0; i < ncode; i++)
		lengths[order[i]] = take(s, 3);
	if (build(&s->lengths, lengths, 19))
		return -EINVAL;
	memset(lengths, 0, sizeof(lengths));
	if (read_lengths(s, lengths, nlen + ndist) || !lengths[256])
		return -EINVAL;
	if (build(&s->lengths, lengths, nlen) || build(&s->distances, lengths + nlen, ndist))
		return -EINVAL;
	return 0;
}

static int inflate_block(struct stream *s, unsigned int type)
{
	int rc;

	switch (type) {
	case 0:
		return inflate_stored(s);
	case 1:
		build_fixed(s);
		return inflate_symbols(s);
	case 2:
		rc = build_dynamic(s);
		return rc ? rc : inflate_symbols(s);
	default:
		return -EINVAL;
	}
}

int inflate_raw(const uint8_t *in, size_t len, uint8_t *out, size_t *out_len, size_t *used)
{
	struct stream *s = calloc(1, sizeof(*s));
	bool last;
	int rc;

	if (!s)
		return -ENOMEM;
	s->in = in;
	s->len = len;
	s->out = out;
	s->out_len = *out_len;
	do {
		last = take(s, 1);
		rc = inflate_block(s, take(s, 2));
		if (!rc && overrun(s))
			rc = -EINVAL;
	} while (!rc && !last);
	*out_len = s->out_at;
	*used = s->at - (s->nbits - s->padding) / 8;
	free(s);
	return rc;
}
