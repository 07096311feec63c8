/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives arch/'s drivers the memory they work on: they do not map or allocate for themselves. */
#ifndef HV_BOOT_DEVICES_H
#define HV_BOOT_DEVICES_H

#include "hypervisor/lib/types.h"

/* Screen, console ring, interrupt controllers, reset register; with the allocator at work. */
void devices_init(bool has_text_screen);

#endif
