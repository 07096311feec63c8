/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls. hypercallN(number, arguments) is the raw call (arch/hypercall_raw.h), answering what
 * the hypervisor answers: 0 or more, or a negative errno (numbers as in <errno.h>). The functions
 * below are the same by name.
 */
#ifndef MINIOS_HYPERCALL_H
#define MINIOS_HYPERCALL_H

#include <stdint.h>
#include <minios/arch/hypercall_raw.h>
#include "pvabi/xen.h"

static inline long hypercall_sched_op(unsigned int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_sched_op, cmd, (long)arg);
}

static inline long hypercall_event_channel_op(unsigned int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_event_channel_op, cmd, (long)arg);
}

static inline long hypercall_grant_table_op(unsigned int cmd, void *ops, unsigned int count)
{
	return hypercall3(__HYPERVISOR_grant_table_op, cmd, (long)ops, count);
}

static inline long hypercall_memory_op(unsigned int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_memory_op, cmd, (long)arg);
}

static inline long hypercall_mmu_update(struct mmu_update *reqs, unsigned int count,
					unsigned int *done, unsigned int dom)
{
	return hypercall4(__HYPERVISOR_mmu_update, (long)reqs, count, (long)done, dom);
}

static inline long hypercall_mmuext_op(struct mmuext_op *ops, unsigned int count,
				       unsigned int *done, unsigned int dom)
{
	return hypercall4(__HYPERVISOR_mmuext_op, (long)ops, count, (long)done, dom);
}

static inline long hypercall_console_io(unsigned int cmd, unsigned int count, char *buf)
{
	return hypercall3(__HYPERVISOR_console_io, cmd, count, (long)buf);
}

static inline long hypercall_xen_version(unsigned int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_xen_version, cmd, (long)arg);
}

static inline long hypercall_vcpu_op(unsigned int cmd, unsigned int vcpu, void *arg)
{
	return hypercall3(__HYPERVISOR_vcpu_op, cmd, vcpu, (long)arg);
}

static inline long hypercall_set_trap_table(struct trap_info *table)
{
	return hypercall1(__HYPERVISOR_set_trap_table, (long)table);
}

static inline long hypercall_set_gdt(unsigned long *frames, unsigned int entries)
{
	return hypercall2(__HYPERVISOR_set_gdt, (long)frames, entries);
}

static inline long hypercall_stack_switch(unsigned long ss, unsigned long sp)
{
	return hypercall2(__HYPERVISOR_stack_switch, (long)ss, (long)sp);
}

static inline long hypercall_vm_assist(unsigned int cmd, unsigned int type)
{
	return hypercall2(__HYPERVISOR_vm_assist, cmd, type);
}

static inline long hypercall_callback_op(unsigned int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_callback_op, cmd, (long)arg);
}

static inline long hypercall_multicall(struct multicall_entry *calls, unsigned int count)
{
	return hypercall2(__HYPERVISOR_multicall, (long)calls, count);
}

static inline long hypercall_domctl(void *op)
{
	return hypercall1(__HYPERVISOR_domctl, (long)op);
}

static inline long hypercall_sysctl(void *op)
{
	return hypercall1(__HYPERVISOR_sysctl, (long)op);
}

static inline long hypercall_platform_op(void *op)
{
	return hypercall1(__HYPERVISOR_platform_op, (long)op);
}

static inline long hypercall_physdev_op(unsigned int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_physdev_op, cmd, (long)arg);
}

/* The two calls with a 64-bit argument, which takes two words in pv32. */
long hypercall_set_timer_op(uint64_t deadline);
long hypercall_update_va_mapping(uintptr_t va, uint64_t pte, unsigned long flags);

#endif
