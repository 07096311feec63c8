/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers: a heap for each CPU, and that CPU's APIC programmed for the first of it.
 *
 * The APIC is left alone when it will interrupt early enough anyway: a timer that is put off,
 * which guests do all the time, costs nothing but one interrupt too many, once. Such an interrupt
 * finds nothing expired and programs the right time; so does one that comes early by rounding.
 * That is why a timer is never early. One that has run what there was does not interrupt again
 * within SLACK: a crowd of timers is served in one go, and no guest can have interrupts faster
 * than that.
 */
#include "hypervisor/services/timer.h"

#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/services/time.h"

#define SLACK		10000			/* ns */
#define NOT_PROGRAMMED	(~0ull)

struct timer_cpu {
	struct spinlock lock;			/* RANK_TIMER: guards heap, programmed, running */
	struct pheap heap;
	ns_t programmed;			/* when the APIC will interrupt */
	ns_t floor;				/* timer_run() is at work: none before this */
	_Atomic(struct timer *) running;	/* whose function is being called now */
} __aligned(64);

int timer_cpu_init(u32 cpu)
{
	struct timer_cpu *tc = kalloc(sizeof(*tc));

	if (!tc)
		return -ENOMEM;
	spin_init(&tc->lock, "timers", RANK_TIMER);
	tc->programmed = NOT_PROGRAMMED;
	cpu_table[cpu]->timers = tc;
	return 0;
}

void timer_init(struct timer *t, void (*fn)(void *), void *arg, u32 cpu)
{
	*t = (struct timer){ .fn = fn, .arg = arg, .cpu = cpu };
}

/* Locks the heap of the CPU the timer belongs to. */
static struct timer_cpu *lock_heap_of(struct timer *t, u32 *cpu)
{
	for (;;) {
		struct timer_cpu *tc;

		*cpu = atomic_load_explicit(&t->cpu, memory_order_relaxed);
		tc = cpu_table[*cpu]->timers;
		lock(&tc->lock);
		if (likely(*cpu == atomic_load_explicit(&t->cpu, memory_order_relaxed)))
			return tc;
		unlock(&tc->lock);
	}
}

static ns_t first_deadline(const struct timer_cpu *tc)
{
	return tc->heap.root ? tc->heap.root->key : NOT_PROGRAMMED;
}

static void program(struct timer_cpu *tc, ns_t deadline)
{
	if (deadline == tc->programmed)
		return;
	tc->programmed = deadline;
	apic_timer_set(deadline == NOT_PROGRAMMED ? ~0ull : ns_to_tsc(deadline));
}

/*
 * The heap has a new first timer, perhaps. Another CPU's APIC can only be programmed by that CPU.
 */
static void update_deadline(struct timer_cpu *tc, u32 cpu)
{
	ns_t first = first_deadline(tc);

	if (first >= tc->programmed)
		return;
	if (cpu == this_cpu()->id)
		program(tc, first);
	else
		cpu_raise(cpu_table[cpu], CPU_WORK_TIMER);
}

/* With the heap of @cpu locked. */
static void put(struct timer_cpu *tc, struct timer *t, ns_t expires, u32 cpu)
{
	if (timer_is_set(t))
		pheap_remove(&tc->heap, &t->node);
	if (t->is_killed)
		return;
	pheap_insert(&tc->heap, &t->node, MAX(expires, tc->floor));
	if (tc->heap.root == &t->node)
		update_deadline(tc, cpu);
}

void timer_set(struct timer *t, ns_t expires)
{
	u32 cpu;
	struct timer_cpu *tc = lock_heap_of(t, &cpu);

	put(tc, t, expires, cpu);
	unlock(&tc->lock);
}

void timer_set_here(struct timer *t, ns_t expires)
{
	u32 cpu = this_cpu()->id;

	if (unlikely(atomic_load_explicit(&t->cpu, memory_order_relaxed) != cpu))
		timer_migrate(t, cpu);
	timer_set(t, expires);
}

void timer_stop(struct timer *t)
{
	u32 cpu;
	struct timer_cpu *tc = lock_heap_of(t, &cpu);

	if (timer_is_set(t))
		pheap_remove(&tc->heap, &t->node);
	unlock(&tc->lock);
}

/*
 * Its function may be running on a CPU that it has left since, so all are looked at. Which needs no
 * lock: after is_killed was set under the heap's lock, timer_run() does not pick it any more.
 */
void timer_kill(struct timer *t)
{
	u32 cpu;
	struct timer_cpu *tc = lock_heap_of(t, &cpu);

	if (timer_is_set(t))
		pheap_remove(&tc->heap, &t->node);
	t->is_killed = true;
	unlock(&tc->lock);
	for (u32 i = 0; i < nr_cpus; i++) {
		tc = cpu_table[i]->timers;
		if (!tc)
			continue;
		BUG_ON(i == this_cpu()->id && atomic_load(&tc->running) == t);
		while (atomic_load(&tc->running) == t)
			spin_wait();
	}
}

void timer_migrate(struct timer *t, u32 cpu)
{
	struct timer_cpu *to = cpu_table[cpu]->timers, *from;
	u32 old;

	for (;;) {
		old = atomic_load_explicit(&t->cpu, memory_order_relaxed);
		if (old == cpu)
			return;
		from = cpu_table[old]->timers;
		lock_pair(&from->lock, &to->lock);
		if (old == atomic_load_explicit(&t->cpu, memory_order_relaxed))
			break;
		unlock_pair(&from->lock, &to->lock);
	}
	atomic_store_explicit(&t->cpu, cpu, memory_order_relaxed);
	if (timer_is_set(t)) {
		ns_t expires = t->node.key;

		pheap_remove(&from->heap, &t->node);
		put(to, t, expires, cpu);
	}
	unlock_pair(&from->lock, &to->lock);
}

/* Takes the first timer out if it has expired by @t. */
static struct timer *take_expired(struct timer_cpu *tc, ns_t t)
{
	struct pheap_node *first = tc->heap.root;
	struct timer *timer;

	if (!first || first->key > t)
		return NULL;
	timer = container_of(first, struct timer, node);
	pheap_remove(&tc->heap, first);
	atomic_store(&tc->running, timer);
	return timer;
}

/*
 * What the functions called here set to a time already past waits for the next interrupt, so that
 * this ends.
 */
void timer_run(void)
{
	struct timer_cpu *tc = this_cpu()->timers;
	ns_t t = now();
	struct timer *timer;

	lock(&tc->lock);
	/* The APIC may have fired; whatever functions set now is programmed at the end. */
	tc->programmed = 0;
	tc->floor = t + 1;
	while ((timer = take_expired(tc, t)) != NULL) {
		void (*fn)(void *) = timer->fn;
		void *arg = timer->arg;

		unlock(&tc->lock);
		fn(arg);
		lock(&tc->lock);
		atomic_store(&tc->running, NULL);
	}
	tc->floor = 0;
	if (!tc->heap.root)
		program(tc, NOT_PROGRAMMED);
	else
		program(tc, MAX(first_deadline(tc), t + SLACK));
	unlock(&tc->lock);
}
