/* SPDX-License-Identifier: GPL-2.0-only */
/* What each CPU keeps for itself, found through GS while in the hypervisor. */
#ifndef HV_ARCH_PERCPU_H
#define HV_ARCH_PERCPU_H

#include <stdatomic.h>

#include "hypervisor/arch/layout.h"
#include "hypervisor/arch/regs.h"
#include "hypervisor/arch/spinlock.h"
#include "hypervisor/lib/types.h"

struct domain;
struct vcpu;
struct sched_cpu;
struct timer_cpu;
struct time_cpu;

/*
 * Pending work of a CPU: bits that make the way back to a guest take the slow path
 * (arch/exit.c). Set by the CPU itself, or by another CPU followed by a VEC_KICK.
 */
enum cpu_work {
	CPU_WORK_SCHEDULE	= 1 << 0,	/* choose again which vCPU runs */
	CPU_WORK_TIMER		= 1 << 1,	/* timers have expired */
	CPU_WORK_KEY		= 1 << 2,	/* a debug key was typed (boot CPU only) */
	CPU_WORK_SERVICE	= 1 << 3,	/* run the services' periodic work */
	CPU_WORK_DEFERRED	= 1 << 4,	/* run deferred frees (last references dropped) */
};

#define LOCKS_HELD_MAX	16

struct percpu {
	/* --- private: only this CPU reads or writes these. entry.S knows the first ones. --- */
	struct percpu *self;
	struct vcpu *vcpu;		/* never NULL once the CPU is up: its idle vCPU at least */
	u64 regs_end;			/* end of current's struct regs: where entries push */
	u64 stack_top;			/* of this CPU's stack */
	u64 scratch;			/* SYSCALL saves the guest's RSP here */
	u32 id;				/* 0 .. MAX_CPUS - 1, dense */
	u32 apic_id;
	u32 acpi_id;
	struct vcpu *idle;
	u64 fpu_serial;			/* vcpu.serial of whose FPU state the registers hold, or 0 */
	u64 cr4;			/* as loaded */
	u32 tsc_aux;			/* as loaded */
	u64 cr3;			/* as loaded */
	struct domain *domain;		/* of that vCPU */
	bool guest_is_pv32;		/* its width */
	u32 guest_m2p_start;		/* where a pv32 guest's own addresses end */
	u64 xcr0;			/* as loaded, once a guest ran */
	bool fpu_trap;			/* CR0.TS as loaded */
	u8 gdt_pages;			/* pages of the GDT window that now map guest frames */
	bool ldt_loaded;		/* LDTR is not null */
	u16 ldt_pages;			/* bit i: page i of the LDT window maps a guest frame */
	struct tss *tss;
	u64 *gdt_hv_page[2];		/* the hypervisor's GDT page for pv64 and for pv32 guests */
	u8 *ist_stacks;
	u64 irqs, kicks, flushes, switches;	/* counters for debug keys */
	const struct spinlock *held[LOCKS_HELD_MAX];
	u64 held_since[LOCKS_HELD_MAX];		/* TSC; debug builds */
	u32 nr_held;
	u32 lock_waits[NR_LOCK_RANKS];		/* acquisitions here that had to wait */
	u64 lock_longest[NR_LOCK_RANKS];	/* cycles held; debug builds */
	u64 nmi_count;
	u32 nmis_since_beat;		/* arch/nmi.c */

	/* --- shared: other CPUs read or write these, atomically. --- */
	_Atomic u32 work __aligned(64);		/* enum cpu_work */
	_Atomic bool online;
	const struct regs *stopped_at;		/* by smp_stop_others(): valid once not online */
	_Atomic bool in_domain;			/* a domain's address space is loaded: see mm/tlb.h */
	_Atomic u32 flush_request;		/* see mm/tlb.c */
	_Atomic bool flush_caches;		/* at the next flush, caches too */
	_Atomic u32 tlb_stamp;			/* clock at this CPU's last full flush */

	/* --- the services' own parts --- */
	struct sched_cpu *sched;
	struct timer_cpu *timers;
	struct time_cpu *time;
} __aligned(64);

#ifndef PARAVANE_HOST_TEST
static inline struct percpu *this_cpu(void)
{
	struct percpu *p;

	asm("mov %%gs:0, %0" : "=r"(p));
	return p;
}
#else
struct percpu *this_cpu(void);
#endif

#define current		(this_cpu()->vcpu)

/* All CPUs, by id; NULL beyond nr_cpus. Written at boot only. */
extern struct percpu *cpu_table[MAX_CPUS];
extern u32 nr_cpus;

/* Makes a CPU look at its vCPU's state again; nothing when it is this one. */
void cpu_kick(struct percpu *cpu);
/* Set work for a CPU; kicks it if it is another one. Safe from any context. */
void cpu_raise(struct percpu *cpu, enum cpu_work work);

#endif
