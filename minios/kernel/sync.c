/* SPDX-License-Identifier: MIT */
/* Semaphores and mutexes, on wait queues. */
#include <minios/panic.h>
#include <minios/sync.h>
#include <minios/thread.h>

void semaphore_init(struct semaphore *s, unsigned int count)
{
	s->count = count;
	wait_queue_init(&s->waiters);
}

bool semaphore_down_until(struct semaphore *s, uint64_t deadline)
{
	bool masked = irq_save();
	bool taken = wait_event_until(&s->waiters, s->count > 0, deadline);

	if (taken)
		s->count--;
	irq_restore(masked);
	return taken;
}

void semaphore_down(struct semaphore *s)
{
	semaphore_down_until(s, NO_DEADLINE);
}

bool semaphore_try_down(struct semaphore *s)
{
	return semaphore_down_until(s, 0);
}

void semaphore_up(struct semaphore *s)
{
	bool masked = irq_save();

	s->count++;
	wake_one(&s->waiters);
	irq_restore(masked);
}

void mutex_init(struct mutex *m)
{
	*m = (struct mutex){ .owner = NULL };
	wait_queue_init(&m->waiters);
}

bool mutex_try_lock(struct mutex *m)
{
	BUG_ON(irq_context());
	if (m->owner && m->owner != thread_current())
		return false;
	m->owner = thread_current();
	m->depth++;
	return true;
}

void mutex_lock(struct mutex *m)
{
	wait_event(&m->waiters, mutex_try_lock(m));
}

void mutex_unlock(struct mutex *m)
{
	BUG_ON(m->owner != thread_current());
	if (--m->depth)
		return;
	m->owner = NULL;
	wake_one(&m->waiters);
}
