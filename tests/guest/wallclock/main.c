/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control domain sets the wall clock: what it says was the time at some moment of system time comes
 * back as the time at which system time was 0, to the nanosecond, beyond 2106, and never half written.
 */
#include <minios/time.h>
#include "tests/guest/lib/test.h"
#include "pvabi/platform.h"

const char test_title[] = "the control domain can set the wall clock";

struct wall {
	uint64_t sec;
	uint32_t nsec, version;
};

/* Nobody else writes it here. */
static struct wall look(void)
{
	return (struct wall){
		.sec = shared_info->wc_sec | (uint64_t)shared_info->xen_wc_sec_hi << 32,
		.nsec = shared_info->wc_nsec,
		.version = shared_info->wc_version,
	};
}

static long set(uint64_t sec, uint32_t nsec, uint64_t at, uint32_t mbz)
{
	struct xen_platform_op op = { .cmd = XENPF_settime64,
				      .interface_version = XENPF_INTERFACE_VERSION };

	op.u.settime64.secs = sec;
	op.u.settime64.nsecs = nsec;
	op.u.settime64.system_time = at;
	op.u.settime64.mbz = mbz;
	return hypercall_platform_op(&op);
}

static long set_old(uint32_t sec, uint32_t nsec, uint64_t at)
{
	struct xen_platform_op op = { .cmd = XENPF_settime32,
				      .interface_version = XENPF_INTERFACE_VERSION };

	op.u.settime32.secs = sec;
	op.u.settime32.nsecs = nsec;
	op.u.settime32.system_time = at;
	return hypercall_platform_op(&op);
}

static void check_is(uint64_t sec, uint32_t nsec, const struct wall *before)
{
	struct wall now = look();

	CHECK(now.sec == sec);
	CHECK_EQUAL(now.nsec, nsec);
	CHECK(now.version != before->version && !(now.version & 1));
}

void test_main(void)
{
	struct wall start = look(), before = start;
	uint64_t now = time_monotonic();

	CHECK(!set(2000000000, 5, 123456789, 0));
	check_is(1999999999, 876543216, &before);
	before = look();
	CHECK(!set(9000000000, 999999999, SEC(3), 0));
	check_is(8999999997, 999999999, &before);
	CHECK(time_wall() / SEC(1) - 8999999997 < 60 + now / SEC(1));
	before = look();
	CHECK(!set_old(0xfffffffe, 0, 1));
	check_is(0xfffffffd, 999999999, &before);
	before = look();
	CHECK_EQUAL(set(7, 0, 0, 1), -XEN_EINVAL);
	CHECK(look().sec == before.sec && look().version == before.version);
	CHECK(!set(start.sec, start.nsec, 0, 0));
	check_is(start.sec, start.nsec, &before);
}
