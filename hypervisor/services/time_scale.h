/* SPDX-License-Identifier: GPL-2.0-only */
/* From TSC ticks to nanoseconds and back, by the arithmetic that guests use on vcpu_time_info. */
#ifndef HV_SERVICES_TIME_SCALE_H
#define HV_SERVICES_TIME_SCALE_H

#include "hypervisor/lib/types.h"

/* One straight line: system time @ns at TSC value @tsc, and the slope. */
struct time_record {
	u64 tsc;
	ns_t ns;
	u32 mul;		/* vcpu_time_info.tsc_to_system_mul */
	s8 shift;		/* vcpu_time_info.tsc_shift */
	u64 ticks_per_ns;	/* the reverse, 32 bits of fraction, rounded down */
	u32 serial;		/* tells records apart: two CPUs in step have the same */
};

/* The slope for a TSC of @hz ticks a second (1 MHz .. 32 GHz). */
static inline void time_record_set_rate(struct time_record *r, u64 hz)
{
	u64 rate = hz;

	r->shift = 0;
	while (rate > 2000000000) {
		rate >>= 1;
		r->shift--;
	}
	while (rate <= 1000000000) {
		rate <<= 1;
		r->shift++;
	}
	r->mul = (u32)((1000000000ull << 32) / rate);
	r->ticks_per_ns = hz >> 32 ? (hz << 28) / 1000000000 << 4 : (hz << 32) / 1000000000;
}

static inline ns_t ticks_to_ns(const struct time_record *r, u64 ticks)
{
	u64 shifted = r->shift < 0 ? ticks >> -r->shift : ticks << r->shift;

	return (ns_t)((unsigned __int128)shifted * r->mul >> 32);
}

/* The reverse, exact: the last tick that is not after @ns. So its ns are never ahead of @ns. */
static inline u64 ns_to_ticks(const struct time_record *r, ns_t ns)
{
	u64 shifted = (ns / r->mul << 32) + (ns % r->mul << 32) / r->mul;

	return r->shift < 0 ? shifted << -r->shift : shifted >> r->shift;
}

static inline ns_t record_ns_at(const struct time_record *r, u64 tsc)
{
	/* Another CPU's TSC may have been read a moment before the record was made. */
	s64 ticks = (s64)(tsc - r->tsc);

	return ticks > 0 ? r->ns + ticks_to_ns(r, (u64)ticks) : r->ns;
}

/* What a TSC of this record reads at @t, as against a deadline, for which a quick look is enough. */
static inline u64 record_ticks_at(const struct time_record *r, ns_t t)
{
	return r->tsc + (t > r->ns ? ns_to_ticks(r, t - r->ns) : 0);
}

/* Decades: a guest's absurd deadline must not wrap into the past, where it would be due for ever. */
#define TICKS_FAR	(1ull << 62)

static inline u64 record_tsc_at(const struct time_record *r, ns_t t)
{
	unsigned __int128 ticks;

	if (t <= r->ns)
		return r->tsc;
	ticks = (unsigned __int128)(t - r->ns) * r->ticks_per_ns >> 32;
	return r->tsc + (ticks < TICKS_FAR ? (u64)ticks : TICKS_FAR);
}

#endif
