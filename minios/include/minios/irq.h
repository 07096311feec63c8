/* SPDX-License-Identifier: MIT */
/*
 * Masking of event delivery on this virtual CPU: the PV form of cli and sti.
 *
 * Interrupt context is the time in which an event handler or timer function runs: events are masked
 * there, the code runs on the stack of whatever thread was interrupted, and it must not sleep,
 * wait, lock a mutex or use floating point (files are built without it unless they ask). It may
 * wake threads (wake_one, wake_all, semaphore_up), set timers, and notify event channels.
 */
#ifndef MINIOS_IRQ_H
#define MINIOS_IRQ_H

#include <minios/arch/priv.h>

/* irq_save() masks and says what was; irq_restore() puts that back. They nest. */
static inline bool irq_save(void)
{
	return priv_events_mask();
}

static inline void irq_restore(bool was_masked)
{
	if (!was_masked)
		priv_events_unmask();
}

/* True in an event handler, a timer function or a trap. */
bool irq_context(void);

#endif
