/* SPDX-License-Identifier: GPL-2.0-only */
/* Ticket locks: first come, first served; with the order of ranks checked in debug builds. */
#include "hypervisor/arch/spinlock.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/upcalls.h"

#define NEXT_TICKET	(1u << 16)

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

void spin_wait(void)
{
	if (unlikely(atomic_load_explicit(&this_cpu()->flush_request, memory_order_relaxed)))
		tlb_serve();
	cpu_relax();
}

/* The half that is being served, by itself: adding to it must not carry into the other half. */
static _Atomic u16 *serving(struct spinlock *lock)
{
	return (_Atomic u16 *)&lock->tickets;
}

#ifdef PARAVANE_DEBUG

/* Ranks rise strictly; the second of a pair may equal the first. */
static void check_order(const struct spinlock *lock, bool is_second)
{
	struct percpu *cpu = this_cpu();

	for (u32 i = 0; i < cpu->nr_held; i++) {
		const struct spinlock *held = cpu->held[i];

		if (held->rank < lock->rank ||
		    (is_second && held->rank == lock->rank && held < lock))
			continue;
		panic("lock order: %s (rank %u) wanted while %s (rank %u) is held", lock->name,
		      lock->rank, held->name, held->rank);
	}
}

/* No lock is safe from an interrupt that takes it too, but by there being none. */
static void check_interrupts(void)
{
#ifndef PARAVANE_HOST_TEST
	BUG_ON(read_flags() & EFLAGS_IF);
#endif
}

static void note_locked(struct spinlock *lock)
{
	struct percpu *cpu = this_cpu();

	BUG_ON(cpu->nr_held == LOCKS_HELD_MAX);
	check_interrupts();
	cpu->held_since[cpu->nr_held] = rdtsc();
	cpu->held[cpu->nr_held++] = lock;
}

/* Mostly the last one taken. */
static void note_unlocked(struct spinlock *lock)
{
	struct percpu *cpu = this_cpu();
	u32 i = cpu->nr_held;

	while (i-- > 0)
		if (cpu->held[i] == lock)
			break;
	BUG_ON(i >= cpu->nr_held);
	cpu->lock_longest[lock->rank] = MAX(cpu->lock_longest[lock->rank],
					    rdtsc() - cpu->held_since[i]);
	for (cpu->nr_held--; i < cpu->nr_held; i++) {
		cpu->held[i] = cpu->held[i + 1];
		cpu->held_since[i] = cpu->held_since[i + 1];
	}
}

#else

static inline void check_order(const struct spinlock *lock, bool is_second)
{
	(void)lock;
	(void)is_second;
}

static inline void note_locked(struct spinlock *lock)
{
	(void)lock;
}

static inline void note_unlocked(struct spinlock *lock)
{
	(void)lock;
}

#endif

static void wait_for(struct spinlock *lock, u16 ticket)
{
	atomic_fetch_add_explicit(&lock->contended, 1, memory_order_relaxed);
	lock_waited(lock->rank);
	while (atomic_load_explicit(serving(lock), memory_order_acquire) != ticket)
		spin_wait();
}

static void acquire(struct spinlock *lock)
{
	u32 was = atomic_fetch_add_explicit(&lock->tickets, NEXT_TICKET, memory_order_acquire);
	u16 ticket = was >> 16;

	if (unlikely((u16)was != ticket))
		wait_for(lock, ticket);
	lock->holder = this_cpu()->id + 1;
	note_locked(lock);
}

void lock(struct spinlock *lock)
{
	check_order(lock, false);
	acquire(lock);
}

void unlock(struct spinlock *lock)
{
	_Atomic u16 *served = serving(lock);

	note_unlocked(lock);
	lock->holder = 0;
	/* Only the holder writes this half, so a plain sum with a release store is enough. */
	atomic_store_explicit(served, atomic_load_explicit(served, memory_order_relaxed) + 1,
			      memory_order_release);
}

void lock_pair(struct spinlock *a, struct spinlock *b)
{
	struct spinlock *first = MIN(a, b), *second = MAX(a, b);

	lock(first);
	if (first == second)
		return;
	check_order(second, true);
	acquire(second);
}

void unlock_pair(struct spinlock *a, struct spinlock *b)
{
	unlock(a);
	if (a != b)
		unlock(b);
}

/* --- counters --------------------------------------------------------------------------------- */

void lock_waited(enum lock_rank rank)
{
	this_cpu()->lock_waits[rank]++;
}
