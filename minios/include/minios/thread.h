/* SPDX-License-Identifier: MIT */
/*
 * Cooperative threads on one virtual CPU.
 *
 * A thread runs until it yields, sleeps, waits or ends: between two such points no other thread
 * runs, so data that only threads touch needs no lock. Event handlers and timer functions do come
 * in between ("interrupt context", see <minios/irq.h>): data shared with them is guarded by masking
 * events. Handlers must not call anything in this header but thread_current().
 */
#ifndef MINIOS_THREAD_H
#define MINIOS_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread;

#define THREAD_STACK_DEFAULT (32 * 1024)

/*
 * Creates a thread that is ready to run and returns at once. stack_size is rounded up to pages; 0
 * means THREAD_STACK_DEFAULT. The name is copied (15 characters kept). NULL when memory is out.
 * Somebody must thread_join() or thread_detach() it, else its memory stays.
 */
struct thread *thread_create(const char *name, void (*fn)(void *), void *arg, size_t stack_size);

/* Ends the calling thread; returning from fn does the same. */
void thread_exit(void) __attribute__((noreturn));

/* Waits until the thread has ended and frees it. One joiner per thread. */
void thread_join(struct thread *t);

/* Nobody will join: the thread's memory is freed when it ends (or now, if it has). */
void thread_detach(struct thread *t);

/* Lets every other ready thread run once. */
void thread_yield(void);

/* Sleeps until time_monotonic() reaches the deadline (ns), or for a duration (ns). */
void thread_sleep_until(uint64_t deadline);
void thread_sleep(uint64_t ns);

struct thread *thread_current(void);
const char *thread_name(const struct thread *t);

/*
 * Replaces the stdin, stdout and stderr of the calling thread (newlib FILEs); NULL keeps one.
 * All threads share the console's until they do this.
 */
void thread_set_stdio(void *in, void *out, void *err);

/* One pointer of the application's own per thread. */
void thread_set_local(void *p);
void *thread_local_ptr(void);

/* Called by the kernel, once, on the boot stack, which becomes the first thread "main". */
void thread_init(void);

#endif
