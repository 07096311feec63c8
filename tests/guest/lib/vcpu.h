/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second virtual CPU. It runs one function with events masked and without a trap table: a fault
 * there ends the domain. It waits by SCHEDOP_poll.
 */
#ifndef TESTS_GUEST_VCPU_H
#define TESTS_GUEST_VCPU_H

#include <stdbool.h>

#define VCPU_SECOND 1

/* Skips the test when the domain has one vCPU only. */
void vcpu_need_second(void);
/* Starts fn(arg) there; it goes down when fn returns. */
void vcpu_start(void (*fn)(void *), void *arg);
bool vcpu_is_up(void);
/* Waits until fn has returned. */
void vcpu_join(void);

#endif
