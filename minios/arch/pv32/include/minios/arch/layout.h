/* SPDX-License-Identifier: MIT */
/*
 * Address space of a pv32 kernel (i386 PAE, ring 1): one use for each of the four level-3 slots.
 *
 *   00000000 - 3fffffff  applications at ring 3
 *   40000000 - 7fffffff  heap
 *   80000000 - bfffffff  map window: foreign frames, grants
 *   c0000000 - f4ffffff  direct map, beginning with the kernel image
 *   f5800000 - ffffffff  machine-to-physical table, the hypervisor's
 */
#ifndef MINIOS_ARCH_LAYOUT_H
#define MINIOS_ARCH_LAYOUT_H

#define PAGE_SHIFT   12
#define PAGE_SIZE    4096
#define PT_LEVELS    3

#define USER_START   0x00100000
#define USER_END     0x40000000
#define HEAP_START   0x40000000
#define HEAP_END     0x80000000
#define WINDOW_START 0x80000000
#define WINDOW_PAGES 262144
#define VIRT_BASE    0xc0000000
#define DIRECT_END   0xf5000000
#define HV_START_LOW 0xf5800000

/* Suffix of the string instructions that move a word of the width. */
#define WORD_SUFFIX "l"

#ifndef __ASSEMBLY__
#include <stdint.h>

typedef uint64_t pte_t;

#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_USER     0x004ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY    0x040ull
#define PTE_NX       (1ull << 63)
#define PTE_FRAME    0x000ffffffffff000ull

#define PTE_KERNEL_RO (PTE_PRESENT | PTE_ACCESSED)
#define PTE_KERNEL    (PTE_KERNEL_RO | PTE_WRITE | PTE_DIRTY)
/* Flags of the entry that links a table of the given level: PAE's top entries have only this. */
#define PTE_TABLE(level) \
	((level) == 2 ? PTE_PRESENT : PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)
#endif

#endif
