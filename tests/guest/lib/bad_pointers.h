/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that a hypercall must not follow, one of each kind. */
#ifndef TESTS_GUEST_BAD_POINTERS_H
#define TESTS_GUEST_BAD_POINTERS_H

#include <stdbool.h>
#include <stdint.h>

enum bad_pointer {
	NULL_POINTER, UNMAPPED, READ_ONLY, HYPERVISOR, WRAPPING, INTO_NONE, NON_CANONICAL, BAD_POINTERS,
};

void bad_pointers_init(void);
const char *bad_pointer_name(enum bad_pointer kind);
uintptr_t bad_pointer(enum bad_pointer kind);
/* False for what does not exist in this width. */
bool bad_pointer_exists(enum bad_pointer kind);
/* Whether nobody has written to the page that is read-only. */
bool bad_pointer_page_is_clear(void);

#endif
