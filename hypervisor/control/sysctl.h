/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of sysctl. */
#ifndef HV_CONTROL_SYSCTL_H
#define HV_CONTROL_SYSCTL_H

#include "hypervisor/lib/types.h"
#include "pvabi/sysctl.h"

/* A handler works on a copy of the guest's structure, which goes back when it succeeded. */
struct sysctl_row {
	u32 cmd;
	int (*run)(struct xen_sysctl *op);
};

#define SYSCTL_HANDLER(name)	int sysctl_##name(struct xen_sysctl *op)

/* sysctl.c */
SYSCTL_HANDLER(readconsole);
SYSCTL_HANDLER(getdomaininfolist);
SYSCTL_HANDLER(debug_keys);
SYSCTL_HANDLER(sched_id);
SYSCTL_HANDLER(scheduler_op);
SYSCTL_HANDLER(cpupool_op);
SYSCTL_HANDLER(cpu_hotplug);
/* sysctl_host.c: the machine */
SYSCTL_HANDLER(physinfo);
SYSCTL_HANDLER(getcpuinfo);
SYSCTL_HANDLER(cputopoinfo);
SYSCTL_HANDLER(numainfo);
SYSCTL_HANDLER(pcitopoinfo);
SYSCTL_HANDLER(availheap);
SYSCTL_HANDLER(get_cpu_levelling_caps);
SYSCTL_HANDLER(get_cpu_featureset);
SYSCTL_HANDLER(get_cpu_policy);

const struct sysctl_row *sysctl_find(u32 cmd);

#endif
