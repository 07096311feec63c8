/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls: one handler per number and width, called with the guest's arguments zero-extended.
 *
 * Handlers decode, then act: everything is read once into locals and checked before anything is
 * changed. They run for the current vCPU and return what the guest finds in RAX. A handler that has
 * worked for long enough (preempt_needed()) stores its progress in its arguments by
 * hypercall_continue() and returns that; the guest then issues the call again by itself.
 */
#ifndef HV_HYPERCALL_HYPERCALL_H
#define HV_HYPERCALL_HYPERCALL_H

#include "hypervisor/lib/types.h"

struct regs;
struct vcpu;

/*
 * True when something waits for this CPU. Opens a moment for interrupts, so call it only where no
 * lock is held, and not for each of many cheap steps.
 */
bool preempt_needed(void);

/* Arranges that the current hypercall is issued again with these arguments. */
long hypercall_continue(unsigned nargs, const u64 *args);
#define HYPERCALL_CONTINUE(...)							\
	({									\
		const u64 args_[] = { __VA_ARGS__ };				\
		hypercall_continue(ARRAY_SIZE(args_), args_);			\
	})

/* The guest's width, for the calls whose structures differ, and how each lays them out. */
bool guest_is_pv32(void);
#define guest_sizeof(type)							\
	(guest_is_pv32() ? sizeof(struct compat_##type) : sizeof(struct type))
#define guest_offsetof(type, member)						\
	(guest_is_pv32() ? offsetof(struct compat_##type, member) : offsetof(struct type, member))

/*
 * Reads such a structure: as it is, or, of a pv32 guest's, which is called `narrow` here, the members that
 * are given as in an initializer. 0 or -EFAULT.
 */
#define guest_read(to, from, type, ...)						\
	({									\
		struct compat_##type narrow;					\
		int rc_;							\
										\
		if (!guest_is_pv32()) {						\
			rc_ = copy_from_guest(to, from, sizeof(*(to)));		\
		} else {							\
			rc_ = copy_from_guest(&narrow, from, sizeof(narrow));	\
			if (!rc_)						\
				*(to) = (struct type){ __VA_ARGS__ };		\
		}								\
		rc_;								\
	})
#define widened(handle)	((void *)(u64)(handle).c)

/*
 * One row of a call with sub-operations whose argument is one structure of the same layout in both
 * widths. subop_dispatch() finds the row, copies the structure in, runs it, and copies it out again
 * when the row says so and the result is not an error. Unknown commands are -ENOSYS.
 */
struct subop {
	u32 cmd;
	u32 size;
	u32 flags;
	long (*run)(void *arg);
};
#define SUBOP_OUT		1	/* the structure carries results */
#define SUBOP_OUT_ALWAYS	2	/* ... even when the result is an error */
#define SUBOP_SIZE_MAX		128

long subop_dispatch(const struct subop *rows, unsigned nr, u32 cmd, u64 arg);

/*
 * do_NAME() of every hypercall that is served, and compat_NAME() where a pv32 guest passes other
 * arguments: as many as pvabi/hypercalls.def says.
 */
#define HANDLER_ARGS_0	void
#define HANDLER_ARGS_1	u64
#define HANDLER_ARGS_2	u64, HANDLER_ARGS_1
#define HANDLER_ARGS_3	u64, HANDLER_ARGS_2
#define HANDLER_ARGS_4	u64, HANDLER_ARGS_3
#define HANDLER_ARGS_5	u64, HANDLER_ARGS_4
#define HYPERCALL(nr, name, nargs, flags)	long do_##name(HANDLER_ARGS_##nargs);
#define HYPERCALL_PV64(nr, name, nargs, flags)	long do_##name(HANDLER_ARGS_##nargs);
#define HYPERCALL_PV32(nr, name, nargs, flags)	long compat_##name(HANDLER_ARGS_##nargs);
#include "pvabi/hypercall_table.inc"

#endif
