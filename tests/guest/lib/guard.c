/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions of guarded code end it; exceptions of ring 3 end the program there. */
#include <minios/arch/arch.h>
#include <minios/arch/priv.h>
#include <minios/user.h>
#include "tests/guest/lib/guard.h"

struct fault last_fault;

/* The stack of the guarded call, for guard_landing; 0 when nothing is guarded. */
uintptr_t guard_sp;

/* guard_ARCH.S */
bool guard_run(void (*fn)(void *), void *arg);
void guard_landing(void);

static void note(const struct trap_frame *f)
{
	last_fault = (struct fault){
		.vector = f->vector,
		.error = f->error,
		.address = priv_fault_address(),
		.ip = trap_ip(f),
		.user = trap_from_user(f),
	};
}

static void stop_stepping(struct trap_frame *f)
{
#ifdef __i386__
	f->eflags &= ~0x100u;
#else
	f->rflags &= ~0x100ul;
#endif
}

static bool on_trap(struct trap_frame *f)
{
	if (trap_from_user(f)) {
		note(f);
		user_leave(f, f->vector);
		return true;
	}
	if (!guard_sp)
		return false;
	note(f);
	stop_stepping(f);
	trap_set_ip(f, (uintptr_t)guard_landing);
	return true;
}

void guard_init(void)
{
	unsigned int v;

	for (v = 0; v < TRAP_EXCEPTIONS; v++)
		trap_set_handler(v, on_trap);
	trap_set_handler(TRAP_USER_CALL, on_trap);
}

unsigned int fault_of(void (*fn)(void *), void *arg)
{
	bool faulted = guard_run(fn, arg);

	guard_sp = 0;
	if (!faulted)
		last_fault = (struct fault){ .vector = NO_FAULT };
	return last_fault.vector;
}

static void read_byte(void *p)
{
	*(volatile char *)p;
}

/* The value stays as it is, should the write succeed. */
static void write_byte(void *p)
{
	__atomic_fetch_or((volatile char *)p, 0, __ATOMIC_SEQ_CST);
}

unsigned int fault_of_read(uintptr_t va)
{
	return fault_of(read_byte, (void *)va);
}

unsigned int fault_of_write(uintptr_t va)
{
	return fault_of(write_byte, (void *)va);
}
