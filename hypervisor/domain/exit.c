/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way back to a guest: one function that does whatever is pending, in order of urgency, until
 * nothing is, and names the registers to load. Also the idle loop, which is the same with nobody to
 * go back to.
 */
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/traps.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/bounce.h"
#include "hypervisor/domain/segment.h"
#include "hypervisor/domain/vcpu.h"

void exit_to_guest(void) __noreturn;
struct regs *prepare_exit(void);
void iret_failed(const struct regs *regs);

static bool take(struct percpu *cpu, enum cpu_work bit)
{
	if (!(atomic_load_explicit(&cpu->work, memory_order_relaxed) & bit))
		return false;
	atomic_fetch_and(&cpu->work, ~(u32)bit);
	return true;
}

/* Each is taken before it is done, so that work raised meanwhile is done again. */
static void do_cpu_work(struct percpu *cpu)
{
	if (take(cpu, CPU_WORK_TIMER))
		timer_run();
	if (take(cpu, CPU_WORK_SERVICE))
		sched_account();
	if (take(cpu, CPU_WORK_KEY))
		debug_key_run();
	if (take(cpu, CPU_WORK_DEFERRED))
		deferred_run();
	if (take(cpu, CPU_WORK_SCHEDULE))
		schedule();
}

static void do_vcpu_work(struct vcpu *v)
{
	u32 work = atomic_exchange(&v->work, 0);

	if (work & VCPU_WORK_TIME)
		time_publish(v);
	if (work & VCPU_WORK_RUNSTATE)
		sched_publish_runstate(v);
	if (work & VCPU_WORK_NMI)
		bounce_nmi(v);
}

static inline u32 is_pending(_Atomic u32 *work)
{
	return atomic_load_explicit(work, memory_order_relaxed);
}

/*
 * The most urgent first, until there is nothing left. One upcall is enough: another vCPU could take
 * its mask away at once, and so keep this CPU here for as long as there is stack.
 */
static __attribute__((noinline)) struct regs *do_pending(struct percpu *cpu)
{
	struct vcpu *told = NULL;

	for (;;) {
		struct vcpu *v = cpu->vcpu;

		if (is_pending(&cpu->work))
			do_cpu_work(cpu);
		else if (v->is_idle)
			idle_halt();
		else if (is_pending(&v->work))
			do_vcpu_work(v);
		else if (v != told && vcpu_event_deliverable(v))
			bounce_event(told = v);
		else
			return &v->regs;
	}
}

/* Mostly nothing is pending: then nothing is called, so that nothing need be saved. */
struct regs *prepare_exit(void)
{
	struct percpu *cpu = this_cpu();
	struct vcpu *v = cpu->vcpu;

	if (likely(!(is_pending(&cpu->work) | is_pending(&v->work))) &&
	    likely(!vcpu_event_deliverable(v)))
		return &v->regs;
	return do_pending(cpu);
}

/* The guest's own frame was bad: its selectors, or an address that is none. */
void iret_failed(const struct regs *regs)
{
	struct vcpu *v = current;

	/* Its code or stack segment is in a page of its LDT that has not been used here yet. */
	if (regs->vector == VEC_PF && ldt_fault(read_cr2()))
		return;
	guest_log(LOG_DEBUG, "IRET to %04lx:%lx refused, error code %x", v->regs.cs, v->regs.rip,
		  regs->error_code);
	/* A callback that cannot be entered would fail for ever. */
	if (v->regs.rip == v->failsafe.address) {
		domain_crash(v->domain, "its failsafe callback cannot be entered");
		return;
	}
	segment_save_selectors(v);
	bounce_failsafe(v);
}

void run_guests(void)
{
	cpu_raise(this_cpu(), CPU_WORK_SCHEDULE);
	exit_to_guest();
}
