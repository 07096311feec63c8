/* SPDX-License-Identifier: GPL-2.0-only */
/* Bitmaps of CPUs and nodes in control structures: as long as the guest likes, here one word. */
#ifndef HV_CONTROL_BITMAP_IO_H
#define HV_CONTROL_BITMAP_IO_H

#include "hypervisor/lib/types.h"
#include "pvabi/xen.h"

/* The first @bits (at most 64) bits of it; those the guest did not give are clear. */
int __must_check bitmap_read(const struct xenctl_bitmap *from, u64 *word, unsigned bits);
/* As much as the guest has room for; what is beyond @bits reads as clear. */
int __must_check bitmap_write(const struct xenctl_bitmap *to, u64 word, unsigned bits);

#endif
