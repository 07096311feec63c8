/* SPDX-License-Identifier: GPL-2.0-only */
/* A CPU for hypervisor sources on the host: each thread is one; and BUG() and panic() that can be expected. */
#ifndef TESTS_HOST_FAKE_CPU_H
#define TESTS_HOST_FAKE_CPU_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

/* Makes the calling thread CPU @id. */
void fake_cpu_enter(uint32_t id);

/* Runs what follows in braces and is true if it met a BUG() or a panic(). */
extern _Thread_local jmp_buf fake_bug_target;
extern _Thread_local bool fake_bug_expected;
#define MEETS_BUG(statement)							\
	({									\
		bool met_ = false;						\
		fake_bug_expected = true;					\
		if (setjmp(fake_bug_target))					\
			met_ = true;						\
		else								\
			do { statement; } while (0);				\
		fake_bug_expected = false;					\
		met_;								\
	})

#endif
