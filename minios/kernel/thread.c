/* SPDX-License-Identifier: MIT */
/*
 * Threads and the scheduler.
 *
 * The ready queue and all wait queues are lists that wake-ups change from interrupt context, so
 * they are only touched with events masked. schedule() is entered with events masked and hands that
 * over to the thread it switches to; when nobody is ready it sleeps in the hypervisor on the stack
 * of the thread that gave up the CPU.
 *
 * A switch saves the callee-saved integer registers. The FPU and SSE registers are the caller's to
 * save in both calling conventions, so nothing of them lives across a switch; the control words are
 * shared by all threads.
 */
#include <errno.h>
#include <reent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <minios/arch/arch.h>
#include <minios/event.h>
#include <minios/irq.h>
#include <minios/mm.h>
#include <minios/panic.h>
#include <minios/sync.h>
#include <minios/thread.h>
#include <minios/time.h>

#define NAME_LEN 16

struct thread {
	struct list node;		/* in the ready queue or in a wait queue */
	uintptr_t sp;
	bool woken, exited, detached;
	char name[NAME_LEN];
	void (*fn)(void *);
	void *arg, *local;
	char *stack;			/* window address of the guard page; NULL: boot stack */
	size_t stack_pages;
	struct timer timer;
	struct wait_queue joiners;
	struct _reent *reent;
};

static struct thread main_thread = { .name = "main" };
static struct thread *current = &main_thread;
static struct list ready = LIST_INIT(ready);
/* A detached thread that has just ended: freed by whoever runs next, on another stack. */
static struct thread *corpse;

struct thread *thread_current(void)
{
	return current;
}

const char *thread_name(const struct thread *t)
{
	return t->name;
}

void thread_set_local(void *p)
{
	current->local = p;
}

void *thread_local_ptr(void)
{
	return current->local;
}

void thread_set_stdio(void *in, void *out, void *err)
{
	if (in)
		current->reent->_stdin = in;
	if (out)
		current->reent->_stdout = out;
	if (err)
		current->reent->_stderr = err;
}

/* --- stacks: in the map window, with an unmapped page below ----------------------------------- */
static void stack_free(struct thread *t)
{
	anon_unmap(t->stack + PAGE_SIZE, t->stack_pages);
	window_free(t->stack, t->stack_pages + 1);
}

static bool stack_alloc(struct thread *t, size_t size)
{
	t->stack_pages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
	t->stack = window_alloc(t->stack_pages + 1);
	if (!t->stack)
		return false;
	if (!anon_map(t->stack + PAGE_SIZE, t->stack_pages, PTE_KERNEL))
		return true;
	window_free(t->stack, t->stack_pages + 1);
	return false;
}

/* --- life ------------------------------------------------------------------------------------- */
static void thread_free(struct thread *t)
{
	stack_free(t);
	/* Its streams are the first thread's: nothing to clean up there. */
	t->reent->__sdidinit = 0;
	_reclaim_reent(t->reent);
	free(t->reent);
	free(t);
}

static void bury(void)
{
	struct thread *t = corpse;

	corpse = NULL;
	if (t)
		thread_free(t);
}

/* All threads share the standard streams of the first. */
static struct _reent *reent_new(void)
{
	struct _reent *r = malloc(sizeof(*r));

	if (!r)
		return NULL;
	_REENT_INIT_PTR(r);
	r->__sdidinit = 1;
	r->_stdin = _GLOBAL_REENT->_stdin;
	r->_stdout = _GLOBAL_REENT->_stdout;
	r->_stderr = _GLOBAL_REENT->_stderr;
	return r;
}

static void timeout(struct timer *timer, void *ctx);

static void first_step(void *arg)
{
	struct thread *t = arg;

	bury();
	irq_restore(false);
	t->fn(t->arg);
	thread_exit();
}

static void make_ready(struct thread *t)
{
	list_del(&t->node);
	list_add_tail(&ready, &t->node);
}

