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

#define SYSCTL_ROWS(ROW)				\
	/* sysctl.c */					\
	ROW(readconsole)				\
	ROW(getdomaininfolist)				\
	ROW(debug_keys)					\
	ROW(sched_id)					\
	ROW(scheduler_op)				\
	ROW(cpupool_op)					\
	/* sysctl_host.c: the machine */		\
	ROW(physinfo)					\
	ROW(getcpuinfo)					\
	ROW(cpu_hotplug)				\
	ROW(cputopoinfo)				\
	ROW(numainfo)					\
	ROW(pcitopoinfo)				\
	ROW(availheap)					\
	ROW(get_cpu_levelling_caps)			\
	ROW(get_cpu_featureset)				\
	ROW(get_cpu_policy)

#define SYSCTL_HANDLER(name)	int sysctl_##name(struct xen_sysctl *op);
SYSCTL_ROWS(SYSCTL_HANDLER)

const struct sysctl_row *sysctl_find(u32 cmd);

#endif
