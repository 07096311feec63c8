/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core dumps of PV domains, as a file that can be read from anywhere at any time.
 *
 * The file is Xen's (docs/protocol.md): sections .note.Xen, .xen_prstatus, .xen_shared_info,
 * .xen_p2m and .xen_pages, which crash reads. What gdb wants is there as well: a note with the
 * registers of each vCPU and a segment for each piece of the kernel's address space, both about the
 * same bytes. These program headers stand at the file's end, where crash does not take them for
 * those of a dump of Linux's own making; and the file's class is the guest's.
 */
#ifndef TOOLS_CORE_CORE_H
#define TOOLS_CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvabi/xen.h"
#include "tools/builder/fault.h"

struct core;

/* The domain must stand still until core_close(), or core_keep(). 0, or the reason in @fault. */
int core_open(domid_t domid, struct core **core, struct fault *fault);
void core_close(struct core *core);
/*
 * Copies the domain's memory, of which at most @limit bytes that are not zero: then the domain may
 * go. 0 or a negative errno.
 */
int core_keep(struct core *core, uint64_t limit);

uint64_t core_size(const struct core *core);
/* Reads from byte @at on, @len bytes that must be within the file. Memory that has gone is zero. */
void core_read(struct core *core, uint64_t at, void *out, size_t len);
/* The number of zero bytes from @at on, at most @len, as whole pages of memory. */
uint64_t core_zeros(struct core *core, uint64_t at, uint64_t len);

#endif
