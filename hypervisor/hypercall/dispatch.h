/* SPDX-License-Identifier: GPL-2.0-only */
/* What dispatch shares with multicall. */
#ifndef HV_HYPERCALL_DISPATCH_H
#define HV_HYPERCALL_DISPATCH_H

#include "hypervisor/arch/regs.h"
#include "hypervisor/lib/types.h"

/* Takes its arguments from the registers of its width. */
typedef long hypercall_thunk(const struct regs *r);

/* NULL when the width has no such call. */
hypercall_thunk *hypercall_find(bool is_pv32, u64 nr);
/* Stores arguments in the registers where a width passes them. */
void hypercall_set_args(struct regs *r, bool is_pv32, unsigned nargs, const u64 *args);

#endif
