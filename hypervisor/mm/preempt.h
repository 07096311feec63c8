/* SPDX-License-Identifier: GPL-2.0-only */
/* When a long operation should stop for now. */
#ifndef HV_MM_PREEMPT_H
#define HV_MM_PREEMPT_H

#include <stdatomic.h>

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"

/*
 * True when this CPU has work waiting. Lets interrupts in for a moment first, since they are what
 * brings the work. Not while a lock is held. Never true while the first domain is being built, when
 * there is no guest that would come back, and nobody to do the work.
 */
static inline bool preempt_pending(void)
{
#ifndef PARAVANE_HOST_TEST
	ASSERT(!this_cpu()->nr_held);
	irq_window();
	if (current == this_cpu()->idle)
		return false;
#endif
	return atomic_load_explicit(&this_cpu()->work, memory_order_relaxed) != 0;
}

#endif
