/* SPDX-License-Identifier: MIT */
/*
 * Runs an application at ring 3: it makes system calls into the kernel, then tries to read and
 * write kernel memory and to turn interrupts off, and faults each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <minios/arch/layout.h>
#include <minios/arch/priv.h>
#include <minios/console.h>
#include <minios/printk.h>
#include <minios/time.h>
#include <minios/user.h>
#include "minios/apps/user/calls.h"

#define CODE_VA  USER_START
#define STACK_VA (USER_START + 0x10000)

extern const char user_program[], user_program_end[];

static uintptr_t resume;
static unsigned int calls, faults, ticks;

static void tick(struct timer *t, void *ctx)
{
	(void)ctx;
	ticks++;
	timer_set(t, time_monotonic() + MSEC(1));
}

static bool handle_call(struct trap_frame *f)
{
	unsigned long arg = user_arg(f, 1), len = user_arg(f, 2);

	calls++;
	switch (user_arg(f, 0)) {
	case CALL_WRITE:
		if (user_readable(arg, len))
			console_write_text((const void *)arg, len);
		break;
	case CALL_RING:
		printk("application: running in ring %lu\n", arg);
		break;
	case CALL_ON_FAULT:
		resume = arg;
		break;
	case CALL_EXIT:
		user_leave(f, arg);
		break;
	default:
		user_result(f, -1);
	}
	return true;
}

/* A fault of the application at a place that it announced; any other is the kernel's end. */
static bool handle_fault(struct trap_frame *f)
{
	if (!trap_from_user(f) || !resume)
		return false;
	faults++;
	if (f->vector == TRAP_PAGE_FAULT)
		printk("kernel: page fault at %p, error %lx\n", (void *)priv_fault_address(),
		       (unsigned long)f->error);
	else
		printk("kernel: general protection fault, error %lx\n", (unsigned long)f->error);
	trap_set_ip(f, resume);
	resume = 0;
	return true;
}

static void check(const char *what, int ret)
{
	if (!ret)
		return;
	printf("%s: %s\n", what, strerror(-ret));
	exit(1);
}

int main(void)
{
	static char secret[16] = "kernel memory";
	struct timer timer;
	long ret;

	check("applications", user_init());
	check("code page", user_map(CODE_VA, 1, true));
	check("stack page", user_map(STACK_VA, 1, true));
	memcpy((void *)CODE_VA, user_program, user_program_end - user_program);
	trap_set_handler(TRAP_USER_CALL, handle_call);
	trap_set_handler(TRAP_PAGE_FAULT, handle_fault);
	trap_set_handler(TRAP_GENERAL_PROTECTION, handle_fault);

	timer_init(&timer, tick, NULL);
	timer_set(&timer, time_monotonic());
	ret = user_run(CODE_VA, STACK_VA + PAGE_SIZE - 16, (unsigned long)secret);
	timer_cancel(&timer);
	printf("kernel: application ended with %ld after %u system calls and %u faults\n", ret,
	       calls, faults);
	printf("kernel: events %s while it ran\n", ticks > 2 ? "were handled" : "WERE LOST");
	printf("ring3: %s\n", ret == 42 && faults == 3 && !strcmp(secret, "kernel memory") ?
				      "isolated" : "NOT ISOLATED");
	return 0;
}
