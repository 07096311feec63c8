/* SPDX-License-Identifier: GPL-2.0-only */
/* The names of our functions, for back-traces. */
#ifndef HV_ARCH_SYMBOLS_H
#define HV_ARCH_SYMBOLS_H

#include "hypervisor/lib/types.h"

/* The function that holds @addr and the offset into it; NULL when it is none of ours. */
const char *symbol_find(u64 addr, u64 *offset);
/* The @number-th function of all, by address; "" for the one behind the last, NULL beyond. */
const char *symbol_by_number(u32 number, u64 *addr);
/* True when @addr may be code of ours. */
bool symbol_is_text(u64 addr);

#endif
