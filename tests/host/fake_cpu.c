/* SPDX-License-Identifier: GPL-2.0-only */
/* What locks and messages need of the machine, on the host. */
#include "tests/host/fake_cpu.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/upcalls.h"

_Thread_local jmp_buf fake_bug_target;
_Thread_local bool fake_bug_expected;

static struct percpu cpus[MAX_CPUS];
static _Thread_local struct percpu *here = &cpus[0];

struct percpu *this_cpu(void)
{
	return here;
}

void fake_cpu_enter(uint32_t id)
{
	here = &cpus[id];
	here->id = id;
}

void tlb_serve(void)
{
	atomic_store(&here->flush_request, 0);
	here->flushes++;
}

void hv_log(enum log_level level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

void bug(const char *file, int line, const char *what)
{
	if (fake_bug_expected)
		longjmp(fake_bug_target, 1);
	fprintf(stderr, "BUG at %s:%d: %s\n", file, line, what);
	abort();
}

void panic(const char *fmt, ...)
{
	va_list args;

	if (fake_bug_expected)
		longjmp(fake_bug_target, 1);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	abort();
}
