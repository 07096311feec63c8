/* SPDX-License-Identifier: GPL-2.0-only */
/* System time as any vCPU reads it by its own record, without what mini-OS's clock does about it. */
#ifndef TESTS_GUEST_CLOCK_H
#define TESTS_GUEST_CLOCK_H

#include <stdint.h>

uint64_t clock_read(unsigned int vcpu);

#endif
