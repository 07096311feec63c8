/* SPDX-License-Identifier: GPL-2.0-only */
/* The real-time clock: date and time of day from CMOS, read once at boot. */
#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/services/time_source.h"

#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71
#define RTC_SECOND	0x00
#define RTC_MINUTE	0x02
#define RTC_HOUR	0x04
#define RTC_DAY		0x07
#define RTC_MONTH	0x08
#define RTC_YEAR	0x09
#define RTC_STATUS_A	0x0a
#define RTC_UPDATING	0x80
#define RTC_STATUS_B	0x0b
#define RTC_24_HOURS	0x02
#define RTC_BINARY	0x04
#define RTC_PM		0x80

static unsigned from_bcd(u8 n)
{
	return (n >> 4) * 10 + (n & 15);
}

static unsigned decode_hour(u8 hour, bool binary, bool hours24)
{
	bool pm = hour & RTC_PM;
	unsigned h;

	if (hours24)
		return binary ? hour : from_bcd(hour);
	hour &= ~RTC_PM;
	h = binary ? hour : from_bcd(hour);
	return h % 12 + (pm ? 12 : 0);
}

/* Without a century, clocks of this one are meant. */
static unsigned decode_year(struct rtc_registers r, bool binary)
{
	unsigned year = binary ? r.year : from_bcd(r.year);
	unsigned century = binary ? r.century : from_bcd(r.century);

	if (century >= 19 && century <= 21)
		return century * 100 + year;
	return year < 70 ? 2000 + year : 1900 + year;
}

/* Days from 1970-01-01; the year is taken to begin in March, so that leap days come last. */
static u64 days_since_epoch(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month > 2 ? year : year - 1, m = (month + 9) % 12;

	return y * 365ull + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719468;
}

u64 rtc_decode(struct rtc_registers r)
{
	bool binary = r.status_b & RTC_BINARY;
	unsigned year = decode_year(r, binary);
	unsigned month = binary ? r.month : from_bcd(r.month);
	unsigned day = binary ? r.day : from_bcd(r.day);
	unsigned hour = decode_hour(r.hour, binary, r.status_b & RTC_24_HOURS);
	unsigned minute = binary ? r.minute : from_bcd(r.minute);
	unsigned second = binary ? r.second : from_bcd(r.second);

	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
	    minute > 59 || second > 60)
		return 0;
	return days_since_epoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

static u8 cmos_read(u8 index)
{
	outb(CMOS_INDEX, index);
	return inb(CMOS_DATA);
}

static struct rtc_registers read_registers(void)
{
	return (struct rtc_registers){
		.second = cmos_read(RTC_SECOND),
		.minute = cmos_read(RTC_MINUTE),
		.hour = cmos_read(RTC_HOUR),
		.day = cmos_read(RTC_DAY),
		.month = cmos_read(RTC_MONTH),
		.year = cmos_read(RTC_YEAR),
		.century = acpi.century_cmos ? cmos_read(acpi.century_cmos) : 0,
		.status_b = cmos_read(RTC_STATUS_B),
	};
}

static bool same(const struct rtc_registers *a, const struct rtc_registers *b)
{
	return a->second == b->second && a->minute == b->minute && a->hour == b->hour &&
	       a->day == b->day && a->month == b->month && a->year == b->year &&
	       a->century == b->century;
}

/* Two readings that agree were not torn by an update; a clock that never settles is none. */
u64 rtc_read_seconds(void)
{
	struct rtc_registers last = { 0 }, r;

	for (unsigned tries = 0; tries < 10000; tries++) {
		if (cmos_read(RTC_STATUS_A) & RTC_UPDATING)
			continue;
		r = read_registers();
		if (tries && same(&r, &last))
			return rtc_decode(r);
		last = r;
	}
	return 0;
}
