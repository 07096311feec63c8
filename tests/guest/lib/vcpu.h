/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Further virtual CPUs. Each runs one function with events masked and without a trap table: a fault
 * there ends the domain. It waits by SCHEDOP_poll.
 */
#ifndef TESTS_GUEST_VCPU_H
#define TESTS_GUEST_VCPU_H

#include <stdbool.h>

#define VCPU_SECOND 1
#define VCPUS_MAX   32

/* Skips the test when the domain has fewer vCPUs. */
void vcpu_need(unsigned int count);
/* Starts fn(arg) on vCPU @id; it goes down when fn returns, and may be started again then. */
void vcpu_start_on(unsigned int id, void (*fn)(void *), void *arg);
bool vcpu_on_is_up(unsigned int id);
/* Waits until its function has returned and it is down. */
void vcpu_join_on(unsigned int id);

/* The same for those that need one more. */
void vcpu_need_second(void);
void vcpu_start(void (*fn)(void *), void *arg);
bool vcpu_is_up(void);
void vcpu_join(void);

#endif
