/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The xz container: a stream header, blocks (header, LZMA2 data, padding, check), an index. A
 * kernel is one block; its header may name the x86 filter before LZMA2. The blocks' check is
 * compared when it is a CRC-32, as kernels have it; the index holds nothing that is not known by
 * then.
 */
#include <errno.h>
#include <string.h>

#include "tools/builder/crc32.h"
#include "tools/builder/xz.h"

#define STREAM_HEADER 12
#define CHECK_CRC32   1
#define FILTER_X86    0x04
#define FILTER_LZMA2  0x21

#define HAS_PACKED_SIZE 0x40
#define HAS_SIZE	0x80

struct reader {
	const uint8_t *at, *end;
};

struct block {
	bool x86;
	size_t header;
};

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

bool xz_detect(const void *data, size_t len)
{
	return len >= STREAM_HEADER && !memcmp(data, "\xfd" "7zXZ\0", 6);
}

/* A number in groups of seven bits, the lowest first. */
static int number(struct reader *r, uint64_t *out)
{
	unsigned int shift;

	*out = 0;
	for (shift = 0; shift < 63; shift += 7) {
		if (r->at == r->end)
			return -EINVAL;
		*out |= (uint64_t)(*r->at & 0x7f) << shift;
		if (!(*r->at++ & 0x80))
			return 0;
	}
	return -EINVAL;
}

/* One filter: its id; x86 with no offset, LZMA2 with any dictionary size (it is all in memory). */
static int filter(struct reader *r, uint64_t *id)
{
	uint64_t size;

	if (number(r, id) || number(r, &size) || size > (uint64_t)(r->end - r->at))
		return -EINVAL;
	r->at += size;
	return (*id == FILTER_X86 && !size) || (*id == FILTER_LZMA2 && size == 1) ? 0 : -EINVAL;
}

static int block_header(const uint8_t *in, size_t len, struct block *block)
{
	size_t size = (in[0] + 1u) * 4;
	struct reader r = { in + 2, in + size - 4 };
	uint64_t value;
	unsigned int flags, filters;

	if (size > len || size < 8 || crc32_of(in, size - 4) != le32(in + size - 4))
		return -EINVAL;
	flags = in[1];
	filters = (flags & 3) + 1;
	if (filters > 2 || flags & 0x3c)
		return -EINVAL;
	if ((flags & HAS_PACKED_SIZE && number(&r, &value)) ||
	    (flags & HAS_SIZE && number(&r, &value)))
		return -EINVAL;
	block->header = size;
	block->x86 = filters == 2;
	if (filters == 2 && (filter(&r, &value) || value != FILTER_X86))
		return -EINVAL;
	return filter(&r, &value) || value != FILTER_LZMA2 ? -EINVAL : 0;
}

static size_t check_size(unsigned int type)
{
	static const uint8_t sizes[16] = { 0,  4,  4,  4,  8,  8,  8,  16,
					   16, 16, 32, 32, 32, 64, 64, 64 };

	return sizes[type & 15];
}

/* One block at @in; the bytes it takes, or a negative errno. */
static long unpack_block(const uint8_t *in, size_t len, unsigned int check, uint8_t *out,
			 size_t out_len, size_t *done)
{
	struct block block;
	size_t used, at;
	int rc = block_header(in, len, &block);

	if (rc)
		return rc;
	rc = lzma2_unpack(in + block.header, len - block.header, &used, out, out_len, done);
	if (rc)
		return rc;
	at = (block.header + used + 3) & ~(size_t)3;
	if (at > len || check_size(check) > len - at)
		return -EINVAL;
	if (block.x86)
		xz_x86_decode(out, *done);
	if (check == CHECK_CRC32 && crc32_of(out, *done) != le32(in + at))
		return -EINVAL;
	return at + check_size(check);
}

int xz_unpack(const void *data, size_t len, void *out, size_t out_len)
{
	const uint8_t *in = data;
	size_t at = STREAM_HEADER, total = 0, done;
	long n;

	if (!xz_detect(data, len) || in[6] || in[7] > 15 || crc32_of(in + 6, 2) != le32(in + 8))
		return -EINVAL;
	/* A zero where a block's header would be begins the index. */
	while (at < len && in[at]) {
		n = unpack_block(in + at, len - at, in[7], (uint8_t *)out + total, out_len - total,
				 &done);
		if (n < 0)
			return n;
		at += n;
		total += done;
	}
	return at < len && total == out_len ? 0 : -EINVAL;
}
