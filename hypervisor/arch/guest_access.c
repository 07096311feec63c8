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

int cmpxchg_guest(gva_t addr, u64 *old, u64 new_value, unsigned bytes)
{
	if (!guest_range_ok(addr, bytes) || (addr & (bytes - 1)))
		return -EFAULT;
	if (bytes == 8)
		return cmpxchg_faulting_8(addr, old, new_value) ? -EFAULT : 0;
	return cmpxchg_faulting_4(addr, old, new_value) ? -EFAULT : 0;
}

int copy_string_from_guest(char *dst, gva_t src, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int rc = copy_from_guest(&dst[i], src + i, 1);

		if (rc)
			return rc;
		if (!dst[i])
			return 0;
	}
	return -E2BIG;
}
