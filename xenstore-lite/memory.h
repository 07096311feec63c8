/* SPDX-License-Identifier: GPL-2.0-only */
/* The store's one door to the heap: sizes are told on both sides, so that use can be reported. */
#ifndef XENSTORE_LITE_MEMORY_H
#define XENSTORE_LITE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

void *memory_alloc(size_t size);
void *memory_zalloc(size_t size);
/* @size is what was asked for; @p may be NULL. */
void memory_free(void *p, size_t size);

char *memory_copy_string(const char *text);
void memory_free_string(char *text);

/* Bytes and blocks given out and not yet given back. */
struct memory_use {
	size_t bytes;
	size_t blocks;
};

struct memory_use memory_use(void);

/*
 * What the allocator asks before each block, for tests of failure paths: true refuses the block.
 * NULL (the default) refuses none.
 */
extern bool (*memory_refuse)(size_t size);

/*
 * What the allocator calls once when the heap is exhausted, before it gives up: frees what was
 * only waiting to be freed.
 */
extern void (*memory_reclaim)(void);

#endif
