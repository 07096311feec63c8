/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls: one handler per number and width, called with the guest's arguments zero-extended.
 *
 * Handlers decode, then act: everything is read once into locals and checked before anything is
 * changed. They run for the current vCPU and return what the guest finds in RAX. A handler that has
 * worked for long enough (preempt_needed()) stores its progress in its arguments by
 * hypercall_continue() and returns that; the guest then issues the call again by itself.
 */
#ifndef HV_HYPERCALL_HYPERCALL_H
#define HV_HYPERCALL_HYPERCALL_H

#include "hypervisor/lib/types.h"

struct regs;
struct vcpu;

/*
 * True when something waits for this CPU. Opens a moment for interrupts, so call it only where no
 * lock is held, and not for each of many cheap steps.
 */
bool preempt_needed(void);

/* Arranges that the current hypercall is issued again with these arguments. */
long hypercall_continue(unsigned nargs, const u64 *args);
#define HYPERCALL_CONTINUE(...)							\
	({									\
		const u64 args_[] = { __VA_ARGS__ };				\
		hypercall_continue(ARRAY_SIZE(args_), args_);			\
	})

/* The guest's width, for the calls whose structures differ. */
bool guest_is_pv32(void);

/*
 * One row of a call with sub-operations whose argument is one structure of the same layout in both
 * widths. subop_dispatch() finds the row, copies the structure in, runs it, and copies it out again
 * when the row says so and the result is not an error. Unknown commands are -ENOSYS.
 */
struct subop {
	u32 cmd;
	u32 size;
	u32 flags;
	long (*run)(void *arg);
};
#define SUBOP_OUT		1	/* the structure carries results */
#define SUBOP_OUT_ALWAYS	2	/* ... even when the result is an error */
#define SUBOP_SIZE_MAX		128

long subop_dispatch(const struct subop *rows, unsigned nr, u32 cmd, u64 arg);

/* CPU and address space: hypercall/mmu.c, hypercall/cpu.c */
long do_set_trap_table(u64 table);
long do_mmu_update(u64 reqs, u64 count, u64 done, u64 foreigndom);
long do_set_gdt(u64 frames, u64 entries);
long do_stack_switch(u64 ss, u64 sp);
long do_set_callbacks(u64 event, u64 failsafe, u64 syscall);
long compat_set_callbacks(u64 event_cs, u64 event, u64 failsafe_cs, u64 failsafe);
long do_fpu_taskswitch(u64 set);
long do_set_debugreg(u64 reg, u64 value);
long do_get_debugreg(u64 reg);
long do_update_descriptor(u64 machine_addr, u64 descriptor);
long compat_update_descriptor(u64 ma_lo, u64 ma_hi, u64 desc_lo, u64 desc_hi);
long do_update_va_mapping(u64 va, u64 pte, u64 flags);
long compat_update_va_mapping(u64 va, u64 pte_lo, u64 pte_hi, u64 flags);
long do_update_va_mapping_otherdomain(u64 va, u64 pte, u64 flags, u64 domid);
long compat_update_va_mapping_otherdomain(u64 va, u64 lo, u64 hi, u64 flags, u64 domid);
long do_mmuext_op(u64 ops, u64 count, u64 done, u64 foreigndom);
long do_set_segment_base(u64 which, u64 base);
long do_iret(void);
long do_nmi_op(u64 cmd, u64 arg);
long do_callback_op(u64 cmd, u64 arg);
long do_vm_assist(u64 cmd, u64 type);
long do_multicall(u64 calls, u64 count);

/* Services: hypercall/event.c, grant.c, sched.c, vcpu.c */
long do_event_channel_op(u64 cmd, u64 arg);
long do_event_channel_op_compat(u64 op);
long do_grant_table_op(u64 cmd, u64 ops, u64 count);
long do_sched_op(u64 cmd, u64 arg);
long do_sched_op_compat(u64 cmd, u64 arg);
long do_set_timer_op(u64 deadline);
long compat_set_timer_op(u64 lo, u64 hi);
long do_vcpu_op(u64 cmd, u64 vcpu, u64 arg);

/* Memory, information, machine: hypercall/memory.c, version.c, console.c, physdev.c */
long do_memory_op(u64 cmd, u64 arg);
long do_xen_version(u64 cmd, u64 arg);
long do_console_io(u64 cmd, u64 count, u64 buffer);
long do_physdev_op(u64 cmd, u64 arg);
long do_physdev_op_compat(u64 op);

/* Control: control/ */
long do_domctl(u64 op);
long do_sysctl(u64 op);
long do_platform_op(u64 op);
long do_hvm_op(u64 cmd, u64 arg);
long do_xenpmu_op(u64 cmd, u64 arg);

#endif
