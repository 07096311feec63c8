/* SPDX-License-Identifier: GPL-2.0-only */
/* The TLB clock: who is asked to flush, and who counts as flushed, also where the clock wraps. */
#include "hypervisor/mm/tlb.c"

#include <string.h>

#include "tests/host/check_main.h"

static struct percpu cpus[3];
static cpumask_t asked;

struct percpu *cpu_table[MAX_CPUS] = { &cpus[0], &cpus[1], &cpus[2] };
u32 nr_cpus = 3;

struct percpu *this_cpu(void)
{
	return &cpus[0];
}

void spin_wait(void)
{
}

/* The other CPU serves at once. */
void send_ipi(u32 cpu, u8 vector)
{
	ck_assert_uint_eq(vector, VEC_FLUSH);
	asked |= BIT(cpu);
	atomic_store(&cpus[cpu].tlb_stamp, atomic_load(&flush_clock));
	atomic_store(&cpus[cpu].flush_request, 0);
}

static void setup(void)
{
	memset(cpus, 0, sizeof(cpus));
	for (u32 i = 0; i < nr_cpus; i++)
		cpus[i].id = i;
	asked = 0;
}

static void set_clock(u32 clock)
{
	atomic_store(&flush_clock, clock);
	asked = 0;
}

/* Who has flushed since the stamp is not stale; who has not, is. */
START_TEST(stale_until_flushed)
{
	u32 stamp = tlb_clock();

	ck_assert_uint_eq(tlb_stale(BIT(1) | BIT(2), stamp), BIT(1) | BIT(2));
	tlb_flush(BIT(1));
	ck_assert_uint_eq(asked, BIT(1));
	ck_assert_uint_eq(tlb_stale(BIT(1) | BIT(2), stamp), BIT(2));
}
END_TEST

/*
 * CPU 2 runs one address space on and on, while a guest lets the clock go round. Had it not to take
 * part now and then, it would count as flushed, and keep a writable view of a page table.
 */
START_TEST(nobody_is_left_behind_by_the_clock)
{
	const u32 start = 1000;
	u32 ticks[] = { 1u << 30, 2u << 30, 3u << 30, 0 };

	set_clock(start);
	tlb_flush(BIT(2));
	atomic_store(&cpus[2].in_domain, true);
	for (unsigned i = 0; i < 4; i++) {
		set_clock(ticks[i] - 2);
		ck_assert_uint_eq(tlb_stale(BIT(2), tlb_clock()), BIT(2));
		tlb_flush(BIT(1));
		ck_assert_uint_eq(asked, BIT(1));
		tlb_flush(BIT(1));
		ck_assert_uint_eq(asked, BIT(1) | BIT(2));
	}
	/* One that idles has nothing, and is left alone. */
	atomic_store(&cpus[2].in_domain, false);
	set_clock(ticks[0] - 1);
	tlb_flush(BIT(1));
	ck_assert_uint_eq(asked, BIT(1));
}
END_TEST

static Suite *tlb_suite(void)
{
	Suite *s = suite_create("tlb");
	TCase *t = tcase_create("clock");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, stale_until_flushed);
	tcase_add_test(t, nobody_is_left_behind_by_the_clock);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(tlb_suite)
