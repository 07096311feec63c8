/* SPDX-License-Identifier: GPL-2.0-only */
/* Where each CPU's private part and stack come from, and how one CPU gives another work. */
#include "hypervisor/arch/percpu.h"

#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/smp.h"

struct percpu *cpu_table[MAX_CPUS];
u32 nr_cpus;

/* The boot CPU locks and prints before there is an allocator. */
static struct percpu boot_percpu;
extern u8 boot_stack_top[];		/* boot/head.S */

void percpu_enter(struct percpu *cpu)
{
	cpu->self = cpu;
	cpu->id = nr_cpus;
	cpu_table[nr_cpus++] = cpu;
}

void percpu_boot_init(void)
{
	boot_percpu.stack_top = (u64)boot_stack_top;
	percpu_enter(&boot_percpu);
	wrmsr(MSR_GS_BASE, (u64)&boot_percpu);
	atomic_store(&boot_percpu.online, true);
}

/* Who finds the bit set already need not kick: whoever set it did. */
void cpu_raise(struct percpu *cpu, enum cpu_work work)
{
	u32 before = atomic_fetch_or(&cpu->work, work);

	if (!(before & work) && cpu != this_cpu())
		send_ipi(cpu->id, VEC_KICK);
}

void cpu_kick(struct percpu *cpu)
{
	if (cpu != this_cpu())
		send_ipi(cpu->id, VEC_KICK);
}
