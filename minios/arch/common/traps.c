/* SPDX-License-Identifier: MIT */
/* Traps and events in C: to a handler, or to a panic that says what happened. */
#include <minios/arch/arch.h>
#include <minios/arch/priv.h>
#include <minios/event.h>
#include <minios/irq.h>
#include <minios/panic.h>
#include <minios/trap.h>

#define TRAP_FAILSAFE 0x102

static trap_handler_t handlers[TRAP_LAST + 1];
static unsigned int depth;

static const char *const names[TRAP_EXCEPTIONS] = {
	"divide error", "debug", "NMI", "breakpoint", "overflow", "bound range", "invalid opcode",
	"no FPU", "double fault", "coprocessor overrun", "invalid TSS", "segment not present",
	"stack fault", "general protection", "page fault", "reserved", "x87 error",
	"alignment check", "machine check", "SIMD error",
};

bool irq_context(void)
{
	return depth != 0;
}

void event_upcall(struct trap_frame *frame)
{
	(void)frame;
	depth++;
	event_dispatch();
	depth--;
}

trap_handler_t trap_set_handler(unsigned int vector, trap_handler_t handler)
{
	trap_handler_t old;

	BUG_ON(vector > TRAP_LAST);
	old = handlers[vector];
	handlers[vector] = handler;
	return old;
}

static void __attribute__((noreturn)) die(const struct trap_frame *f)
{
	const char *who = trap_from_user(f) ? "application" : "kernel";
	const char *how = f->error & 2 ? "writing" : f->error & 16 ? "executing" : "reading";

	if (f->vector == TRAP_PAGE_FAULT)
		panic_trap(f, "page fault in the %s, %s %p (%s)", who, how,
			   (void *)priv_fault_address(),
			   f->error & 1 ? "not allowed" : "not present");
	if (f->vector == TRAP_FAILSAFE)
		panic_trap(f, "failsafe callback: a segment register could not be loaded");
	panic_trap(f, "%s in the %s", f->vector < TRAP_EXCEPTIONS ? names[f->vector] : "trap", who);
}

void trap_dispatch(struct trap_frame *frame)
{
	bool handled = false;

	depth++;
	if (frame->vector <= TRAP_LAST && handlers[frame->vector])
		handled = handlers[frame->vector](frame);
	if (!handled)
		die(frame);
	depth--;
}
