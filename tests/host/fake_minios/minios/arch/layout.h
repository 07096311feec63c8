/* SPDX-License-Identifier: GPL-2.0-only */
/* The mini-OS's address space for host tests: a direct map that is a block of the test's memory. */
#ifndef MINIOS_ARCH_LAYOUT_H
#define MINIOS_ARCH_LAYOUT_H

#include <stdint.h>

typedef uint64_t pte_t;

#define WORD_SUFFIX  "q"
#define PAGE_SHIFT   12
#define PAGE_SIZE    4096
#define WINDOW_START 0x10000000ul
#define WINDOW_PAGES 256
#define VIRT_BASE    fake_memory

extern uintptr_t fake_memory;

#endif
