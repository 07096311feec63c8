/* SPDX-License-Identifier: MIT */
/* Mapping of another domain's memory: for the control domain. */
#ifndef MINIOS_FOREIGN_H
#define MINIOS_FOREIGN_H

#include <stddef.h>
#include "pvabi/xen.h"

#define PROT_MAP_READ  1
#define PROT_MAP_WRITE 2

/*
 * Maps count machine frames (for a PV domain gfn and mfn are the same) of dom side by side and
 * returns the address. dom may be DOMID_IO or DOMID_XEN for frames of the machine or of the
 * hypervisor, where the hypervisor allows it. errors (may be NULL) receives 0 or a negative errno
 * for each frame; a page with an error is not present. NULL (and *error_out, when given, set) if
 * address space or memory is out, if every frame failed, or, without errors, if any failed.
 */
void *foreign_map(domid_t dom, const xen_pfn_t *frames, size_t count, int prot, int *errors,
		  int *error_out);

/* Unmaps, same address and count. */
void foreign_unmap(void *addr, size_t count);

#endif
