/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels: the guests' interrupts. 2-level ABI; FIFO beside it. */
#ifndef HV_SERVICES_EVTCHN_H
#define HV_SERVICES_EVTCHN_H

#include "hypervisor/lib/types.h"
#include "pvabi/event_channel.h"

struct domain;
struct vcpu;
struct domain_hooks;

/* EVTCHNOP_*, decoded: arguments are locals in the pv64 layout, outputs written into them. */
int evtchn_alloc_unbound(struct evtchn_alloc_unbound *op);
int evtchn_bind_interdomain(struct evtchn_bind_interdomain *op);
int evtchn_bind_virq(struct evtchn_bind_virq *op);
int evtchn_bind_ipi(struct evtchn_bind_ipi *op);
int evtchn_bind_pirq(struct evtchn_bind_pirq *op);
int evtchn_bind_vcpu(u32 port, u32 vcpu);
int evtchn_close(struct domain *d, u32 port);
int evtchn_send(struct domain *d, u32 port);
int evtchn_status(struct evtchn_status *op);
int evtchn_unmask(u32 port);
/*
 * -EINVAL unless current or paused by control; -EAGAIN; -ERESTART when preempted: then it @goes_on.
 * -EBUSY while another goes on, or when none does that could.
 */
int evtchn_reset(struct domain *d, bool goes_on);
int evtchn_set_priority(u32 port, u32 priority);
bool evtchn_is_masked(struct domain *d, u32 port);
int evtchn_init_control(struct evtchn_init_control *op);
int evtchn_expand_array(u64 gfn);

/* For the builder of the first domain: as the calls above, on behalf of @d. */
int evtchn_alloc_unbound_for(struct domain *d, domid_t remote, u32 *port);

/* A device interrupt, to the port it was bound to a moment ago. */
void evtchn_send_pirq(struct domain *d, u32 port, u32 pirq);

/* VIRQs: a vCPU's own (timer, debug), a domain's global ones, and the one domain's that bound it. */
void send_vcpu_virq(struct vcpu *v, u32 virq);
void send_global_virq(u32 virq);	/* VIRQ_DOM_EXC, VIRQ_CONSOLE, ...: to the control domain */

/* For SCHEDOP_poll: 1 when one of the ports is pending, else 0. Port out of range: -EINVAL. */
int evtchn_any_pending(struct domain *d, const u32 *ports, unsigned nr);
bool evtchn_port_is_valid(struct domain *d, u32 port);
u32 evtchn_max_ports(const struct domain *d);	/* what the domain may allocate */
void evtchn_set_max_port(struct domain *d, u32 max_port);

/* After a vcpu_info was moved (VCPUOP_register_vcpu_info): mark everything pending once. */
void evtchn_vcpu_info_moved(struct vcpu *v);

void evtchn_dump(struct domain *d);	/* debug key */
extern const struct domain_hooks evtchn_hooks;

#endif
