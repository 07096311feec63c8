/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every call from a lower level to a higher one: what entry, traps and the memory manager ask of
 * the levels above them. Nothing else may call upwards.
 */
#ifndef HV_ARCH_UPCALLS_H
#define HV_ARCH_UPCALLS_H

#include "hypervisor/lib/types.h"

struct cpuid_regs;
struct domain;
struct frame;
struct regs;
struct vcpu;

/* From arch/entry.S: a guest came in by `int 0x82` or SYSCALL. hypercall/dispatch.c */
void hypercall_entry(struct vcpu *v);
void syscall_entry(struct vcpu *v);
/* From there: by `int 0x80`, or by SYSCALL or SYSENTER as its applications do. domain/fault.c */
void guest_system_call(struct vcpu *v);
void guest_syscall(struct vcpu *v);
void guest_syscall32(struct vcpu *v);
void guest_sysenter(struct vcpu *v);
/* From arch/traps.c: an exception or `int n` of the current guest. domain/fault.c */
void guest_trap(struct vcpu *v);
/* From domain/exit.c, by CPU_WORK_* and VCPU_WORK_*: services/ and domain/ */
void schedule(void);
void timer_run(void);
void time_publish(struct vcpu *v);
void sched_publish_runstate(struct vcpu *v);
/* What RDTSC is to give to @v. services/time_tsc.c */
u64 guest_tsc(const struct vcpu *v);
/* The leaf of CPUID that describes its TSC to @d; all registers are 0 before. */
void tsc_cpuid(const struct domain *d, u32 subleaf, struct cpuid_regs *r);
void sched_account(void);
void deferred_run(void);
/* Addresses in the LDT window: maps the page the guest's LDT has there; false when it has none. */
bool ldt_fault(u64 addr);
/* An NMI on this CPU: watchdog, stop on panic, debug dump. arch/nmi.c */
void nmi_arrived(struct regs *regs);
/* A device interrupt (GSI or MSI) that belongs to guests. services/pirq.c */
void guest_irq(u32 vector);
/* A character typed on the console, for the control domain or for debug keys. control/keys.c */
void console_input(char c);
void debug_key_run(void);
/* From domain/: a vCPU may have become runnable, or must leave its CPU. services/sched.c */
void sched_wake(struct vcpu *v);
void sched_sleep(struct vcpu *v);
void sched_sleep_sync(struct vcpu *v);
/* A domain was shut down: VIRQ_DOM_EXC for the control domain. services/evtchn.c */
void send_global_virq(u32 virq);
/* From arch/spinlock.c and arch/traps.c: another CPU waits for a flush here. mm/tlb.c */
void tlb_serve(void);
/* From mm/frame.c: a shared or stolen frame's last reference went away. domain/ */
void domain_last_page_gone(struct domain *d);
/* From mm/validate.c: a mapping of one of its descriptor pages went away; LDT windows forget it. */
void ldt_mapping_gone(const struct domain *d);

#endif
