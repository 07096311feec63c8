/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing into a domain under construction.
 *
 * The parts of a new domain lie side by side and are written in rising order, so a window of a few
 * MiB that moves on when it is left costs a handful of mappings, whatever the domain's size.
 */
#include <errno.h>
#include <string.h>

#include "tools/builder/guest_memory.h"
#include "tools/platform/platform.h"

#define WINDOW_PAGES 1024

void guest_close_window(struct guest_memory *m)
{
	if (m->window)
		plat_unmap_frames(m->window, m->count);
	m->window = NULL;
}

void *guest_page(struct guest_memory *m, uint64_t pfn, size_t *bytes)
{
	if (pfn >= m->end_pfn)
		return NULL;
	if (!m->window || pfn < m->first || pfn - m->first >= m->count) {
		guest_close_window(m);
		m->first = pfn;
		m->count = m->end_pfn - pfn < WINDOW_PAGES ? m->end_pfn - pfn : WINDOW_PAGES;
		if (plat_map_frames(&m->window, m->domid, m->p2m + pfn, m->count, true)) {
			m->window = NULL;
			return NULL;
		}
	}
	*bytes = (m->count - (pfn - m->first)) << 12;
	return (char *)m->window + ((pfn - m->first) << 12);
}

/* Copies @data, or zeros when it is NULL. */
static int fill(struct guest_memory *m, uint64_t addr, const char *data, uint64_t len)
{
	while (len) {
		size_t offset = addr & 4095, bytes;
		char *page = guest_page(m, addr >> 12, &bytes);

		if (!page)
			return -ENOMEM;
		bytes -= offset;
		if (bytes > len)
			bytes = len;
		if (data) {
			memcpy(page + offset, data, bytes);
			data += bytes;
		} else {
			memset(page + offset, 0, bytes);
		}
		addr += bytes;
		len -= bytes;
	}
	return 0;
}

int guest_write(struct guest_memory *m, uint64_t addr, const void *data, size_t len)
{
	return len ? fill(m, addr, data, len) : 0;
}

int guest_zero(struct guest_memory *m, uint64_t addr, uint64_t len)
{
	return fill(m, addr, NULL, len);
}
