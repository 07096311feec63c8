/* SPDX-License-Identifier: MIT */
/*
 * Address space of a pv64 kernel (x86-64, ring 3): one use for each of the first level-4 slots. The
 * image lies below 2 GiB, so that the small code model reaches it.
 *
 *   slot 0, from 1 GiB   direct map, beginning with the kernel image
 *   slot 1               applications (under a root of their own without the other slots)
 *   slot 2               heap
 *   slot 3               map window: foreign frames, grants
 *   slots 256 - 271      machine-to-physical table, the hypervisor's
 */
#ifndef MINIOS_ARCH_LAYOUT_H
#define MINIOS_ARCH_LAYOUT_H

#define PAGE_SHIFT   12
#define PAGE_SIZE    4096
#define PT_LEVELS    4

#define USER_START   0x8000000000
#define USER_END     0x10000000000
#define HEAP_START   0x10000000000
#define HEAP_END     0x18000000000
#define WINDOW_START 0x18000000000
#define WINDOW_PAGES 262144
#define VIRT_BASE    0x40000000
#define DIRECT_END   0x8000000000

/* Suffix of the string instructions that move a word of the width. */
#define WORD_SUFFIX "q"

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

/* No user bit: the hypervisor puts it in for kernel pages, and keeps them global. */
#define PTE_KERNEL_RO (PTE_PRESENT | PTE_ACCESSED)
#define PTE_KERNEL    (PTE_KERNEL_RO | PTE_WRITE | PTE_DIRTY)
/* Flags of the entry that links a table of the given level. */
#define PTE_TABLE(level) (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)
#endif

#endif
