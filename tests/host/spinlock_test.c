/* SPDX-License-Identifier: GPL-2.0-only */
/* arch/spinlock.c as debug builds have it: exclusion between threads, and the order of ranks. */
#define PARAVANE_DEBUG
#include "hypervisor/arch/spinlock.c"

#include <pthread.h>

#include "tests/host/check_main.h"
#include "tests/host/fake_cpu.h"

#define THREADS	4
#define ROUNDS	20000

static struct spinlock counter_lock = SPINLOCK_INIT("counter", RANK_SCHED);
static u64 counter;

static void *count(void *arg)
{
	fake_cpu_enter((u32)(uintptr_t)arg);
	for (int i = 0; i < ROUNDS; i++) {
		lock(&counter_lock);
		counter++;
		unlock(&counter_lock);
	}
	return NULL;
}

START_TEST(excludes)
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count, (void *)(i + 1));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(counter, THREADS * ROUNDS);
}
END_TEST

/* Tickets are 16 bits: they go round while others may wait. */
START_TEST(tickets_wrap)
{
	struct spinlock l = SPINLOCK_INIT("wrap", RANK_SCHED);

	for (int i = 0; i < 70000; i++) {
		lock(&l);
		ck_assert_uint_eq(l.holder, 1);
		unlock(&l);
		ck_assert_uint_eq(l.holder, 0);
	}
}
END_TEST

START_TEST(waiting_serves_flushes)
{
	u64 before = this_cpu()->flushes;

	spin_wait();
	ck_assert_uint_eq(this_cpu()->flushes, before);
	atomic_store(&this_cpu()->flush_request, 1);
	spin_wait();
	ck_assert_uint_eq(this_cpu()->flushes, before + 1);
	ck_assert_uint_eq(atomic_load(&this_cpu()->flush_request), 0);
}
END_TEST

START_TEST(ranks_must_rise)
{
	struct spinlock low = SPINLOCK_INIT("low", RANK_DOMAIN);
	struct spinlock high = SPINLOCK_INIT("high", RANK_ALLOC);
	struct spinlock same = SPINLOCK_INIT("same", RANK_DOMAIN);

	lock(&low);
	lock(&high);
	unlock(&low);
	unlock(&high);
	lock(&high);
	ck_assert(MEETS_BUG(lock(&low)));
	unlock(&high);
	lock(&low);
	ck_assert(MEETS_BUG(lock(&same)));
	ck_assert(MEETS_BUG(lock(&low)));
	unlock(&low);
}
END_TEST

START_TEST(pairs)
{
	struct spinlock l[2] = { SPINLOCK_INIT("a", RANK_GRANT), SPINLOCK_INIT("b", RANK_GRANT) };

	lock_pair(&l[1], &l[0]);
	ck_assert(l[0].holder && l[1].holder);
	unlock_pair(&l[1], &l[0]);
	lock_pair(&l[0], &l[0]);
	ck_assert(l[0].holder);
	unlock_pair(&l[0], &l[0]);
	ck_assert(!l[0].holder && !l[1].holder);
}
END_TEST

START_TEST(hold_times_are_noted)
{
	struct spinlock low = SPINLOCK_INIT("low", RANK_PAGES);
	struct spinlock high = SPINLOCK_INIT("high", RANK_ALLOC);
	u64 *longest = this_cpu()->lock_longest, start = rdtsc();

	lock(&low);
	lock(&high);
	unlock(&high);
	while (rdtsc() - start < 1000000)
		cpu_relax();
	unlock(&low);
	ck_assert_uint_ge(longest[RANK_PAGES], 500000);
	ck_assert_uint_gt(longest[RANK_PAGES], longest[RANK_ALLOC]);
	ck_assert_uint_gt(longest[RANK_ALLOC], 0);
}
END_TEST

static _Atomic bool is_held;

static void *hold_a_while(void *arg)
{
	fake_cpu_enter(1);
	lock(arg);
	atomic_store(&is_held, true);
	while (!(atomic_load(&((struct spinlock *)arg)->tickets) >> 16 & 2))
		cpu_relax();
	unlock(arg);
	return NULL;
}

/* Once for each acquisition that had to wait, on the CPU that waited. */
START_TEST(waits_are_counted)
{
	struct spinlock l = SPINLOCK_INIT("l", RANK_TIME);
	pthread_t thread;

	lock(&l);
	unlock(&l);
	ck_assert_uint_eq(this_cpu()->lock_waits[RANK_TIME], 0);
	l = (struct spinlock)SPINLOCK_INIT("l", RANK_TIME);
	ck_assert_int_eq(pthread_create(&thread, NULL, hold_a_while, &l), 0);
	while (!atomic_load(&is_held))
		cpu_relax();
	lock(&l);
	unlock(&l);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(this_cpu()->lock_waits[RANK_TIME], 1);
	ck_assert_uint_eq(atomic_load(&l.contended), 1);
}
END_TEST

START_TEST(unlocking_what_is_not_held)
{
	struct spinlock l = SPINLOCK_INIT("l", RANK_GRANT);

	ck_assert(MEETS_BUG(unlock(&l)));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("spinlock");
	TCase *t = tcase_create("spinlock");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, excludes);
	tcase_add_test(t, tickets_wrap);
	tcase_add_test(t, waiting_serves_flushes);
	tcase_add_test(t, ranks_must_rise);
	tcase_add_test(t, pairs);
	tcase_add_test(t, hold_times_are_noted);
	tcase_add_test(t, waits_are_counted);
	tcase_add_test(t, unlocking_what_is_not_held);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
