/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LZMA2: LZMA in chunks that tell their sizes.
 *
 * The output is its own dictionary. The range coder never reads past its chunk: bytes it wants
 * beyond are counted as missing and make the chunk damaged, so it has no failing path inside. Each
 * copy is checked against what was written since the dictionary's last reset and what the chunk may
 * write.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tools/builder/xz.h"
#include "tools/platform/platform.h"

#define PROB_ONE   2048u
#define PROB_SHIFT 11
#define MOVE_BITS  5

#define STATES	    12
#define POS_STATES  16 /* at most */
#define LITERALS    0x300u
#define LITERAL_SETS 16 /* lc + lp is at most 4 */

typedef uint16_t prob_t;

struct length_coder {
	prob_t choice, choice2;
	prob_t low[POS_STATES][8], mid[POS_STATES][8], high[256];
};

/* All that a state reset sets to one half. */
struct probs {
	prob_t is_match[STATES][POS_STATES], is_rep[STATES];
	prob_t is_rep_g0[STATES], is_rep_g1[STATES], is_rep_g2[STATES];
	prob_t is_rep0_long[STATES][POS_STATES];
	prob_t slot[4][64], special[128], align[16];
	struct length_coder match_len, rep_len;
	prob_t literal[LITERAL_SETS][LITERALS];
};

struct lzma {
	const uint8_t *in, *end; /* of the chunk */
	bool missing; /* the coder wanted more than the chunk has */
	uint32_t range, code;
	uint8_t *dict; /* where the dictionary begins in the output */
	size_t pos; /* from there */
	size_t limit; /* of pos, in this chunk */
	unsigned int state, lc, lp_mask, pb_mask;
	uint32_t rep[4]; /* distances less one */
	bool have_props, have_dict;
	struct probs p;
};

static void normalize(struct lzma *s)
{
	if (s->range >> 24)
		return;
	s->range <<= 8;
	s->code <<= 8;
	if (s->in < s->end)
		s->code |= *s->in++;
	else
		s->missing = true;
}

static unsigned int bit(struct lzma *s, prob_t *prob)
{
	uint32_t bound;

	normalize(s);
	bound = (s->range >> PROB_SHIFT) * *prob;
	if (s->code < bound) {
		s->range = bound;
		*prob += (PROB_ONE - *prob) >> MOVE_BITS;
		return 0;
	}
	s->range -= bound;
	s->code -= bound;
	*prob -= *prob >> MOVE_BITS;
	return 1;
}

/* @bits bits, the highest first; the tree's nodes are numbered from 1. */
static uint32_t tree(struct lzma *s, prob_t *probs, unsigned int bits)
{
	uint32_t node = 1;
	unsigned int i;

	for (i = 0; i < bits; i++)
		node = node << 1 | bit(s, &probs[node]);
	return node - (1u << bits);
}

/* The same, the lowest first; @probs[0] is the node numbered 1. */
static uint32_t reverse_tree(struct lzma *s, prob_t *probs, unsigned int bits)
{
	uint32_t node = 1, value = 0, b;
	unsigned int i;

	for (i = 0; i < bits; i++) {
		b = bit(s, &probs[node - 1]);
		node = node << 1 | b;
		value |= b << i;
	}
	return value;
}

static uint32_t direct(struct lzma *s, unsigned int bits)
{
	uint32_t value = 0;

	while (bits--) {
		normalize(s);
		s->range >>= 1;
		value <<= 1;
		if (s->code >= s->range) {
			s->code -= s->range;
			value |= 1;
		}
	}
	return value;
}

static uint32_t length(struct lzma *s, struct length_coder *c, unsigned int pos_state)
{
	if (!bit(s, &c->choice))
		return 2 + tree(s, c->low[pos_state], 3);
	if (!bit(s, &c->choice2))
		return 10 + tree(s, c->mid[pos_state], 3);
	return 18 + tree(s, c->high, 8);
}

static uint32_t distance(struct lzma *s, uint32_t len)
{
	uint32_t slot = tree(s, s->p.slot[len - 2 < 3 ? len - 2 : 3], 6), base;
	unsigned int bits;

	if (slot < 4)
		return slot;
	bits = (slot >> 1) - 1;
	base = (2 | (slot & 1)) << bits;
	if (slot < 14)
		return base + reverse_tree(s, s->p.special + base - slot, bits);
	base += direct(s, bits - 4) << 4;
	return base + reverse_tree(s, s->p.align, 4);
}

static void literal(struct lzma *s)
{
	uint8_t previous = s->pos ? s->dict[s->pos - 1] : 0;
	prob_t *probs = s->p.literal[((s->pos & s->lp_mask) << s->lc) + (previous >> (8 - s->lc))];
	uint32_t symbol = 1, match, same = 0x100, b;

	if (s->state < 7) {
		symbol = tree(s, probs, 8);
	} else {
		/* As long as the bits agree with the byte at the last distance, that counts. */
		match = s->dict[s->pos - s->rep[0] - 1];
		while (symbol < 0x100) {
			match <<= 1;
			b = bit(s, &probs[same + (match & same) + symbol]);
			symbol = symbol << 1 | b;
			same &= b ? match : ~match;
		}
	}
	s->dict[s->pos++] = symbol;
	s->state = s->state < 4 ? 0 : s->state < 10 ? s->state - 3 : s->state - 6;
}

static int copy(struct lzma *s, uint32_t len)
{
	if (s->rep[0] >= s->pos || len > s->limit - s->pos)
		return -EINVAL;
	for (; len; len--, s->pos++)
		s->dict[s->pos] = s->dict[s->pos - s->rep[0] - 1];
	return 0;
}

