/* SPDX-License-Identifier: GPL-2.0-only */
/* Each CPU's start: memory of its own, its part in the services, then the instruction to run. */
#include "hypervisor/boot/cpus.h"

#include "hypervisor/arch/acpi.h"
#include "hypervisor/arch/apic.h"
#include "hypervisor/arch/asm_offsets.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/smp.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/boot/params.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/timer.h"

/* Memory for its descriptor tables and exception stacks: see arch/traps.h. */
static int alloc_tables(struct percpu *cpu)
{
	cpu->tss = alloc_page();
	cpu->ist_stacks = kalloc(NR_IST_STACKS * IST_STACK_SIZE);
	cpu->gdt_hv_page[0] = alloc_page();
	cpu->gdt_hv_page[1] = alloc_page();
	if (!cpu->tss || !cpu->ist_stacks || !cpu->gdt_hv_page[0] || !cpu->gdt_hv_page[1])
		return -ENOMEM;
	cpu_window_ptes(cpu->id)[GDT_HV_PAGE] = window_pte(virt_to_mfn(cpu->gdt_hv_page[0]));
	return 0;
}

/* What a CPU needs of the services before it comes up. */
static int prepare_cpu(u32 cpu)
{
	int rc = timer_cpu_init(cpu);

	return rc ? rc : sched_cpu_init(cpu);
}

static u32 acpi_id_of(u32 apic_id)
{
	for (u32 i = 0; i < acpi.nr_cpus; i++)
		if (acpi.cpus[i].apic_id == apic_id)
			return acpi.cpus[i].acpi_id;
	return 0;
}

void cpus_init_boot(void)
{
	struct percpu *cpu = this_cpu();
	int rc;

	cpu->acpi_id = acpi_id_of(cpu->apic_id);
	rc = alloc_tables(cpu);
	if (rc)
		panic("no memory for the boot CPU");
	traps_init();
	traps_cpu_init(cpu);
	time_init();
	domain_init();
	rc = prepare_cpu(cpu->id);
	if (!rc)
		rc = time_cpu_init(cpu->id);
	sched_cpu_online(cpu->id);
	if (rc)
		panic("cannot set up the boot CPU: error %d", rc);
}

/* --- the others ------------------------------------------------------------------------------- */

static unsigned stack_order(void)
{
	return __builtin_ctz(CPU_STACK_SIZE / PAGE_SIZE);
}

/*
 * Used by an address of its own, below which nothing is mapped: an overflow faults, and does not
 * destroy somebody's data.
 */
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

static struct percpu *alloc_cpu(const struct acpi_cpu *from)
{
	struct percpu *cpu = kalloc(sizeof(*cpu));
	u8 *stack = cpu ? alloc_stack() : NULL;

	if (!stack) {
		kfree(cpu);
		return NULL;
	}
	cpu->stack_top = (u64)stack + CPU_STACK_SIZE;
	cpu->apic_id = from->apic_id;
	cpu->acpi_id = from->acpi_id;
	percpu_enter(cpu);
	return cpu;
}

/* One that does not come is left out; its memory is not worth a way back. */
static void start_cpu(const struct acpi_cpu *from, const struct smp_start *start)
{
	struct percpu *cpu = alloc_cpu(from);
	int rc;

	if (!cpu)
		return;
	rc = alloc_tables(cpu);
	if (!rc)
		rc = prepare_cpu(cpu->id);
	if (!rc)
		rc = smp_start_cpu(cpu, start);
	if (!rc)
		return;
	log_warn("CPU with APIC id %u did not start: error %d", from->apic_id, rc);
	cpu_table[--nr_cpus] = NULL;
}

/* The highest page of RAM below 640 KiB, or 0. That memory is never given to the allocator. */
static u8 trampoline_page(void)
{
	u64 found = 0;

	for (u32 i = 0; i < machine_map.nr; i++) {
		const struct machine_region *r = &machine_map.region[i];
		u64 end = MIN(r->start + r->size, 0xa0000ull) & PAGE_MASK;

		if (r->type == RAM_USABLE && end >= r->start + PAGE_SIZE && end > PAGE_SIZE)
			found = MAX(found, end - PAGE_SIZE);
	}
	return found >> PAGE_SHIFT;
}

void cpus_start_others(void)
{
	u32 max = opt_maxcpus ? MIN(opt_maxcpus, (u32)MAX_CPUS) : MAX_CPUS;
	struct smp_start start = {
		.page = trampoline_page(),
		.cr3 = hv_root_mfn << PAGE_SHIFT,
	};

	start.mapped = mfn_to_virt(start.page);
	for (u32 i = 0; start.page && i < acpi.nr_cpus && nr_cpus < max; i++)
		if (acpi.cpus[i].apic_id != this_cpu()->apic_id)
			start_cpu(&acpi.cpus[i], &start);
	log_info("CPUs: %u of %u started", nr_cpus, MAX(acpi.nr_cpus, 1u));
}

void ap_main(struct percpu *cpu)
{
	traps_cpu_init(cpu);
	apic_cpu_init();
	if (time_cpu_init(cpu->id))
		panic("no memory for CPU %u", cpu->id);
	sched_cpu_online(cpu->id);
	atomic_store(&cpu->online, true);
	run_guests();
}
