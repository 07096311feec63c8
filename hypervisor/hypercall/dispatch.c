/* SPDX-License-Identifier: GPL-2.0-only */
/* From a guest's registers to a handler and back. */
#include "hypervisor/hypercall/dispatch.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/preempt.h"
#include "pvabi/xen.h"

#define INSTRUCTION_BYTES	2	/* of `int 0x82` and of SYSCALL */

/*
 * One thunk for each call and width loads the arguments from registers; thunks and tables follow
 * from the description of all hypercalls. What a width does not have stays NULL there.
 */
#define ARGS_PV64_0(r)
#define ARGS_PV64_1(r)	(r)->rdi
#define ARGS_PV64_2(r)	ARGS_PV64_1(r), (r)->rsi
#define ARGS_PV64_3(r)	ARGS_PV64_2(r), (r)->rdx
#define ARGS_PV64_4(r)	ARGS_PV64_3(r), (r)->r10
#define ARGS_PV64_5(r)	ARGS_PV64_4(r), (r)->r8
#define ARGS_PV32_0(r)
#define ARGS_PV32_1(r)	(u32)(r)->rbx
#define ARGS_PV32_2(r)	ARGS_PV32_1(r), (u32)(r)->rcx
#define ARGS_PV32_3(r)	ARGS_PV32_2(r), (u32)(r)->rdx
#define ARGS_PV32_4(r)	ARGS_PV32_3(r), (u32)(r)->rsi
#define ARGS_PV32_5(r)	ARGS_PV32_4(r), (u32)(r)->rdi

#define THUNK(width, name, fn, nargs)						\
	static long width##_##name(const struct regs *r)			\
	{									\
		(void)r;							\
		return fn(ARGS_##width##_##nargs(r));				\
	}

#define HYPERCALL(nr, name, nargs, flags)					\
	THUNK(PV64, name, do_##name, nargs)					\
	THUNK(PV32, name, do_##name, nargs)
#define HYPERCALL_PV64(nr, name, nargs, flags)	THUNK(PV64, name, do_##name, nargs)
#define HYPERCALL_PV32(nr, name, nargs, flags)	THUNK(PV32, name, compat_##name, nargs)
#include "pvabi/hypercall_table.inc"

static hypercall_thunk *const pv64_calls[NR_HYPERCALLS] = {
#define HYPERCALL(nr, name, nargs, flags)	[nr] = PV64_##name,
#define HYPERCALL_PV64(nr, name, nargs, flags)	[nr] = PV64_##name,
#include "pvabi/hypercall_table.inc"
};

static hypercall_thunk *const pv32_calls[NR_HYPERCALLS] = {
#define HYPERCALL(nr, name, nargs, flags)	[nr] = PV32_##name,
#define HYPERCALL_PV32(nr, name, nargs, flags)	[nr] = PV32_##name,
#include "pvabi/hypercall_table.inc"
};

hypercall_thunk *hypercall_find(bool is_pv32, u64 nr)
{
	if (nr >= NR_HYPERCALLS)
		return NULL;
	return (is_pv32 ? pv32_calls : pv64_calls)[nr];
}

static inline u64 call(struct vcpu *v, hypercall_thunk *const *calls)
{
	u32 nr = (u32)v->regs.rax;

	return (u64)(likely(nr < NR_HYPERCALLS && calls[nr]) ? calls[nr](&v->regs) : -ENOSYS);
}

void hypercall_entry(struct vcpu *v)
{
	v->regs.rax = (u32)call(v, pv32_calls);
}

/* A function of its own, where a debugger sees each hypercall: tests/peers/trace.py. */
static __attribute__((noinline)) void hypercall_entry64(struct vcpu *v)
{
	v->regs.rax = call(v, pv64_calls);
}

/* SYSCALL of a pv64 guest: a hypercall from its kernel, a system call from its user mode. */
void syscall_entry(struct vcpu *v)
{
	if (likely(v->in_kernel))
		hypercall_entry64(v);
	else
		guest_syscall(v);
}

bool guest_is_pv32(void)
{
	return this_cpu()->guest_is_pv32;
}

/* --- preemption ------------------------------------------------------------------------------- */

bool preempt_needed(void)
{
	return preempt_pending();
}

void hypercall_set_args(struct regs *r, bool is_pv32, unsigned nargs, const u64 *args)
{
	u64 *const pv64[] = { &r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8 };
	u64 *const pv32[] = { &r->rbx, &r->rcx, &r->rdx, &r->rsi, &r->rdi };

	for (unsigned i = 0; i < nargs; i++)
		*(is_pv32 ? pv32 : pv64)[i] = is_pv32 ? (u32)args[i] : args[i];
}

/* RAX still holds the number; what is returned here is written over it. */
long hypercall_continue(unsigned nargs, const u64 *args)
{
	struct vcpu *v = current;

	BUG_ON(nargs > 5);
	if (v->in_multicall) {
		for (unsigned i = 0; i < nargs; i++)
			v->multicall_args[i] = args[i];
		v->preempted = true;
		return 0;
	}
	v->regs.rip -= INSTRUCTION_BYTES;
	hypercall_set_args(&v->regs, guest_is_pv32(), nargs, args);
	return (long)v->regs.rax;
}

/* --- calls with sub-operations ---------------------------------------------------------------- */

static const struct subop *find_subop(const struct subop *rows, unsigned nr, u32 cmd)
{
	for (unsigned i = 0; i < nr; i++)
		if (rows[i].cmd == cmd)
			return &rows[i];
	return NULL;
}

long subop_dispatch(const struct subop *rows, unsigned nr, u32 cmd, u64 arg)
{
	const struct subop *row = find_subop(rows, nr, cmd);
	u64 buffer[SUBOP_SIZE_MAX / 8];
	long rc;

	if (!row)
		return -ENOSYS;
	BUG_ON(row->size > SUBOP_SIZE_MAX);
	if (copy_from_guest(buffer, arg, row->size))
		return -EFAULT;
	rc = row->run(buffer);
	if ((row->flags & SUBOP_OUT_ALWAYS) || ((row->flags & SUBOP_OUT) && rc >= 0))
		if (copy_to_guest(arg, buffer, row->size))
			return -EFAULT;
	return rc;
}
