/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's callbacks. */
#include <minios/hypercall.h>
#include "tests/guest/lib/callback.h"

long callback_register(uint16_t type, uintptr_t address, uint16_t flags)
{
	struct callback_register reg = { .type = type, .flags = flags };

#ifdef __i386__
	reg.address.cs = FLAT_KERNEL_CS;
	reg.address.eip = address;
#else
	reg.address = address;
#endif
	return hypercall_callback_op(CALLBACKOP_register, &reg);
}
