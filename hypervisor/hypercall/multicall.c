/* SPDX-License-Identifier: GPL-2.0-only */
/* Several hypercalls in one. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/dispatch.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "pvabi/compat/xen.h"
#include "pvabi/xen.h"

static int read_entry(bool is_pv32, u64 calls, u64 i, struct multicall_entry *entry)
{
	struct compat_multicall_entry narrow;

	if (!is_pv32)
		return copy_from_guest(entry, calls + i * sizeof(*entry), sizeof(*entry));
	if (copy_from_guest(&narrow, calls + i * sizeof(narrow), sizeof(narrow)))
		return -EFAULT;
	entry->op = narrow.op;
	for (unsigned a = 0; a < 6; a++)
		entry->args[a] = narrow.args[a];
	return 0;
}

static int write_result(bool is_pv32, u64 calls, u64 i, long result)
{
	u32 narrow = (u32)result;

	if (is_pv32)
		return copy_to_guest(calls + i * sizeof(struct compat_multicall_entry) +
				     offsetof(struct compat_multicall_entry, result),
				     &narrow, sizeof(narrow));
	return copy_to_guest(calls + i * sizeof(struct multicall_entry) +
			     offsetof(struct multicall_entry, result), &result, sizeof(result));
}

/* A preempted call is found again with the arguments from which it goes on. */
static int write_args(bool is_pv32, u64 calls, u64 i, const u64 *args)
{
	u32 narrow[6];

	if (!is_pv32)
		return copy_to_guest(calls + i * sizeof(struct multicall_entry) +
				     offsetof(struct multicall_entry, args), args, 6 * sizeof(*args));
	for (unsigned a = 0; a < 6; a++)
		narrow[a] = (u32)args[a];
	return copy_to_guest(calls + i * sizeof(struct compat_multicall_entry) +
			     offsetof(struct compat_multicall_entry, args), narrow, sizeof(narrow));
}

static long run_entry(struct vcpu *v, bool is_pv32, const struct multicall_entry *entry)
{
	hypercall_thunk *thunk = hypercall_find(is_pv32, entry->op);
	struct regs regs = { .rax = entry->op };
	u64 args[6];

	if (!thunk)
		return -ENOSYS;
	for (unsigned a = 0; a < 6; a++)
		args[a] = v->multicall_args[a] = entry->args[a];
	hypercall_set_args(&regs, is_pv32, 5, args);
	return thunk(&regs);
}

long do_multicall(u64 calls, u64 count)
{
	struct vcpu *v = current;
	bool is_pv32 = guest_is_pv32();
	struct multicall_entry entry;
	long rc = 0;
	u64 i;

	if (v->in_multicall)
		return -EINVAL;
	count = (u32)count;
	if (!guest_range_ok(calls, count * (is_pv32 ? sizeof(struct compat_multicall_entry) :
						      sizeof(struct multicall_entry))))
		return -EFAULT;
	v->in_multicall = true;
	for (i = 0; i < count && !rc; i++) {
		if (i && i % 8 == 0 && preempt_needed())
			break;
		rc = read_entry(is_pv32, calls, i, &entry);
		if (rc)
			break;
		v->preempted = false;
		entry.result = (unsigned long)run_entry(v, is_pv32, &entry);
		if (entry.op == __HYPERVISOR_iret) {
			/* The registers are another frame's now; the list may be out of sight. */
			rc = (long)entry.result;
			break;
		}
		if (v->preempted) {
			rc = write_args(is_pv32, calls, i, v->multicall_args);
			break;
		}
		rc = write_result(is_pv32, calls, i, (long)entry.result);
	}
	v->in_multicall = false;
	if (rc || i == count || entry.op == __HYPERVISOR_iret)
		return rc;
	return HYPERCALL_CONTINUE(calls + i * (is_pv32 ? sizeof(struct compat_multicall_entry) :
							  sizeof(struct multicall_entry)),
				  count - i);
}
