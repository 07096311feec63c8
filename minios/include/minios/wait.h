/* SPDX-License-Identifier: MIT */
/*
 * Wait queues: threads wait here until a condition holds; whoever changes the condition wakes them.
 *
 * The condition is evaluated with events masked, and a thread that finds it false goes to sleep
 * before events are let in again: a handler that makes it true and wakes the queue cannot slip in
 * between. The condition must therefore not sleep itself.
 */
#ifndef MINIOS_WAIT_H
#define MINIOS_WAIT_H

#include <stdbool.h>
#include <stdint.h>
#include <minios/irq.h>
#include <minios/list.h>

struct wait_queue {
	struct list waiters;
};

#define WAIT_QUEUE_INIT(name) { .waiters = LIST_INIT((name).waiters) }
#define NO_DEADLINE UINT64_MAX

static inline void wait_queue_init(struct wait_queue *wq)
{
	list_init(&wq->waiters);
}

/*
 * The step below wait_event(): called with events masked, returns with events masked, sleeps until
 * woken or until the deadline. False when the deadline passed without a wake-up.
 */
bool wait_sleep(struct wait_queue *wq, uint64_t deadline);

/* Usable from interrupt context. wake_one() wakes the one that waits longest. */
void wake_one(struct wait_queue *wq);
void wake_all(struct wait_queue *wq);

#define wait_event(wq, condition)                                       \
	do {                                                            \
		bool __masked = irq_save();                             \
		while (!(condition))                                    \
			wait_sleep((wq), NO_DEADLINE);                  \
		irq_restore(__masked);                                  \
	} while (0)

/* The value says whether the condition held; false means that the deadline (monotonic ns) came. */
#define wait_event_until(wq, condition, deadline)                       \
	({                                                              \
		bool __masked = irq_save();                             \
		bool __held;                                            \
		while (!(__held = (condition)))                         \
			if (!wait_sleep((wq), (deadline)))              \
				break;                                  \
		if (!__held)                                            \
			__held = (condition);                           \
		irq_restore(__masked);                                  \
		__held;                                                 \
	})

#endif
