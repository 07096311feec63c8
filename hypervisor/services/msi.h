/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts that PCI functions send as messages (MSI, MSI-X): where, and with what vector. */
#ifndef HV_SERVICES_MSI_H
#define HV_SERVICES_MSI_H

#include <stdatomic.h>

#include "hypervisor/lib/types.h"

/* One message of one function. */
struct msi {
	u16 bdf;
	u8 cap;				/* where the capability stands */
	_Atomic u32 *entry;		/* MSI-X: the four words of the table's entry; else NULL */
};

/*
 * Finds the function's MSI, or the entry @nr of its MSI-X table. -ENODEV when there is no such
 * function or capability, -EINVAL beyond the table, -ENOMEM when its table cannot be mapped.
 */
int msi_find(struct msi *msi, u16 bdf, bool is_x, u32 nr);
/* Messages go to @cpu as @vector from now on. Whether the function sends any is up to its driver. */
void msi_route(const struct msi *msi, u8 vector, u32 cpu);
/* No messages any more. */
void msi_stop(const struct msi *msi);

#endif
