/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of domctl and what their handlers share. */
#ifndef HV_CONTROL_DOMCTL_H
#define HV_CONTROL_DOMCTL_H

#include "hypervisor/lib/types.h"
#include "pvabi/domctl.h"

struct domain;
struct vcpu;

/*
 * A handler works on a copy of the guest's structure. @d is referenced, and no other operation that
 * changes it runs meanwhile. -ERESTART: call again; the guest sees the final result only.
 */
struct domctl_row {
	u32 cmd;
	u32 flags;
	int (*run)(struct domain *d, struct xen_domctl *op);
};

#define DOMCTL_OUT	0x1	/* the structure goes back to the guest when it succeeded */
#define DOMCTL_READS	0x2	/* changes nothing: may run beside others */
#define DOMCTL_OTHERS	0x4	/* -EINVAL for the caller's own domain */
#define DOMCTL_NEW	0x8	/* names no existing domain: @d is NULL */
#define DOMCTL_ERRORS	0x20	/* with DOMCTL_OUT: also when it failed */
#define DOMCTL_STABLE	0x40	/* its interface version is 0 */
#define DOMCTL_NEXT	0x80	/* where there is no such domain it is about the next one */
#define DOMCTL_ALIVE	0x10	/* -EINVAL when it is dying: gives what death has taken already */

/* The row of a command, or NULL. */
const struct domctl_row *domctl_find(u32 cmd);

/* The vCPU of that number: -EINVAL beyond max_vcpus, -ESRCH when it was not created. */
int domctl_vcpu(struct domain *d, u32 id, struct vcpu **v);

/* All of them: the name, and what is to be observed. */
#define DOMCTL_ROWS(ROW)								\
	/* domctl_domain.c: a domain's life and its properties */			\
	ROW(createdomain, DOMCTL_OUT | DOMCTL_NEW)					\
	ROW(destroydomain, DOMCTL_OTHERS)						\
	ROW(pausedomain, DOMCTL_OTHERS)							\
	ROW(unpausedomain, DOMCTL_OTHERS)						\
	ROW(resumedomain, DOMCTL_OTHERS | DOMCTL_ALIVE)					\
	ROW(getdomaininfo, DOMCTL_OUT | DOMCTL_READS | DOMCTL_NEXT)			\
	ROW(max_mem, 0)									\
	ROW(set_address_size, DOMCTL_ALIVE)						\
	ROW(get_address_size, DOMCTL_OUT | DOMCTL_READS)				\
	ROW(setdomainhandle, 0)								\
	ROW(setdebugging, DOMCTL_OTHERS)						\
	ROW(settimeoffset, 0)								\
	ROW(gettscinfo, DOMCTL_OUT | DOMCTL_READS | DOMCTL_OTHERS)			\
	ROW(settscinfo, DOMCTL_OTHERS)							\
	ROW(setnodeaffinity, 0)								\
	ROW(getnodeaffinity, DOMCTL_READS)						\
	ROW(get_domain_state, DOMCTL_OUT | DOMCTL_NEW | DOMCTL_STABLE)			\
	/* domctl_memory.c: its frames, and what it may touch */			\
	ROW(hypercall_init, DOMCTL_ALIVE)						\
	ROW(getpageframeinfo3, DOMCTL_READS)						\
	ROW(shadow_op, DOMCTL_OUT | DOMCTL_OTHERS)					\
	ROW(irq_permission, DOMCTL_ALIVE)						\
	ROW(iomem_permission, DOMCTL_ALIVE)						\
	ROW(ioport_permission, DOMCTL_ALIVE)						\
	/* domctl_vcpu.c: its vCPUs */							\
	ROW(max_vcpus, DOMCTL_OTHERS | DOMCTL_ALIVE)					\
	ROW(setvcpucontext, DOMCTL_OTHERS | DOMCTL_ALIVE)				\
	ROW(getvcpucontext, DOMCTL_OUT)							\
	ROW(set_ext_vcpucontext, DOMCTL_OTHERS | DOMCTL_ALIVE)				\
	ROW(get_ext_vcpucontext, DOMCTL_OUT)						\
	ROW(getvcpuinfo, DOMCTL_OUT | DOMCTL_READS)					\
	ROW(sendtrigger, 0)								\
	ROW(get_cpu_policy, DOMCTL_OUT)							\
	ROW(set_cpu_policy, DOMCTL_OUT | DOMCTL_ERRORS | DOMCTL_OTHERS)			\
	/* domctl_sched.c */								\
	ROW(setvcpuaffinity, DOMCTL_OUT)						\
	ROW(getvcpuaffinity, DOMCTL_OUT | DOMCTL_READS)					\
	ROW(scheduler_op, DOMCTL_OUT)

#define DOMCTL_HANDLER(name, flags)	int domctl_##name(struct domain *d, struct xen_domctl *op);
DOMCTL_ROWS(DOMCTL_HANDLER)

#endif
