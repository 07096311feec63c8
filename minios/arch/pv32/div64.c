/* SPDX-License-Identifier: MIT */
/*
 * Division of 64-bit integers on i386, under the names by which the compiler calls it.
 *
 * With a divisor below 2^32 two steps of the CPU's 64/32 division do it. Else the quotient has at
 * most 32 bits: divisor and dividend are shifted right until the divisor fits into 32 bits, the CPU
 * divides, and since that can be too large by one only, one product tells whether it is.
 */
#include <stdint.h>

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rem);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int64_t __divmoddi4(int64_t n, int64_t d, int64_t *rem);
int64_t __divdi3(int64_t n, int64_t d);
int64_t __moddi3(int64_t n, int64_t d);

/* high:low / d, which must fit: high < d. */
static inline uint32_t div_step(uint32_t high, uint32_t low, uint32_t d, uint32_t *rem)
{
	uint32_t q;

	__asm__("divl %4" : "=a"(q), "=d"(*rem) : "0"(low), "1"(high), "rm"(d) : "cc");
	return q;
}

static uint64_t div_small(uint64_t n, uint32_t d, uint64_t *rem)
{
	uint32_t high, low, r;

	/* A zero divisor faults here, as it should. */
	high = div_step(0, n >> 32, d, &r);
	low = div_step(r, n, d, &r);
	*rem = r;
	return (uint64_t)high << 32 | low;
}

static uint64_t div_large(uint64_t n, uint64_t d, uint64_t *rem)
{
	unsigned int shift = 32 - __builtin_clz((uint32_t)(d >> 32));
	uint64_t scaled = n >> shift, product, low, high;
	uint32_t q, ignored;

	/* scaled < 2^63 and d >> shift >= 2^31: the quotient fits. */
	q = div_step(scaled >> 32, scaled, d >> shift, &ignored);
	/* q * d may have 65 bits when q is one too large. */
	low = (uint64_t)q * (uint32_t)d;
	high = (uint64_t)q * (uint32_t)(d >> 32) + (low >> 32);
	product = high << 32 | (uint32_t)low;
	if (high >> 32 || product > n) {
		q--;
		product -= d;
	}
	*rem = n - product;
	return q;
}

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rem)
{
	uint64_t ignored;

	if (!rem)
		rem = &ignored;
	return d >> 32 ? div_large(n, d, rem) : div_small(n, d, rem);
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
	return __udivmoddi4(n, d, 0);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
	uint64_t rem;

	__udivmoddi4(n, d, &rem);
	return rem;
}

/* The quotient is cut towards zero, the remainder has the dividend's sign. */
int64_t __divmoddi4(int64_t n, int64_t d, int64_t *rem)
{
	uint64_t r;
	uint64_t q = __udivmoddi4(n < 0 ? -(uint64_t)n : (uint64_t)n,
				  d < 0 ? -(uint64_t)d : (uint64_t)d, &r);

	if (rem)
		*rem = n < 0 ? -r : r;
	return (n < 0) != (d < 0) ? -q : q;
}

int64_t __divdi3(int64_t n, int64_t d)
{
	return __divmoddi4(n, d, 0);
}

int64_t __moddi3(int64_t n, int64_t d)
{
	int64_t rem;

	__divmoddi4(n, d, &rem);
	return rem;
}
