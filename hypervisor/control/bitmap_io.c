/* SPDX-License-Identifier: GPL-2.0-only */
/* Bitmaps in control structures, to and from one word. */
#include "hypervisor/control/bitmap_io.h"

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/lib/errno.h"

static u64 mask_of(unsigned bits)
{
	return bits < 64 ? BIT(bits) - 1 : ~0ull;
}

int bitmap_read(const struct xenctl_bitmap *from, u64 *word, unsigned bits)
{
	u32 given = MIN(from->nr_bits, 64u);

	*word = 0;
	if (copy_from_guest(word, (gva_t)from->bitmap.p, DIV_UP(given, 8)))
		return -EFAULT;
	*word &= mask_of(given) & mask_of(bits);
	return 0;
}

int bitmap_write(const struct xenctl_bitmap *to, u64 word, unsigned bits)
{
	u64 room = DIV_UP((u64)to->nr_bits, 8), n = MIN(room, (u64)sizeof(word));

	word &= mask_of(bits);
	if (copy_to_guest((gva_t)to->bitmap.p, &word, n) ||
	    clear_guest((gva_t)to->bitmap.p + n, room - n))
		return -EFAULT;
	return 0;
}
