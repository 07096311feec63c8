/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies to and from guest memory: range first, then the hardware decides. */
#include "hypervisor/arch/guest_access.h"

#include "hypervisor/arch/faulting.h"
#include "hypervisor/lib/errno.h"

int copy_from_guest(void *dst, gva_t src, size_t len)
{
	if (unlikely(!guest_range_ok(src, len)))
		return -EFAULT;
	return copy_faulting(dst, (const void *)src, len) ? -EFAULT : 0;
}

int copy_to_guest(gva_t dst, const void *src, size_t len)
{
	if (unlikely(!guest_range_ok(dst, len)))
		return -EFAULT;
	return copy_faulting((void *)dst, src, len) ? -EFAULT : 0;
}

int clear_guest(gva_t dst, size_t len)
{
	static const u8 zeros[256];

	while (len) {
		size_t part = MIN(len, sizeof(zeros));
		int rc = copy_to_guest(dst, zeros, part);

		if (rc)
			return rc;
		dst += part;
		len -= part;
	}
	return 0;
}
