/* SPDX-License-Identifier: GPL-2.0-only */
/* Where each CPU's private part and stack come from, and how one CPU gives another work. */
#include "hypervisor/arch/percpu.h"

#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/smp.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"

struct percpu *cpu_table[MAX_CPUS];
u32 nr_cpus;

/* The boot CPU locks and prints before there is an allocator. */
static struct percpu boot_percpu;
extern u8 boot_stack_top[];		/* boot/head.S */

static void enter(struct percpu *cpu)
{
	cpu->self = cpu;
	cpu->id = nr_cpus;
	cpu_table[nr_cpus++] = cpu;
}

void percpu_boot_init(void)
{
	boot_percpu.stack_top = (u64)boot_stack_top;
	enter(&boot_percpu);
	wrmsr(MSR_GS_BASE, (u64)&boot_percpu);
	atomic_store(&boot_percpu.online, true);
}

static unsigned stack_order(void)
{
	return __builtin_ctz(CPU_STACK_SIZE / PAGE_SIZE);
}

/* Used by another address, below which nothing is mapped: an overflow faults instead of destroying. */
static u8 *alloc_stack(void)
{
	u8 *pages = alloc_pages(stack_order()), *stack;

	if (!pages)
		return NULL;
	stack = map_device(virt_to_mfn(pages) << PAGE_SHIFT, CPU_STACK_SIZE, 0);
	if (!stack)
		free_pages(pages, stack_order());
	return stack;
}

struct percpu *percpu_alloc(u32 apic_id, u32 acpi_id)
{
	struct percpu *cpu = kalloc(sizeof(*cpu));
	u8 *stack = cpu ? alloc_stack() : NULL;

	if (!stack) {
		kfree(cpu);
		return NULL;
	}
	cpu->stack_top = (u64)stack + CPU_STACK_SIZE;
	cpu->apic_id = apic_id;
	cpu->acpi_id = acpi_id;
	enter(cpu);
	return cpu;
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
