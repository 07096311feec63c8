/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages with levels and, for those that guests provoke, a rate; and how the machine gives up. */
#include "hypervisor/arch/log.h"

#include "hypervisor/arch/console.h"
#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/power.h"
#include "hypervisor/arch/smp.h"
#include "hypervisor/lib/print.h"

#define PREFIX		"(PV) "
#define LINE_MAX	512

#ifdef PARAVANE_DEBUG
struct log_threshold opt_loglvl = { 4, 4 };
struct log_threshold opt_guest_loglvl = { 0, 4 };
#else
struct log_threshold opt_loglvl = { 3, 3 };
struct log_threshold opt_guest_loglvl = { 0, 2 };
#endif

/*
 * A bucket of tokens, one per message, refilled with time. Races between CPUs only blur the rate,
 * so its fields are relaxed atomics.
 */
#define BUCKET_SIZE	20
#define REFILL_MS	500

static struct {
	_Atomic u64 last_refill;	/* TSC */
	_Atomic u32 tokens, suppressed;
} bucket = { .tokens = BUCKET_SIZE };

static u64 refill_cycles;		/* 0: no guests yet, no limit */
static void (*name_current)(u32 *domain, u32 *vcpu);

void log_guests_begin(u64 tsc_khz, void (*namer)(u32 *, u32 *))
{
	refill_cycles = tsc_khz * REFILL_MS;
	atomic_store(&bucket.last_refill, rdtsc());
	name_current = namer;
}

static void refill(void)
{
	u64 last = atomic_load_explicit(&bucket.last_refill, memory_order_relaxed);
	u64 due = (rdtsc() - last) / refill_cycles;

	if (!due || !atomic_compare_exchange_strong(&bucket.last_refill, &last,
						    last + due * refill_cycles))
		return;
	due = MIN(due + atomic_load(&bucket.tokens), (u64)BUCKET_SIZE);
	atomic_store(&bucket.tokens, (u32)due);
}

static bool within_rate(void)
{
	u32 tokens, missed;

	if (!refill_cycles)
		return true;
	refill();
	tokens = atomic_load(&bucket.tokens);
	do {
		if (!tokens) {
			atomic_fetch_add(&bucket.suppressed, 1);
			return false;
		}
	} while (!atomic_compare_exchange_weak(&bucket.tokens, &tokens, tokens - 1));
	missed = atomic_exchange(&bucket.suppressed, 0);
	if (missed)
		hv_print(PREFIX "%u guest messages suppressed\n", missed);
	return true;
}

/* A whole line is put together first, so that lines of several CPUs do not mix. */
static void print_line(const char *prefix, const char *fmt, va_list args)
{
	char line[LINE_MAX];
	size_t n = MIN((size_t)snprintf(line, sizeof(line) - 1, "%s", prefix), sizeof(line) - 2);

	n += vsnprintf(line + n, sizeof(line) - 1 - n, fmt, args);
	n = MIN(n, sizeof(line) - 2);
	line[n++] = '\n';
	console_write(line, n);
}

void hv_log(enum log_level level, const char *fmt, ...)
{
	va_list args;

	if (level >= opt_loglvl.limited || (level >= opt_loglvl.always && !within_rate()))
		return;
	va_start(args, fmt);
	print_line(PREFIX, fmt, args);
	va_end(args);
}

void guest_log(enum log_level level, const char *fmt, ...)
{
	char prefix[32] = PREFIX;
	u32 domain, vcpu;
	va_list args;

	if (level >= opt_guest_loglvl.always &&
	    (level >= opt_guest_loglvl.limited || !within_rate()))
		return;
	if (name_current) {
		name_current(&domain, &vcpu);
		snprintf(prefix, sizeof(prefix), PREFIX "d%uv%u: ", domain, vcpu);
	}
	va_start(args, fmt);
	print_line(prefix, fmt, args);
	va_end(args);
}

void hv_print(const char *fmt, ...)
{
	char text[LINE_MAX];
	va_list args;
	size_t n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	console_write(text, MIN(n, sizeof(text) - 1));
}

/* --- giving up -------------------------------------------------------------------------------- */

static _Atomic u32 panicking;		/* CPU + 1 */

/* The first CPU to panic speaks. A panic within a panic is cut short, on other CPUs silent. */
static void panic_begin(void)
{
	u32 nobody = 0, me = this_cpu()->id + 1;

	irq_disable();
	if (!atomic_compare_exchange_strong(&panicking, &nobody, me)) {
		if (nobody == me)
			machine_give_up();
		for (;;)
			asm volatile("cli; hlt");
	}
	console_force();
	smp_stop_others();
	console_force();
}

static void panic_text(const char *fmt, va_list args)
{
	hv_print("\n" PREFIX "****************************************\n");
	hv_print(PREFIX "Panic on CPU %u:\n", this_cpu()->id);
	print_line(PREFIX, fmt, args);
	hv_print(PREFIX "****************************************\n");
}

void panic(const char *fmt, ...)
{
	va_list args;

	panic_begin();
	va_start(args, fmt);
	panic_text(fmt, args);
	va_end(args);
	backtrace((u64)__builtin_return_address(0) - 1, (u64)__builtin_frame_address(0),
		  *(u64 *)__builtin_frame_address(0));
	backtrace_others();
	machine_give_up();
}

void panic_regs(const struct regs *regs, const char *fmt, ...)
{
	va_list args;

	panic_begin();
	va_start(args, fmt);
	panic_text(fmt, args);
	va_end(args);
	print_regs(regs);
	backtrace(regs->rip, regs->rsp, regs->rbp);
	backtrace_others();
	machine_give_up();
}

void bug(const char *file, int line, const char *what)
{
	panic("BUG at %s:%d: %s", file, line, what);
}
