/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The watchdog's two clocks: a timer on each CPU, which only a CPU that takes interrupts and passes
 * by the way out to guests ever runs, and an NMI on all CPUs from the oldest timer of a PC, which
 * no CPU can refuse. arch/nmi.c compares them.
 */
#include "hypervisor/boot/watchdog.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/ioapic.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/nmi.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/boot/params.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/timer.h"

#define BEAT		500000000ull	/* ns */

#define PIT_COMMAND	0x43
#define PIT_CHANNEL0	0x40
#define PIT_RATE	0x34		/* channel 0, two bytes, repeat for ever */
#define PIT_IRQ		0
#define NMIS_PER_SECOND	19		/* at the slowest rate: 18.2 */

static struct timer heartbeats[MAX_CPUS];

static void beat(void *arg)
{
	nmi_heartbeat();
	timer_set(arg, now() + BEAT);
}

static int start_nmis(void)
{
	bool level, low;
	u32 gsi = isa_irq_to_gsi(PIT_IRQ, &level, &low);
	int rc = ioapic_route_nmi(gsi);

	if (rc)
		return rc;
	outb(PIT_COMMAND, PIT_RATE);
	outb(PIT_CHANNEL0, 0);		/* divisor 65536 */
	outb(PIT_CHANNEL0, 0);
	return 0;
}

void watchdog_start(void)
{
	if (!opt_watchdog)
		return;
	for (u32 i = 0; i < nr_cpus; i++) {
		timer_init(&heartbeats[i], beat, &heartbeats[i], i);
		timer_set(&heartbeats[i], now() + BEAT);
	}
	nmi_set_watchdog(opt_watchdog * NMIS_PER_SECOND);
	if (start_nmis())
		log_warn("watchdog: no interrupt for it on this machine");
	else
		log_info("Watchdog: %u seconds", opt_watchdog);
}
