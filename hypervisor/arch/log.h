/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of the hypervisor, and the ways to give up. */
#ifndef HV_ARCH_LOG_H
#define HV_ARCH_LOG_H

#include "hypervisor/lib/types.h"

struct regs;

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* The hypervisor's own messages, by the thresholds of `loglvl=`. */
void hv_log(enum log_level level, const char *fmt, ...) __printf(2, 3);
/*
 * Messages a guest can provoke, by `guest_loglvl=`: prefixed by the current vCPU (dXvY), and
 * rate-limited so that no guest can flood the log.
 */
void guest_log(enum log_level level, const char *fmt, ...) __printf(2, 3);
/* Unconditional text without a prefix: dumps, debug keys. */
void hv_print(const char *fmt, ...) __printf(1, 2);

#define log_err(...)	hv_log(LOG_ERR, __VA_ARGS__)
#define log_warn(...)	hv_log(LOG_WARN, __VA_ARGS__)
#define log_info(...)	hv_log(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	hv_log(LOG_DEBUG, __VA_ARGS__)

/* The platform cannot go on: say why with a back-trace, stop all CPUs, halt or reboot. */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn __cold;
void panic_regs(const struct regs *regs, const char *fmt, ...) __printf(2, 3) __noreturn __cold;
void bug(const char *file, int line, const char *what) __noreturn __cold;

/* Our own fault. Never for anything a guest can bring about. */
#define BUG()		bug(__FILE__, __LINE__, "reached")
#define BUG_ON(cond)	do { if (unlikely(cond)) bug(__FILE__, __LINE__, #cond); } while (0)
#ifdef PARAVANE_DEBUG
#define ASSERT(cond)	BUG_ON(!(cond))
#else
#define ASSERT(cond)	((void)sizeof(!(cond)))
#endif

/* Once guests may run: how fast the TSC is, for rate limits, and who the current vCPU is. */
void log_guests_begin(u64 tsc_khz, void (*name_current)(u32 *domain, u32 *vcpu));

/* `loglvl=` and `guest_loglvl=`: levels below `always` are printed, below `limited` sometimes. */
struct log_threshold {
	u8 always, limited;
};
extern struct log_threshold opt_loglvl, opt_guest_loglvl;

void backtrace(u64 rip, u64 rsp, u64 rbp);
/* Where each other CPU was when smp_stop_others() stopped it. */
void backtrace_others(void);
void print_regs(const struct regs *regs);

#endif
