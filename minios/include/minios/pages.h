/* SPDX-License-Identifier: MIT */
/* The page allocator's filling, for mm.c. Programs use <minios/mm.h>. */
#ifndef MINIOS_PAGES_H
#define MINIOS_PAGES_H

#include <minios/mm.h>

/* Begins with no page free; states has one byte for each pfn below end. */
void pages_init(uint8_t *states, pfn_t end);

/* Gives the pages from (inclusive) to (exclusive) to the allocator. */
void pages_add(pfn_t from, pfn_t to);

/* What pages_init() was told. */
pfn_t pages_end(void);

#endif
