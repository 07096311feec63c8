/* SPDX-License-Identifier: GPL-2.0-only */
/* What a CPU does at an NMI, in whatever state it is: so no locks, and no more than must be. */
#include "hypervisor/arch/nmi.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/upcalls.h"

static _Atomic bool stopping;
static _Atomic u32 watchdog_limit;

bool nmi_stop_cpus(void)
{
	nmi_set_watchdog(0);
	return !atomic_exchange(&stopping, true);
}

void nmi_set_watchdog(u32 limit)
{
	atomic_store(&watchdog_limit, limit);
}

void nmi_heartbeat(void)
{
	this_cpu()->nmis_since_beat = 0;
}

/* The frame stays where it is, on this CPU's NMI stack, for who asks where it was. */
static void __noreturn stop_here(const struct regs *regs)
{
	this_cpu()->stopped_at = regs;
	atomic_store(&this_cpu()->online, false);
	for (;;)
		asm volatile("cli; hlt");
}

void nmi_arrived(struct regs *regs)
{
	struct percpu *cpu = this_cpu();
	u32 limit = atomic_load(&watchdog_limit);

	if (atomic_load(&stopping))
		stop_here(regs);
	if (limit && ++cpu->nmis_since_beat > limit)
		panic_regs(regs, "watchdog: CPU %u is stuck", cpu->id);
}