struct thread *thread_create(const char *name, void (*fn)(void *), void *arg, size_t stack_size)
{
	struct thread *t = calloc(1, sizeof(*t));
	bool masked;

	if (!t)
		return NULL;
	t->reent = reent_new();
	if (!t->reent || !stack_alloc(t, stack_size ? stack_size : THREAD_STACK_DEFAULT)) {
		free(t->reent);
		free(t);
		return NULL;
	}
	strncpy(t->name, name, NAME_LEN - 1);
	t->fn = fn;
	t->arg = arg;
	list_init(&t->node);
	wait_queue_init(&t->joiners);
	timer_init(&t->timer, timeout, t);
	t->sp = thread_stack_init((uintptr_t)t->stack + (t->stack_pages + 1) * PAGE_SIZE,
				  first_step, t);
	masked = irq_save();
	make_ready(t);
	irq_restore(masked);
	return t;
}

/* --- the scheduler ---------------------------------------------------------------------------- */
static void schedule(void)
{
	struct thread *prev = current, *next;

	BUG_ON(irq_context());
	event_release_held();
	while (list_empty(&ready)) {
		event_release_held();
		priv_idle();
		priv_events_mask();
	}
	next = list_first(&ready, struct thread, node);
	list_del(&next->node);
	if (next == prev)
		return;
	current = next;
	_impure_ptr = next->reent;
	thread_switch(&prev->sp, next->sp);
	bury();
}

void thread_yield(void)
{
	bool masked = irq_save();

	list_add_tail(&ready, &current->node);
	schedule();
	irq_restore(masked);
}

void thread_exit(void)
{
	BUG_ON(current == &main_thread);
	irq_save();
	current->exited = true;
	wake_all(&current->joiners);
	if (current->detached)
		corpse = current;
	schedule();
	__builtin_unreachable();
}

void thread_join(struct thread *t)
{
	BUG_ON(t == current || t->detached);
	wait_event(&t->joiners, t->exited);
	thread_free(t);
}

void thread_detach(struct thread *t)
{
	if (t->exited)
		thread_free(t);
	else
		t->detached = true;
}

/* --- waiting ---------------------------------------------------------------------------------- */
static void timeout(struct timer *timer, void *ctx)
{
	(void)timer;
	make_ready(ctx);
}

bool wait_sleep(struct wait_queue *wq, uint64_t deadline)
{
	struct thread *self = current;

	self->woken = false;
	if (deadline != NO_DEADLINE) {
		if (deadline <= time_monotonic())
			return false;
		timer_set(&self->timer, deadline);
	}
	list_add_tail(&wq->waiters, &self->node);
	schedule();
	if (deadline != NO_DEADLINE)
		timer_cancel(&self->timer);
	return self->woken;
}

static void wake_first(struct wait_queue *wq)
{
	struct thread *t = list_first(&wq->waiters, struct thread, node);

	t->woken = true;
	make_ready(t);
}

void wake_one(struct wait_queue *wq)
{
	bool masked = irq_save();

	if (!list_empty(&wq->waiters))
		wake_first(wq);
	irq_restore(masked);
}

void wake_all(struct wait_queue *wq)
{
	bool masked = irq_save();

	while (!list_empty(&wq->waiters))
		wake_first(wq);
	irq_restore(masked);
}

void thread_sleep_until(uint64_t deadline)
{
	struct wait_queue nobody = WAIT_QUEUE_INIT(nobody);

	wait_event_until(&nobody, false, deadline);
}

void thread_sleep(uint64_t ns)
{
	thread_sleep_until(time_monotonic() + ns);
}

void thread_init(void)
{
	list_init(&main_thread.node);
	wait_queue_init(&main_thread.joiners);
	timer_init(&main_thread.timer, timeout, &main_thread);
	main_thread.reent = _GLOBAL_REENT;
	__sinit(_GLOBAL_REENT);
	event_hold_foreign();
}
