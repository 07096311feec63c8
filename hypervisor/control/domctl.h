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

#define DOMCTL_HANDLER(name)	int domctl_##name(struct domain *d, struct xen_domctl *op)

/* domctl_domain.c: a domain's life and its properties */
DOMCTL_HANDLER(createdomain);
DOMCTL_HANDLER(destroydomain);
DOMCTL_HANDLER(pausedomain);
DOMCTL_HANDLER(unpausedomain);
DOMCTL_HANDLER(resumedomain);
DOMCTL_HANDLER(getdomaininfo);
DOMCTL_HANDLER(max_mem);
DOMCTL_HANDLER(set_address_size);
DOMCTL_HANDLER(get_address_size);
DOMCTL_HANDLER(setdomainhandle);
DOMCTL_HANDLER(setdebugging);
DOMCTL_HANDLER(settimeoffset);
DOMCTL_HANDLER(gettscinfo);
DOMCTL_HANDLER(settscinfo);
DOMCTL_HANDLER(setnodeaffinity);
DOMCTL_HANDLER(getnodeaffinity);
DOMCTL_HANDLER(get_domain_state);
/* domctl_memory.c: its frames, and what it may touch */
DOMCTL_HANDLER(hypercall_init);
DOMCTL_HANDLER(getpageframeinfo3);
DOMCTL_HANDLER(shadow_op);
DOMCTL_HANDLER(irq_permission);
DOMCTL_HANDLER(iomem_permission);
DOMCTL_HANDLER(ioport_permission);
/* domctl_vcpu.c: its vCPUs */
DOMCTL_HANDLER(max_vcpus);
DOMCTL_HANDLER(setvcpucontext);
DOMCTL_HANDLER(getvcpucontext);
DOMCTL_HANDLER(set_ext_vcpucontext);
DOMCTL_HANDLER(get_ext_vcpucontext);
DOMCTL_HANDLER(getvcpuinfo);
DOMCTL_HANDLER(sendtrigger);
DOMCTL_HANDLER(get_cpu_policy);
DOMCTL_HANDLER(set_cpu_policy);
/* domctl_sched.c */
DOMCTL_HANDLER(setvcpuaffinity);
DOMCTL_HANDLER(getvcpuaffinity);
DOMCTL_HANDLER(scheduler_op);

#endif
