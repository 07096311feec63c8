/* SPDX-License-Identifier: MIT */
/* Event channels: HYPERVISOR_event_channel_op(cmd, arg). */

#ifndef __XEN_PUBLIC_EVENT_CHANNEL_H__
#define __XEN_PUBLIC_EVENT_CHANNEL_H__

#include "xen.h"

#define EVTCHNOP_bind_interdomain	0
#define EVTCHNOP_bind_virq		1
#define EVTCHNOP_bind_pirq		2
#define EVTCHNOP_close			3
#define EVTCHNOP_send			4
#define EVTCHNOP_status			5
#define EVTCHNOP_alloc_unbound		6
#define EVTCHNOP_bind_ipi		7
#define EVTCHNOP_bind_vcpu		8
#define EVTCHNOP_unmask			9
#define EVTCHNOP_reset			10
#define EVTCHNOP_init_control		11
#define EVTCHNOP_expand_array		12
#define EVTCHNOP_set_priority		13

/* evtchn_bind_pirq.flags: the interrupt line may be bound by others too. */
#define BIND_PIRQ__WILL_SHARE		1

/* evtchn_status.status. */
#define EVTCHNSTAT_closed		0
#define EVTCHNSTAT_unbound		1	/* waits for its peer */
#define EVTCHNSTAT_interdomain		2
#define EVTCHNSTAT_pirq			3
#define EVTCHNSTAT_virq			4
#define EVTCHNSTAT_ipi			5

/* Two-level ABI: ports a domain can have, 1024 (pv32) or 4096 (pv64). */
#define EVTCHN_2L_NR_CHANNELS	(sizeof(xen_ulong_t) * sizeof(xen_ulong_t) * 64)

/* FIFO ABI: queues by priority, 0 the most urgent. */
#define EVTCHN_FIFO_PRIORITY_MAX	0
#define EVTCHN_FIFO_PRIORITY_DEFAULT	7
#define EVTCHN_FIFO_PRIORITY_MIN	15
#define EVTCHN_FIFO_MAX_QUEUES		(EVTCHN_FIFO_PRIORITY_MIN + 1)

/* FIFO ABI: bits of an event word, and its link to the next port of the queue. */
#define EVTCHN_FIFO_PENDING		31
#define EVTCHN_FIFO_MASKED		30
#define EVTCHN_FIFO_LINKED		29
#define EVTCHN_FIFO_BUSY		28
#define EVTCHN_FIFO_LINK_BITS		17
#define EVTCHN_FIFO_LINK_MASK		((1 << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS		(1 << EVTCHN_FIFO_LINK_BITS)

#ifndef __ASSEMBLY__

typedef uint32_t evtchn_port_t;
DEFINE_XEN_GUEST_HANDLE(evtchn_port_t);

/* A port in `dom` to which `remote_dom` may connect. dom other than DOMID_SELF is privileged. */
struct evtchn_alloc_unbound {
	domid_t dom, remote_dom;
	evtchn_port_t port;			/* out */
};
typedef struct evtchn_alloc_unbound evtchn_alloc_unbound_t;

/* Connects to a port that waits for the caller. The new port is pending at once. */
struct evtchn_bind_interdomain {
	domid_t remote_dom;
	evtchn_port_t remote_port;
	evtchn_port_t local_port;		/* out */
};
typedef struct evtchn_bind_interdomain evtchn_bind_interdomain_t;

/* -EEXIST if the VIRQ is bound already; a global one is bound on vCPU 0. */
struct evtchn_bind_virq {
	uint32_t virq;				/* VIRQ_* */
	uint32_t vcpu;
	evtchn_port_t port;			/* out */
};
typedef struct evtchn_bind_virq evtchn_bind_virq_t;

/* Binds an interrupt of a device that the domain may use. */
struct evtchn_bind_pirq {
	uint32_t pirq;
	uint32_t flags;				/* BIND_PIRQ__WILL_SHARE */
	evtchn_port_t port;			/* out */
};
typedef struct evtchn_bind_pirq evtchn_bind_pirq_t;

struct evtchn_bind_ipi {
	uint32_t vcpu;				/* the one that is to be notified */
	evtchn_port_t port;			/* out */
};
typedef struct evtchn_bind_ipi evtchn_bind_ipi_t;

/* The remote end of an interdomain channel becomes unbound. */
struct evtchn_close {
	evtchn_port_t port;
};
typedef struct evtchn_close evtchn_close_t;

/* Makes the remote end pending, or an IPI port itself. */
struct evtchn_send {
	evtchn_port_t port;
};
typedef struct evtchn_send evtchn_send_t;

/* dom other than DOMID_SELF is privileged. */
struct evtchn_status {
	domid_t dom;
	evtchn_port_t port;
	uint32_t status;			/* out: EVTCHNSTAT_* */
	uint32_t vcpu;				/* out: vCPU notified */
	union {
		struct {
			domid_t dom;
		} unbound;
		struct {
			domid_t dom;
			evtchn_port_t port;
		} interdomain;
		uint32_t pirq;
		uint32_t virq;
	} u;					/* out */
};
typedef struct evtchn_status evtchn_status_t;

/* Not for ports bound to an IPI or to a VIRQ of a vCPU. */
struct evtchn_bind_vcpu {
	evtchn_port_t port;
	uint32_t vcpu;
};
typedef struct evtchn_bind_vcpu evtchn_bind_vcpu_t;

/* Clears the mask bit, and delivers the event if it was pending. */
struct evtchn_unmask {
	evtchn_port_t port;
};
typedef struct evtchn_unmask evtchn_unmask_t;

/* Closes all ports, and returns to the two-level ABI. dom other than DOMID_SELF is privileged. */
struct evtchn_reset {
	domid_t dom;
};
typedef struct evtchn_reset evtchn_reset_t;

/* FIFO ABI: registers the control block of a vCPU. */
struct evtchn_init_control {
	uint64_t control_gfn;
	uint32_t offset;			/* of the block in its page; 8-aligned */
	uint32_t vcpu;
	uint8_t link_bits;			/* out */
	uint8_t _pad[7];
};
typedef struct evtchn_init_control evtchn_init_control_t;

/* FIFO ABI: adds a page to the array of event words. */
struct evtchn_expand_array {
	uint64_t array_gfn;
};
typedef struct evtchn_expand_array evtchn_expand_array_t;

struct evtchn_set_priority {
	evtchn_port_t port;
	uint32_t priority;
};
typedef struct evtchn_set_priority evtchn_set_priority_t;

/* The argument of the old hypercall, event_channel_op_compat. */
struct evtchn_op {
	uint32_t cmd;				/* EVTCHNOP_* */
	union {
		evtchn_alloc_unbound_t alloc_unbound;
		evtchn_bind_interdomain_t bind_interdomain;
		evtchn_bind_virq_t bind_virq;
		evtchn_bind_pirq_t bind_pirq;
		evtchn_bind_ipi_t bind_ipi;
		evtchn_close_t close;
		evtchn_send_t send;
		evtchn_status_t status;
		evtchn_bind_vcpu_t bind_vcpu;
		evtchn_unmask_t unmask;
	} u;
};
typedef struct evtchn_op evtchn_op_t;
DEFINE_XEN_GUEST_HANDLE(evtchn_op_t);

typedef uint32_t event_word_t;

struct evtchn_fifo_control_block {
	uint32_t ready;				/* one bit for each queue */
	uint32_t _rsvd;
	uint32_t head[EVTCHN_FIFO_MAX_QUEUES];
};
typedef struct evtchn_fifo_control_block evtchn_fifo_control_block_t;

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_EVENT_CHANNEL_H__ */
