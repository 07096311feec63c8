/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain as domctl and sysctl describe it. */
#ifndef HV_CONTROL_DOMAIN_INFO_H
#define HV_CONTROL_DOMAIN_INFO_H

#include "pvabi/domctl.h"

struct domain;

void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info);

#endif
