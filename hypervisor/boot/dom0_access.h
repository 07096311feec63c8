/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the machine the first domain may touch. */
#ifndef HV_BOOT_DOM0_ACCESS_H
#define HV_BOOT_DOM0_ACCESS_H

struct domain;

/* All devices but those the hypervisor runs itself, and no memory. -ENOMEM. */
int dom0_grant_access(struct domain *d);

#endif
