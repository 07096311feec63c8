/* SPDX-License-Identifier: GPL-2.0-only */
/* System time as any vCPU reads it by its own record, without what mini-OS's clock does about it. */
#ifndef TESTS_GUEST_CLOCK_H
#define TESTS_GUEST_CLOCK_H

#include <stdint.h>

uint64_t clock_read(unsigned int vcpu);
/* The same by all vCPUs in turn, and by how much one has ever read less than another had before. */
uint64_t clock_read_in_turn(unsigned int vcpu);
uint64_t clock_went_back(void);

#endif
