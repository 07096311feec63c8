/* SPDX-License-Identifier: MIT */
/* pv32: callbacks, hypercalls with 64-bit arguments, first stack of a thread, register dump. */
#include <minios/arch/arch.h>
#include <minios/hypercall.h>
#include <minios/printk.h>
#include "pvabi/callback.h"

long hypercall_set_timer_op(uint64_t deadline)
{
	return hypercall2(__HYPERVISOR_set_timer_op, (long)deadline, (long)(deadline >> 32));
}

long hypercall_update_va_mapping(uintptr_t va, uint64_t pte, unsigned long flags)
{
	return hypercall4(__HYPERVISOR_update_va_mapping, (long)va, (long)pte, (long)(pte >> 32),
			  (long)flags);
}

static long register_callback(unsigned int type, void (*entry)(void))
{
	struct callback_register reg = {
		.type = type,
		.flags = CALLBACKF_mask_events,
		.address = { .cs = FLAT_KERNEL_CS, .eip = (unsigned long)entry },
	};

	return hypercall_callback_op(CALLBACKOP_register, &reg);
}

long arch_callbacks_init(void)
{
	long ret = register_callback(CALLBACKTYPE_event, event_entry);

	return ret ? ret : register_callback(CALLBACKTYPE_failsafe, failsafe_entry);
}

uintptr_t thread_stack_init(uintptr_t top, void (*fn)(void *), void *arg)
{
	uintptr_t *sp = (uintptr_t *)top;

	*--sp = (uintptr_t)thread_start;
	*--sp = 0;
	*--sp = (uintptr_t)fn;
	*--sp = (uintptr_t)arg;
	*--sp = 0;
	return (uintptr_t)sp;
}

void trap_print(const struct trap_frame *f)
{
	bool user = trap_from_user(f);

	printk("eip %08x  cs %04x  eflags %08x  %s\n", f->eip, f->cs, f->eflags,
	       f->saved_mask ? "events masked" : "events open");
	printk("eax %08x  ebx %08x  ecx %08x  edx %08x\n", f->eax, f->ebx, f->ecx, f->edx);
	printk("esi %08x  edi %08x  ebp %08x  esp %08x  ss %04x\n", f->esi, f->edi, f->ebp,
	       user ? f->esp : (uint32_t)(uintptr_t)&f->esp,
	       user ? f->ss & 0xffff : FLAT_KERNEL_SS);
	printk("ds  %04x      es  %04x      vector %u error %x\n", f->ds & 0xffff, f->es & 0xffff,
	       f->vector, f->error);
}
