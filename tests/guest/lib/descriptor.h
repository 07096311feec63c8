/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of descriptor tables. */
#ifndef TESTS_GUEST_DESCRIPTOR_H
#define TESTS_GUEST_DESCRIPTOR_H

#include <stdint.h>

/* HYPERVISOR_update_descriptor of the entry at @slot, which stands in a page of ours. */
long descriptor_update(const void *slot, uint64_t value);

#endif
