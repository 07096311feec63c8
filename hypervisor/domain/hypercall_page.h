/* SPDX-License-Identifier: GPL-2.0-only */
/* The page of transfer points through which a guest makes its hypercalls. */
#ifndef HV_DOMAIN_HYPERCALL_PAGE_H
#define HV_DOMAIN_HYPERCALL_PAGE_H

#include "hypervisor/lib/types.h"

struct domain;

/* Writes all of a page, for a guest of either width. */
void hypercall_page_fill(u8 *page, bool is_pv32);

/* Fills a frame of @d, for @d; -EACCES unless it is its own and may be writable. */
int hypercall_page_make(struct domain *d, mfn_t mfn);

#endif
