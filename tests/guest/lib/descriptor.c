/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/guest/lib/descriptor.h"

#include <minios/hypercall.h>
#include <minios/mm.h>

long descriptor_update(const void *slot, uint64_t value)
{
	mfn_t mfn = virt_to_mfn((void *)((uintptr_t)slot & ~(uintptr_t)(PAGE_SIZE - 1)));
	uint64_t machine = (uint64_t)mfn << PAGE_SHIFT | ((uintptr_t)slot & (PAGE_SIZE - 1));

#ifdef __i386__
	return hypercall4(__HYPERVISOR_update_descriptor, (long)machine, (long)(machine >> 32),
			  (long)value, (long)(value >> 32));
#else
	return hypercall2(__HYPERVISOR_update_descriptor, (long)machine, (long)value);
#endif
}
