/* SPDX-License-Identifier: MIT */
/* Semaphores and mutexes between threads. */
#ifndef MINIOS_SYNC_H
#define MINIOS_SYNC_H

#include <minios/wait.h>

struct thread;

struct semaphore {
	unsigned int count;
	struct wait_queue waiters;
};

#define SEMAPHORE_INIT(name, n) { .count = (n), .waiters = WAIT_QUEUE_INIT((name).waiters) }

void semaphore_init(struct semaphore *s, unsigned int count);
void semaphore_down(struct semaphore *s);
/* False when it could not be taken: at once, or before the deadline. */
bool semaphore_try_down(struct semaphore *s);
bool semaphore_down_until(struct semaphore *s, uint64_t deadline);
/* Usable from interrupt context. */
void semaphore_up(struct semaphore *s);

/* Recursive: the owner may lock again, and unlocks as often. Never from interrupt context. */
struct mutex {
	struct thread *owner;
	unsigned int depth;
	struct wait_queue waiters;
};

#define MUTEX_INIT(name) { .owner = NULL, .depth = 0, .waiters = WAIT_QUEUE_INIT((name).waiters) }

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);
bool mutex_try_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

#endif
