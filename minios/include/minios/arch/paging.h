/* SPDX-License-Identifier: MIT */
/* Page tables as the kernel sees them. Kernel only; programs use <minios/mm.h>. */
#ifndef MINIOS_ARCH_PAGING_H
#define MINIOS_ARCH_PAGING_H

#include <minios/mm.h>

#define PT_ENTRIES 512

/* Index of va in a table of the level. */
unsigned int pt_index(uintptr_t va, unsigned int level);

/* The entry of this level on the way to va, or NULL if a table above it is missing. */
const pte_t *pt_walk(uintptr_t va, unsigned int level);

/* The machine address of an entry, as page-table writes name it. */
uint64_t pt_machine(const pte_t *entry);

/* Makes all tables on the way to va, with pages from alloc(); 0 or a negative errno. */
int pt_build(uintptr_t va, void *(*alloc)(void));

/*
 * Makes a page that holds level-(level - 1) entries a table: read-only in the direct map, then
 * named by the entry of the level on the way to va.
 */
int pt_link(uintptr_t va, unsigned int level, void *table);

#endif
