/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test sees of the mini-OS's fake surroundings. */
#ifndef TESTS_HOST_FAKE_MINIOS_H
#define TESTS_HOST_FAKE_MINIOS_H

#include <stdbool.h>
#include <stdint.h>

/* Address of the block that stands for the direct map. */
extern uintptr_t fake_memory;

/* Are events masked? */
extern bool fake_masked;

void panic(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
