/* SPDX-License-Identifier: GPL-2.0-only */
/* What the memory-management calls share: whose tables, whose frames, and which CPUs to flush. */
#ifndef HV_HYPERCALL_MMU_H
#define HV_HYPERCALL_MMU_H

#include "hypervisor/domain/domain.h"
#include "hypervisor/mm/tlb.h"

/*
 * The owner of the frames that a call names: DOMID_SELF, another domain for the privileged, DOMID_IO
 * or DOMID_XEN. -ESRCH, -EPERM. put_pg_owner() afterwards.
 */
int get_pg_owner(domid_t id, struct domain **owner);
void put_pg_owner(struct domain *owner);

/* The CPUs that run vCPUs named by a bitmap in guest memory. -EFAULT. */
int vcpumask_to_cpus(const struct domain *d, u64 bitmap, cpumask_t *cpus);

#endif
