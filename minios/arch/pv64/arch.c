/* SPDX-License-Identifier: MIT */
/* pv64: callbacks, hypercalls with 64-bit arguments, first stack of a thread, register dump. */
#include <minios/arch/arch.h>
#include <minios/hypercall.h>
#include <minios/printk.h>
#include "pvabi/callback.h"

long hypercall_set_timer_op(uint64_t deadline)
{
	return hypercall1(__HYPERVISOR_set_timer_op, (long)deadline);
}

long hypercall_update_va_mapping(uintptr_t va, uint64_t pte, unsigned long flags)
{
	return hypercall3(__HYPERVISOR_update_va_mapping, (long)va, (long)pte, (long)flags);
}

static long register_callback(unsigned int type, void (*entry)(void))
{
	struct callback_register reg = {
		.type = type,
		.flags = CALLBACKF_mask_events,
		.address = (unsigned long)entry,
	};

	return hypercall_callback_op(CALLBACKOP_register, &reg);
}

long arch_callbacks_init(void)
{
	long ret = register_callback(CALLBACKTYPE_event, event_entry);

	if (!ret)
		ret = register_callback(CALLBACKTYPE_failsafe, failsafe_entry);
	return ret ? ret : register_callback(CALLBACKTYPE_syscall, syscall_entry);
}

uintptr_t thread_stack_init(uintptr_t top, void (*fn)(void *), void *arg)
{
	uintptr_t *sp = (uintptr_t *)top;

	*--sp = (uintptr_t)thread_start;
	*--sp = 0;
	*--sp = (uintptr_t)fn;
	*--sp = (uintptr_t)arg;
	*--sp = 0;
	*--sp = 0;
	*--sp = 0;
	return (uintptr_t)sp;
}

void trap_print(const struct trap_frame *f)
{
	printk("rip %016lx  cs %04x  rflags %08lx  %s\n", (unsigned long)f->rip, f->cs,
	       (unsigned long)f->rflags, f->saved_mask ? "events masked" : "events open");
	printk("rax %016lx  rbx %016lx  rcx %016lx\n", f->rax, f->rbx, f->rcx);
	printk("rdx %016lx  rsi %016lx  rdi %016lx\n", f->rdx, f->rsi, f->rdi);
	printk("rbp %016lx  rsp %016lx  ss  %04lx\n", f->rbp, f->rsp, f->ss);
	printk("r8  %016lx  r9  %016lx  r10 %016lx\n", f->r8, f->r9, f->r10);
	printk("r11 %016lx  r12 %016lx  r13 %016lx\n", f->r11, f->r12, f->r13);
	printk("r14 %016lx  r15 %016lx  vector %lu error %lx\n", f->r14, f->r15, f->vector,
	       f->error);
}
