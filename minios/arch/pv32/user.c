/* SPDX-License-Identifier: MIT */
/* pv32 applications: ring 3 in the kernel's own address space, kept out by the user bit. */
#include <minios/arch/arch.h>
#include <minios/arch/priv.h>
#include <minios/user.h>
#include "pvabi/xen.h"

int user_root_init(void)
{
	return priv_trap_gate(TRAP_USER_CALL, 3, trap_entries[TRAP_EXCEPTIONS]);
}

int user_root_update(void)
{
	return 0;
}

void user_frame_init(struct trap_frame *f, uintptr_t ip, uintptr_t sp, unsigned long arg)
{
	f->eax = arg;
	f->ds = f->es = FLAT_USER_DS;
	f->eip = ip;
	f->cs = FLAT_USER_CS;
	f->eflags = 0x202;
	f->esp = sp;
	f->ss = FLAT_USER_SS;
}

/* Returning to the own ring leaves esp and ss on the stack: the landing drops them. */
void user_frame_leave(struct trap_frame *f, uintptr_t sp, uintptr_t ip, long value)
{
	(void)sp;
	f->eax = value;
	f->ds = f->es = FLAT_KERNEL_DS;
	f->eip = ip;
	f->cs = FLAT_KERNEL_CS;
}
