/* SPDX-License-Identifier: GPL-2.0-only */
/* The arithmetic of time: TSC scaling as guests do it, and dates from the real-time clock. */
#include <time.h>

#include "hypervisor/arch/acpi.h"
#include "hypervisor/services/time_scale.h"
#include "hypervisor/services/time_source.h"
#include "pvabi/xen.h"
#include "tests/host/check_main.h"

struct acpi_info acpi;		/* time_rtc.c asks it where the century is */

/* As the ABI says guests compute, in halves, so that nothing of ours is used. */
static u64 guest_time(const struct vcpu_time_info *t, u64 tsc)
{
	u64 delta = tsc - t->tsc_timestamp;

	if (t->tsc_shift < 0)
		delta >>= -t->tsc_shift;
	else
		delta <<= t->tsc_shift;
	return t->system_time + (delta >> 32) * t->tsc_to_system_mul +
	       ((delta & 0xffffffff) * t->tsc_to_system_mul >> 32);
}

static const u64 rates[] = {
	1000000, 33333333, 500000000, 999999999, 1000000000, 1000000001, 1193182, 2000000000,
	2000000001, 2399999999, 2893437000, 3600000000, 5123456789, 30000000000,
};

START_TEST(test_guest_agrees)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rates); i++) {
		struct time_record r = { .tsc = 123456789, .ns = 1000 };
		struct vcpu_time_info t;

		time_record_set_rate(&r, rates[i]);
		t = (struct vcpu_time_info){
			.tsc_timestamp = r.tsc,
			.system_time = r.ns,
			.tsc_to_system_mul = r.mul,
			.tsc_shift = r.shift,
		};
		for (u64 ticks = 1; ticks < 1ull << 52; ticks = ticks * 3 + 1)
			ck_assert_uint_eq(record_ns_at(&r, r.tsc + ticks),
					  guest_time(&t, r.tsc + ticks));
	}
}
END_TEST

START_TEST(test_rate_is_right)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rates); i++) {
		struct time_record r = { 0 };
		u64 hour = rates[i] * 3600;
		s64 error;

		time_record_set_rate(&r, rates[i]);
		error = (s64)(record_ns_at(&r, hour) - 3600000000000);
		/* A millisecond in an hour is 0.3 ppm. */
		ck_assert_msg(error > -1000000 && error < 1000000, "%lu Hz: %ld ns", rates[i],
			      error);
	}
}
END_TEST

/* A deadline in ticks is never late by more than a tick, and early by no more than 1 ppm. */
START_TEST(test_deadlines)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rates); i++) {
		struct time_record r = { .tsc = 77, .ns = 5 };

		time_record_set_rate(&r, rates[i]);
		ck_assert_uint_eq(record_tsc_at(&r, 0), 77);
		for (ns_t t = 6; t < 1ull << 45; t = t * 5 + 3) {
			ns_t at = record_ns_at(&r, record_tsc_at(&r, t));
			ns_t tick = 1000000000 / rates[i] + 2;

			ck_assert_uint_le(at, t + t / 1000000 + tick);
			ck_assert_uint_ge(at + at / 1000000 + tick, t);
		}
	}
}
END_TEST

/* Nothing is so far that it comes round: a later time is never an earlier tick. */
START_TEST(test_absurd_deadlines)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rates); i++) {
		struct time_record r = { .tsc = 77, .ns = 5 };
		u64 before = 0;

		time_record_set_rate(&r, rates[i]);
		for (unsigned bits = 40; bits <= 64; bits++) {
			u64 tsc = record_tsc_at(&r, ~0ull >> (64 - bits));

			ck_assert_uint_ge(tsc, before);
			before = tsc;
		}
	}
}
END_TEST