static uint32_t new_match(struct lzma *s, unsigned int pos_state)
{
	uint32_t len = length(s, &s->p.match_len, pos_state);

	s->rep[3] = s->rep[2];
	s->rep[2] = s->rep[1];
	s->rep[1] = s->rep[0];
	s->rep[0] = distance(s, len);
	s->state = s->state < 7 ? 7 : 10;
	return len;
}

/* A match at one of the last four distances, which moves to the front. */
static uint32_t rep_match(struct lzma *s, unsigned int pos_state)
{
	unsigned int which = 0;
	uint32_t chosen;

	if (!bit(s, &s->p.is_rep_g0[s->state])) {
		if (!bit(s, &s->p.is_rep0_long[s->state][pos_state])) {
			s->state = s->state < 7 ? 9 : 11;
			return 1;
		}
	} else {
		which = 1;
		if (bit(s, &s->p.is_rep_g1[s->state]))
			which = 2 + bit(s, &s->p.is_rep_g2[s->state]);
	}
	chosen = s->rep[which];
	for (; which; which--)
		s->rep[which] = s->rep[which - 1];
	s->rep[0] = chosen;
	s->state = s->state < 7 ? 8 : 11;
	return length(s, &s->p.rep_len, pos_state);
}

static int lzma_chunk(struct lzma *s)
{
	unsigned int pos_state;
	uint32_t len;

	while (s->pos < s->limit) {
		pos_state = s->pos & s->pb_mask;
		if (!bit(s, &s->p.is_match[s->state][pos_state])) {
			/* After a match, the byte to compare with is there: it was checked. */
			literal(s);
		} else {
			len = bit(s, &s->p.is_rep[s->state]) ? rep_match(s, pos_state) :
							       new_match(s, pos_state);
			if (copy(s, len))
				return -EINVAL;
		}
		if (s->missing)
			return -EINVAL;
	}
	normalize(s);
	return s->missing || s->in != s->end || s->code ? -EINVAL : 0;
}

static void reset_state(struct lzma *s)
{
	prob_t *p = (prob_t *)&s->p;
	size_t i;

	for (i = 0; i < sizeof(s->p) / sizeof(*p); i++)
		p[i] = PROB_ONE / 2;
	s->state = 0;
	memset(s->rep, 0, sizeof(s->rep));
}

static int set_props(struct lzma *s, unsigned int props)
{
	unsigned int lp;

	if (props >= 9 * 5 * 5)
		return -EINVAL;
	s->lc = props % 9;
	lp = props / 9 % 5;
	s->lp_mask = (1u << lp) - 1;
	s->pb_mask = (1u << props / 45) - 1;
	s->have_props = true;
	return s->lc + lp <= 4 ? 0 : -EINVAL;
}

static void reset_dict(struct lzma *s)
{
	s->dict += s->pos;
	s->limit = s->pos = 0;
	s->have_dict = true;
	/* The distances of before lead out of it: what follows must begin with new ones. */
	s->have_props = false;
}

/* A chunk of @size bytes of output begins, before @out_end. */
static int begin_output(struct lzma *s, size_t size, const uint8_t *out_end)
{
	if (!s->have_dict || size > (size_t)(out_end - (s->dict + s->pos)))
		return -EINVAL;
	s->limit = s->pos + size;
	return 0;
}

static unsigned int be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* @in at the control byte of an LZMA chunk; the bytes used, or -EINVAL. */
static long compressed(struct lzma *s, const uint8_t *in, size_t len, const uint8_t *out_end)
{
	unsigned int control = in[0], head = control >= 0xc0 ? 6 : 5;
	size_t size, packed;

	if (len < head)
		return -EINVAL;
	size = ((size_t)(control & 0x1f) << 16) + be16(in + 1) + 1;
	packed = be16(in + 3) + 1u;
	if (packed > len - head || packed < 5 || in[head])
		return -EINVAL;
	if (control >= 0xe0)
		reset_dict(s);
	if (control >= 0xc0 && set_props(s, in[5]))
		return -EINVAL;
	if (!s->have_props || begin_output(s, size, out_end))
		return -EINVAL;
	if (control >= 0xa0)
		reset_state(s);
	s->in = in + head + 5;
	s->end = in + head + packed;
	s->missing = false;
	s->range = ~0u;
	s->code = (uint32_t)be16(in + head + 1) << 16 | be16(in + head + 3);
	return lzma_chunk(s) ? -EINVAL : (long)(head + packed);
}

static long stored(struct lzma *s, const uint8_t *in, size_t len, const uint8_t *out_end)
{
	size_t size;

	if (len < 3 || in[0] > 2)
		return -EINVAL;
	size = be16(in + 1) + 1u;
	if (in[0] == 1)
		reset_dict(s);
	if (size > len - 3 || begin_output(s, size, out_end))
		return -EINVAL;
	memcpy(s->dict + s->pos, in + 3, size);
	s->pos += size;
	return 3 + size;
}

int lzma2_unpack(const uint8_t *in, size_t len, size_t *used, uint8_t *out, size_t out_len,
		 size_t *done)
{
	struct lzma *s = calloc(1, sizeof(*s));
	size_t at = 0;
	long n = 0;

	if (!s)
		return -ENOMEM;
	s->dict = out;
	/* Not reset by a first chunk, the state is as the format says it would be. */
	reset_state(s);
	while (at < len && in[at]) {
		n = in[at] >= 0x80 ? compressed(s, in + at, len - at, out + out_len) :
				     stored(s, in + at, len - at, out + out_len);
		if (n < 0)
			break;
		at += n;
		/* Large kernels take seconds: meanwhile others have work to do. */
		plat_yield();
	}
	*done = s->dict + s->pos - out;
	*used = at + 1;
	free(s);
	return n < 0 || at >= len ? -EINVAL : 0;
}
