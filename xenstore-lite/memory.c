/* SPDX-License-Identifier: GPL-2.0-only */
/* Counted allocation over malloc. */
#include "xenstore-lite/memory.h"

#include <stdlib.h>
#include <string.h>

bool (*memory_refuse)(size_t size);
void (*memory_reclaim)(void);

static struct memory_use in_use;

static void *obtain(size_t size)
{
	void *p;

	if (memory_refuse && memory_refuse(size))
		return NULL;
	p = malloc(size);
	if (!p && memory_reclaim) {
		memory_reclaim();
		p = malloc(size);
	}
	return p;
}

void *memory_alloc(size_t size)
{
	void *p = obtain(size);

	if (p) {
		in_use.bytes += size;
		in_use.blocks++;
	}
	return p;
}

void *memory_zalloc(size_t size)
{
	void *p = memory_alloc(size);

	if (p)
		memset(p, 0, size);
	return p;
}

void memory_free(void *p, size_t size)
{
	if (!p)
		return;
	in_use.bytes -= size;
	in_use.blocks--;
	free(p);
}

char *memory_copy_string(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = memory_alloc(size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

void memory_free_string(char *text)
{
	if (text)
		memory_free(text, strlen(text) + 1);
}

struct memory_use memory_use(void)
{
	return in_use;
}
