/* SPDX-License-Identifier: MIT */
/* The last words of a domain. */
#include <stdarg.h>
#include <stdbool.h>
#include <minios/arch/arch.h>
#include <minios/mm.h>
#include <minios/panic.h>
#include <minios/printk.h>
#include "pvabi/sched.h"

#define BACKTRACE_DEPTH 32

static void print_address(uintptr_t addr)
{
	uintptr_t offset;
	const char *name = symbol_find(addr, &offset);

	if (name)
		printk("  %p  %s+0x%lx\n", (void *)addr, name, (unsigned long)offset);
	else
		printk("  %p\n", (void *)addr);
}

/* Two words at a frame pointer can be read: aligned, and the page is mapped. */
static bool frame_readable(uintptr_t fp)
{
	return fp && !(fp & (sizeof(uintptr_t) - 1)) && fp >= PAGE_SIZE &&
	       (fp & (PAGE_SIZE - 1)) <= PAGE_SIZE - 2 * sizeof(uintptr_t) &&
	       map_lookup((void *)fp);
}

void backtrace(uintptr_t fp)
{
	const uintptr_t *frame;
	int i;

	for (i = 0; i < BACKTRACE_DEPTH && frame_readable(fp); i++) {
		frame = (const uintptr_t *)fp;
		if (!frame[1])
			break;
		print_address(frame[1]);
		/* Stacks grow down: a caller's frame is above, else the chain is damaged. */
		if (frame[0] <= fp)
			break;
		fp = frame[0];
	}
}

/* A panic within a panic has nothing more to say. */
static void begin(void)
{
	static bool panicking;

	priv_events_mask();
	if (panicking)
		priv_shutdown(SHUTDOWN_crash);
	panicking = true;
}

void panic(const char *fmt, ...)
{
	va_list ap;

	begin();
	printk("PANIC: ");
	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
	printk("\n");
	backtrace((uintptr_t)__builtin_frame_address(0));
	priv_shutdown(SHUTDOWN_crash);
}

void panic_trap(const struct trap_frame *frame, const char *fmt, ...)
{
	va_list ap;

	begin();
	printk("PANIC: ");
	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
	printk("\n");
	trap_print(frame);
	if (!trap_from_user(frame)) {
		print_address(trap_ip(frame));
		backtrace(trap_fp(frame));
	}
	priv_shutdown(SHUTDOWN_crash);
}
