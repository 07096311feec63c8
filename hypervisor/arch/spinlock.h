/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spin locks, and the one written order in which they are taken.
 *
 * The hypervisor runs with interrupts disabled, so no lock needs an interrupt-safe twin. A CPU that
 * spins serves TLB flush requests meanwhile (see mm/tlb.h); so a CPU that holds a lock may wait for
 * all others to flush without a deadlock.
 *
 * A lock may be taken only while every lock already held has a lower rank; two of the same rank are
 * taken by lock_pair() in the order of their addresses. Debug builds check it at each lock() and
 * print both locks when it is broken; they check that interrupts are off, and note the longest time
 * that a lock of each rank was held. Page locks (mm/frame.h) are bits in the frame
 * table; they rank RANK_FRAME and the level of the table (L4 first) orders them among themselves.
 */
#ifndef HV_ARCH_SPINLOCK_H
#define HV_ARCH_SPINLOCK_H

#include <stdatomic.h>

#include "hypervisor/lib/types.h"

enum lock_rank {
	RANK_DOMCTL = 1,	/* control/: one control operation on a domain at a time */
	RANK_DOMAIN_TABLE,	/* domain/: the list of all domains */
	RANK_DOMAIN,		/* domain/: a domain's life (vCPU creation, shutdown, pausing) */
	RANK_GRANT,		/* services/: a domain's grant table */
	RANK_MAPTRACK,		/* services/: a domain's mapping handles */
	RANK_EVTCHN,		/* services/: a domain's event channels */
	RANK_PIRQ,		/* services/: who has which device interrupt */
	RANK_MSIX,		/* services/: the MSI-X tables that are mapped */
	RANK_FRAME,		/* mm/: page-table locks in the frame table */
	RANK_VCPU,		/* domain/: a vCPU's own registration areas */
	RANK_PAGES,		/* mm/: a domain's list of frames and its limits */
	RANK_MAP,		/* mm/: the hypervisor's own page tables */
	RANK_KALLOC,		/* mm/: a size class of small objects */
	RANK_ALLOC,		/* mm/: the frame allocator */
	RANK_SCHED,		/* services/: a CPU's run queue */
	RANK_TIMER,		/* services/: a CPU's timer heap */
	RANK_TIME,		/* services/: wall clock and calibration */
	RANK_IRQ,		/* arch/: interrupt controllers */
	RANK_DOMAIN_BUCKET,	/* domain/: look-up by id; nothing is taken within */
	RANK_CONSOLE,		/* arch/: console ring and devices; always innermost */
	RANK_ENTRY,		/* services/byte_lock.h: one channel, one grant; only counted */
	NR_LOCK_RANKS,
};

struct spinlock {
	_Atomic u32 tickets;	/* next ticket << 16 | ticket being served */
	u16 rank;
	u16 holder;		/* CPU + 1, for diagnosis */
	_Atomic u32 contended;	/* acquisitions that had to wait */
	const char *name;
};

#define SPINLOCK_INIT(lock_name, lock_rank) { .rank = (lock_rank), .name = (lock_name) }

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank);
void lock(struct spinlock *lock);
void unlock(struct spinlock *lock);
/* Both, in the order of their addresses; they may be the same lock. */
void lock_pair(struct spinlock *a, struct spinlock *b);
void unlock_pair(struct spinlock *a, struct spinlock *b);
/* Somebody had to wait for a lock of this kind, which may be one of those that are bits. */
void lock_waited(enum lock_rank rank);
/* Debug key: how often each kind was waited for, and how long it was held. lock_stats.c */
void locks_dump(void);

/* Call in every loop that waits for another CPU: pauses, and serves TLB flushes asked of us. */
void spin_wait(void);

#endif
