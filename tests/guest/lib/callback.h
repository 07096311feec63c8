/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's callbacks. */
#ifndef TESTS_GUEST_CALLBACK_H
#define TESTS_GUEST_CALLBACK_H

#include <stdint.h>
#include "pvabi/callback.h"

/* CALLBACKOP_register of an entry at @address, in the kernel's flat segment. 0 or the error. */
long callback_register(uint16_t type, uintptr_t address, uint16_t flags);

#endif
