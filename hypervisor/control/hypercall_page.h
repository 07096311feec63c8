/* SPDX-License-Identifier: GPL-2.0-only */
/* The page of transfer points through which a guest makes its hypercalls. */
#ifndef HV_CONTROL_HYPERCALL_PAGE_H
#define HV_CONTROL_HYPERCALL_PAGE_H

#include "hypervisor/lib/types.h"

/* Writes all of a page, for a guest of either width. */
void hypercall_page_fill(u8 *page, bool is_pv32);

#endif
