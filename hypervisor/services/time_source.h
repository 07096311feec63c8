/* SPDX-License-Identifier: GPL-2.0-only */
/* The platform's clocks: counters of known frequency, and the real-time clock's date. */
#ifndef HV_SERVICES_TIME_SOURCE_H
#define HV_SERVICES_TIME_SOURCE_H

#include "hypervisor/lib/types.h"

/* A free-running counter. Chosen once at boot: clocksource=, else HPET, PM timer, or PIT. */
struct time_source {
	const char *name;
	const char *option;		/* its name as an option */
	u64 hz;
	u64 mask;			/* the counter wraps to 0 after this */
	bool (*start)(struct time_source *s);	/* false: this machine has none */
	u64 (*read)(void);
};

extern char opt_clocksource[8];

/* It wraps before one can be sure to have read it again. */
static inline bool time_source_is_short(const struct time_source *s)
{
	return s->mask < 0xffffff;
}

/* The one asked for or the best that works, started; never NULL, since every PC has a PIT. */
struct time_source *time_source_start(void);
/*
 * The counter, and the TSC, at one moment: the closest of several looks, since we may be stopped between
 * two reads (by the machine's firmware, or by who runs us as a virtual machine).
 */
u64 time_source_sample(const struct time_source *s, u64 *tsc);
/* Frequency of the TSC, measured against it. */
u64 time_source_measure_tsc(const struct time_source *s);
/* The frequency by which the TSC advanced @ticks while a counter of @hz advanced @count. */
static inline u64 tsc_hz_from(u64 ticks, u64 count, u64 hz)
{
	return ticks * hz / (count ? count : 1);	/* some ms of GHz, times MHz: within 2^63 */
}

/* The clock's registers, as read from CMOS. */
struct rtc_registers {
	u8 second, minute, hour, day, month, year, century, status_b;
};

/* Seconds since 1970 by registers in BCD or binary, 12 or 24 hours; 0 when they are nonsense. */
u64 rtc_decode(struct rtc_registers r);
/* Reads the clock: a consistent set of registers. 0 when there is no sane clock. */
u64 rtc_read_seconds(void);

#endif
