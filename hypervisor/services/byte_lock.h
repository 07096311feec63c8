/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Locks of one byte, for objects of which there are thousands and which two CPUs rarely want at
 * once: event channels, grant entries. They are held for a handful of instructions, rank behind
 * every spin lock that may be held when they are taken, and two of a kind are taken in the order of
 * their addresses.
 */
#ifndef HV_SERVICES_BYTE_LOCK_H
#define HV_SERVICES_BYTE_LOCK_H

#include <stdatomic.h>

#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/types.h"

typedef _Atomic u8 byte_lock_t;

static inline bool byte_try_lock(byte_lock_t *l)
{
	return !atomic_exchange_explicit(l, 1, memory_order_acquire);
}

static inline void byte_lock(byte_lock_t *l)
{
	while (unlikely(!byte_try_lock(l))) {
		lock_waited(RANK_ENTRY);
		while (atomic_load_explicit(l, memory_order_relaxed))
			spin_wait();
	}
}

static inline void byte_unlock(byte_lock_t *l)
{
	atomic_store_explicit(l, 0, memory_order_release);
}

#endif
