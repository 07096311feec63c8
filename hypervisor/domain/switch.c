/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The context switch. A vCPU's general registers are in its structure whenever the hypervisor runs,
 * so only what the hypervisor does not touch itself is moved: segments, FPU, debug registers, and
 * the address space.
 */
#include "hypervisor/domain/switch.h"

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/domain/address_space.h"
#include "hypervisor/domain/debugreg.h"
#include "hypervisor/domain/fpu.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/mm/tlb.h"

static void leave(struct vcpu *prev)
{
	if (prev->is_idle)
		return;
	segment_switch_out(prev);
	debugreg_switch_out(prev);
	fpu_switch_out(prev);
}

void load_tsc_trap(const struct vcpu *v)
{
	struct percpu *cpu = this_cpu();
	u64 cr4 = cpu->cr4 & ~(u64)CR4_TSD;

	if (unlikely(v->domain->emulates_tsc || v->ctrlreg[4] & CR4_TSD))
		cr4 |= CR4_TSD;
	if (likely(cr4 == cpu->cr4))
		return;
	cpu->cr4 = cr4;
	write_cr4(cr4);
}

void load_tsc_aux(const struct vcpu *v)
{
	struct percpu *cpu = this_cpu();

	if (v->tsc_aux == cpu->tsc_aux)
		return;
	cpu->tsc_aux = v->tsc_aux;
	wrmsr(MSR_TSC_AUX, v->tsc_aux);
}

static void enter(struct vcpu *next)
{
	if (next->is_idle)
		return;
	load_tsc_trap(next);
	load_tsc_aux(next);
	segment_switch_in(next);
	debugreg_switch_in(next);
	fpu_switch_in(next);
}

static void set_current(struct percpu *cpu, struct vcpu *next)
{
	cpu->vcpu = next;
	cpu->regs_end = (u64)(&next->regs + 1);
	cpu->tss->rsp[0] = cpu->regs_end;
	cpu->domain = next->domain;
	cpu->guest_is_pv32 = next->domain->is_pv32;
	cpu->guest_m2p_start = next->domain->compat_m2p_start;
	atomic_store_explicit(&next->running_on, cpu->id + 1, memory_order_relaxed);
	cpu->switches++;
}

/*
 * A CPU stands in a domain's mask from before it loads the domain's tables until after it loaded
 * others; the idle root belongs to nobody.
 */
static void change_address_space(struct percpu *cpu, struct vcpu *prev, struct vcpu *next)
{
	if (!next->is_idle) {
		atomic_fetch_or(&next->domain->cpus, BIT(cpu->id));
		atomic_store(&cpu->in_domain, true);
		segment_load_tables(next);
	}
	tlb_load_cr3(next->is_idle ? next->cr3 : address_space_cr3(next));
	if (next->is_idle)
		atomic_store(&cpu->in_domain, false);
	if (!prev->is_idle && prev->domain != next->domain)
		atomic_fetch_and(&prev->domain->cpus, ~BIT(cpu->id));
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	struct percpu *cpu = this_cpu();

	ASSERT(prev == cpu->vcpu && prev != next);
	leave(prev);
	set_current(cpu, next);
	change_address_space(cpu, prev, next);
	enter(next);
	/* From here on another CPU may run prev. */
	atomic_store_explicit(&prev->running_on, 0, memory_order_release);
}
