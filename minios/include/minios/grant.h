/* SPDX-License-Identifier: MIT */
/* Grants: lending our pages to another domain, and mapping pages that others lend to us. */
#ifndef MINIOS_GRANT_H
#define MINIOS_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "pvabi/xen.h"
#include "pvabi/grant_table.h"

/* Lends the page at this page-aligned kernel address. The reference, or a negative errno. */
int grant_access(domid_t to, const void *page, bool read_only);

/* Ends the loan. -EBUSY while the other domain still has it mapped: the loan then stands. */
int grant_end(grant_ref_t ref);

/*
 * Fills one entry of a foreign domain's grant table, mapped at table, on its behalf: what a domain
 * builder does for the console (entry 0) and the store (entry 1).
 */
void grant_entry_set(grant_entry_v1_t *table, grant_ref_t ref, domid_t to, uint32_t frame);

/*
 * Maps count references of a domain side by side. errors (may be NULL) receives 0 or a negative
 * errno for each. NULL when nothing could be mapped, or, without errors, when any failed.
 */
void *gnttab_map(domid_t from, const grant_ref_t *refs, size_t count, bool read_only, int *errors);

/* Undoes gnttab_map() wholly; same address and count. */
void gnttab_unmap(void *addr, size_t count);

/* GNTTABOP_* failures (GNTST_*) as negative errno. */
int gnttab_error(int16_t status);

/* The kernel's: called on first use. */
int grant_init(void);

#endif
