/* SPDX-License-Identifier: GPL-2.0-only */
/* Device interrupts that belong to guests. */
#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/upcalls.h"

/* No domain can bind one so far (EVTCHNOP_bind_pirq is refused), so none should arrive. */
void guest_irq(u32 vector)
{
	log_debug("interrupt on vector %x belongs to nobody", vector);
	apic_eoi();
}
