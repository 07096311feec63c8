/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing into a domain under construction, through a window of mapped frames that moves. */
#ifndef TOOLS_BUILDER_GUEST_MEMORY_H
#define TOOLS_BUILDER_GUEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "pvabi/xen.h"

struct guest_memory {
	domid_t domid;
	const xen_pfn_t *p2m;
	uint64_t end_pfn; /* the window never goes beyond */
	void *window;
	uint64_t first, count; /* pfns in the window */
};

/* The page of @pfn, and in *@bytes how much is mapped from there on. NULL when mapping failed. */
void *guest_page(struct guest_memory *m, uint64_t pfn, size_t *bytes);
int guest_write(struct guest_memory *m, uint64_t addr, const void *data, size_t len);
int guest_zero(struct guest_memory *m, uint64_t addr, uint64_t len);
void guest_close_window(struct guest_memory *m);

#endif
