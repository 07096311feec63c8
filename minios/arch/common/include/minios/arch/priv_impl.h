/* SPDX-License-Identifier: MIT */
/* Event masking of a paravirtualized kernel: a byte in the shared info page. */
#ifndef MINIOS_ARCH_PRIV_IMPL_H
#define MINIOS_ARCH_PRIV_IMPL_H

#include <minios/arch/hypercall_raw.h>
#include "pvabi/xen.h"

/* The linker gives the shared info page a fixed place; the entry code uses the same symbol. */
extern uint8_t shared_info_page[];

static inline struct vcpu_info *priv_vcpu_info(void)
{
	return &((struct shared_info *)(void *)shared_info_page)->vcpu_info[0];
}

#define priv_barrier() __asm__ volatile("" ::: "memory")

static inline bool priv_events_masked(void)
{
	return __atomic_load_n(&priv_vcpu_info()->evtchn_upcall_mask, __ATOMIC_RELAXED);
}

static inline bool priv_events_mask(void)
{
	bool was = priv_events_masked();

	__atomic_store_n(&priv_vcpu_info()->evtchn_upcall_mask, 1, __ATOMIC_RELAXED);
	priv_barrier();
	return was;
}

void priv_events_deliver(void);

/*
 * Unmask first, look second: an event that comes before the look is seen by it, one that comes
 * after it is delivered by the hypervisor.
 */
static inline void priv_events_unmask(void)
{
	priv_barrier();
	__atomic_store_n(&priv_vcpu_info()->evtchn_upcall_mask, 0, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&priv_vcpu_info()->evtchn_upcall_pending, __ATOMIC_RELAXED))
		priv_events_deliver();
}

#endif
