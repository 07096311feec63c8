/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting and stopping CPUs. */
#include "hypervisor/arch/smp.h"

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/nmi.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"

/* boot/head.S */
extern const char boot_ap_trampoline[], boot_ap_trampoline_end[];
extern u64 boot_ap_cr3;
extern struct percpu *boot_ap_percpu;

#define PM_TIMER_HZ	3579545
#define PM_TIMER_MASK	0xffffff
#define START_TIMEOUT_US	2000000
#define STOP_TIMEOUT_US		100000

void delay_us(u32 us)
{
	u64 ticks = (u64)us * PM_TIMER_HZ / 1000000 + 1;
	u32 last = acpi.pm_timer_port ? inl(acpi.pm_timer_port) : 0;

	if (!acpi.pm_timer_port) {
		while (us--)
			outb(0x80, 0);	/* a microsecond on the old bus */
		return;
	}
	for (u64 passed = 0; passed < ticks;) {
		u32 now = inl(acpi.pm_timer_port);

		passed += (now - last) & PM_TIMER_MASK;
		last = now;
		cpu_relax();
	}
}

static int wait_online(struct percpu *cpu, u32 timeout_us)
{
	for (u32 waited = 0; waited < timeout_us; waited += 100) {
		if (atomic_load(&cpu->online))
			return 0;
		delay_us(100);
	}
	return atomic_load(&cpu->online) ? 0 : -ETIMEDOUT;
}

/* The start-up interrupt is sent again only if the first was not heard, as old CPUs want it. */
int smp_start_cpu(struct percpu *cpu, const struct smp_start *start)
{
	memcpy(start->mapped, boot_ap_trampoline, boot_ap_trampoline_end - boot_ap_trampoline);
	boot_ap_cr3 = start->cr3;
	boot_ap_percpu = cpu;
	apic_send_init(cpu->apic_id);
	delay_us(10000);
	apic_send_startup(cpu->apic_id, start->page);
	if (!wait_online(cpu, 1000))
		return 0;
	apic_send_startup(cpu->apic_id, start->page);
	if (!wait_online(cpu, START_TIMEOUT_US))
		return 0;
	/* Too late is never: INIT makes it wait for another start-up, which will not come. */
	apic_send_init(cpu->apic_id);
	return -ETIMEDOUT;
}

void smp_ap_entry(struct percpu *cpu)
{
	wrmsr(MSR_GS_BASE, (u64)cpu);
	cpu->cr3 = boot_ap_cr3;
	cpu->cr4 = cpu_setup();
	ap_main(cpu);
}

/* --- stopping --------------------------------------------------------------------------------- */

/* By NMI, since a CPU in trouble may not take interrupts. */
void smp_stop_others(void)
{
	struct percpu *me = this_cpu();

	if (!nmi_stop_cpus())
		return;
	send_nmi_to_others();
	for (u32 waited = 0; waited < STOP_TIMEOUT_US; waited += 100) {
		u32 running = 0;

		for (u32 i = 0; i < nr_cpus; i++)
			running += cpu_table[i] != me && atomic_load(&cpu_table[i]->online);
		if (!running)
			return;
		delay_us(100);
	}
}
