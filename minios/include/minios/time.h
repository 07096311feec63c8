/* SPDX-License-Identifier: MIT */
/* Time: the monotonic clock, the wall clock, and timers. All values are nanoseconds. */
#ifndef MINIOS_TIME_H
#define MINIOS_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_SEC  1000000000ull
#define NS_PER_MSEC 1000000ull
#define NS_PER_USEC 1000ull
#define MSEC(n)     ((uint64_t)(n) * NS_PER_MSEC)
#define SEC(n)      ((uint64_t)(n) * NS_PER_SEC)

/* Since the hypervisor started; never goes back. */
uint64_t time_monotonic(void);

/* Since 1970-01-01 UTC, as the hypervisor has it. */
uint64_t time_wall(void);

/* Ticks of the time stamp counter, and the time that many ticks take. */
uint64_t time_cycles(void);
uint64_t time_cycles_to_ns(uint64_t cycles);

/* Waits without giving up the CPU: for early boot and for microseconds only. */
void time_busy_wait(uint64_t ns);

/*
 * A one-shot timer. The function runs in interrupt context (see <minios/irq.h>), once, at or soon
 * after the deadline, and may set the timer again. The owner keeps the struct alive while it is
 * set.
 */
struct timer {
	uint64_t deadline;
	void (*fn)(struct timer *timer, void *ctx);
	void *ctx;
	struct timer *next;
	bool pending;
};

void timer_init(struct timer *t, void (*fn)(struct timer *, void *), void *ctx);
/* Setting a pending timer moves it. */
void timer_set(struct timer *t, uint64_t deadline);
/* True when it was pending. */
bool timer_cancel(struct timer *t);

/* The kernel's: binds VIRQ_TIMER; the deadline nearest to now (NO_DEADLINE when there is none). */
void time_init(void);
uint64_t timer_next_deadline(void);

#endif