/* An emulated TSC: what a guest computes from it is the time, but for a tick, however long it runs. */
START_TEST(test_made_up_ticks)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rates); i++) {
		struct time_record r = { .tsc = 1000, .ns = 3000 };
		ns_t tick = 1000000000 / rates[i] + 2;
		u64 last = 0;

		time_record_set_rate(&r, rates[i]);
		ck_assert_uint_eq(record_ticks_at(&r, 10), 1000);
		for (ns_t t = 3000; t < 1ull << 58; t = t * 3 / 2 + 1) {
			u64 ticks = record_ticks_at(&r, t);

			ck_assert_uint_ge(ticks, last);
			ck_assert_uint_le(record_ns_at(&r, ticks), t);
			ck_assert_uint_ge(record_ns_at(&r, ticks) + tick, t);
			last = ticks;
		}
	}
}
END_TEST

START_TEST(test_monotonic)
{
	struct time_record r = { .tsc = 1000 };
	ns_t last = 0;

	time_record_set_rate(&r, 2893437000);
	for (u64 tsc = 900; tsc < 2000000; tsc++) {
		ns_t t = record_ns_at(&r, tsc);

		ck_assert_uint_ge(t, last);
		last = t;
	}
	ck_assert_uint_eq(record_ns_at(&r, 10), 0);
	ck_assert_uint_eq(tsc_hz_from(20000000, 2000000, 100000000), 1000000000);
}
END_TEST

static u8 bcd(unsigned n)
{
	return n / 10 << 4 | n % 10;
}

static struct rtc_registers registers(const struct tm *tm, bool binary, bool hours24)
{
	unsigned hour = tm->tm_hour;
	struct rtc_registers r = { .status_b = (binary ? 4 : 0) | (hours24 ? 2 : 0) };
	u8 pm = 0;

	if (!hours24) {
		pm = hour >= 12 ? 0x80 : 0;
		hour = hour % 12 ? hour % 12 : 12;
	}
#define PUT(field, n) r.field = binary ? (n) : bcd(n)
	PUT(second, tm->tm_sec);
	PUT(minute, tm->tm_min);
	PUT(hour, hour);
	PUT(day, tm->tm_mday);
	PUT(month, tm->tm_mon + 1);
	PUT(year, tm->tm_year % 100);
	PUT(century, (tm->tm_year + 1900) / 100);
#undef PUT
	r.hour |= pm;
	return r;
}

START_TEST(test_rtc)
{
	/* Steps of some days and odd hours, to 2106 and beyond. */
	for (time_t t = 0; t < 4700000000; t += 345 * 1237 + 11) {
		struct tm tm;

		gmtime_r(&t, &tm);
		for (unsigned form = 0; form < 4; form++) {
			struct rtc_registers r = registers(&tm, form & 1, form & 2);

			ck_assert_uint_eq(rtc_decode(r), t);
			r.century = 0;
			if (tm.tm_year >= 70 && tm.tm_year < 170)
				ck_assert_uint_eq(rtc_decode(r), t);
		}
	}
}
END_TEST

START_TEST(test_rtc_nonsense)
{
	struct rtc_registers good = { 0, 0, 0, 1, 1, 0, 0x20, 2 }, bad;

	ck_assert_uint_eq(rtc_decode(good), 946684800);
	bad = good;
	bad.month = 0x13;
	ck_assert_uint_eq(rtc_decode(bad), 0);
	bad = good;
	bad.day = 0;
	ck_assert_uint_eq(rtc_decode(bad), 0);
	bad = good;
	bad.hour = 0x24;
	ck_assert_uint_eq(rtc_decode(bad), 0);
	bad = good;
	bad.minute = 0xff;
	ck_assert_uint_eq(rtc_decode(bad), 0);
	bad = (struct rtc_registers){ 0 };
	ck_assert_uint_eq(rtc_decode(bad), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("time");
	TCase *tc = tcase_create("time");

	tcase_add_test(tc, test_guest_agrees);
	tcase_add_test(tc, test_rate_is_right);
	tcase_add_test(tc, test_deadlines);
	tcase_add_test(tc, test_absurd_deadlines);
	tcase_add_test(tc, test_made_up_ticks);
	tcase_add_test(tc, test_monotonic);
	tcase_add_test(tc, test_rtc);
	tcase_add_test(tc, test_rtc_nonsense);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
