/* SPDX-License-Identifier: MIT */
/* Messages between domains through rings the hypervisor fills: HYPERVISOR_argo_op. */

#ifndef __XEN_PUBLIC_ARGO_H__
#define __XEN_PUBLIC_ARGO_H__

#include "xen.h"

/* Commands, and what arg1 to arg4 are. */
#define XEN_ARGO_OP_register_ring	1	/* register_ring, frames, count, flags */
#define XEN_ARGO_OP_unregister_ring	2	/* unregister_ring */
#define XEN_ARGO_OP_sendv		3	/* send_addr, iov, count, message type */
#define XEN_ARGO_OP_notify		4	/* ring_data or null */

/* As partner: anybody may send. */
#define XEN_ARGO_DOMID_ANY		DOMID_INVALID

#define XEN_ARGO_MAX_RING_SIZE		(0x1000000ULL)	/* bytes */
#define XEN_ARGO_MAXIOV			8U
#define XEN_ARGO_MSG_SLOT_SIZE		0x10	/* messages start at multiples of this */

/* Flags of XEN_ARGO_OP_register_ring. */
#define XEN_ARGO_REGISTER_FLAG_FAIL_EXIST 0x1

/* xen_argo_ring_data_ent.flags. */
#define XEN_ARGO_RING_EXISTS		(1U << 0)
#define XEN_ARGO_RING_SHARED		(1U << 1)	/* registered for any partner */
#define XEN_ARGO_RING_EMPTY		(1U << 2)
#define XEN_ARGO_RING_SUFFICIENT	(1U << 3)	/* has space_required */
#define XEN_ARGO_RING_EMSGSIZE		(1U << 4)	/* space_required can never be had */
#define XEN_ARGO_RING_EBUSY		(1U << 5)	/* too many wait for it */

typedef uint32_t xen_argo_port_t;
typedef uint64_t xen_argo_gfn_t;

struct xen_argo_iov {
	XEN_GUEST_HANDLE(uint8) iov_hnd;
	uint32_t iov_len;			/* bytes */
	uint32_t pad;
};
typedef struct xen_argo_iov xen_argo_iov_t;

struct xen_argo_addr {
	xen_argo_port_t aport;
	domid_t domain_id;
	uint16_t pad;
};
typedef struct xen_argo_addr xen_argo_addr_t;

struct xen_argo_send_addr {
	struct xen_argo_addr src;
	struct xen_argo_addr dst;
};
typedef struct xen_argo_send_addr xen_argo_send_addr_t;

/* Written to by the hypervisor alone, but for rx_ptr. */
struct xen_argo_ring {
	uint32_t rx_ptr;
	uint32_t tx_ptr;
	uint8_t reserved[56];
	uint8_t ring[XEN_FLEX_ARRAY_DIM];
};
typedef struct xen_argo_ring xen_argo_ring_t;

struct xen_argo_register_ring {
	xen_argo_port_t aport;
	domid_t partner_id;
	uint16_t pad;
	uint32_t len;				/* bytes */
};
typedef struct xen_argo_register_ring xen_argo_register_ring_t;

struct xen_argo_unregister_ring {
	xen_argo_port_t aport;
	domid_t partner_id;
	uint16_t pad;
};
typedef struct xen_argo_unregister_ring xen_argo_unregister_ring_t;

struct xen_argo_ring_data_ent {
	struct xen_argo_addr ring;
	uint16_t flags;				/* out: XEN_ARGO_RING_* */
	uint16_t pad;
	uint32_t space_required;		/* in: bytes */
	uint32_t max_message_size;		/* out: bytes */
};
typedef struct xen_argo_ring_data_ent xen_argo_ring_data_ent_t;

struct xen_argo_ring_data {
	uint32_t nent;
	uint32_t pad;
	struct xen_argo_ring_data_ent data[XEN_FLEX_ARRAY_DIM];
};
typedef struct xen_argo_ring_data xen_argo_ring_data_t;

/* Head of each message in a ring. */
struct xen_argo_ring_message_header {
	uint32_t len;				/* bytes, with this */
	struct xen_argo_addr source;
	uint32_t message_type;
	uint8_t data[XEN_FLEX_ARRAY_DIM];
};

#endif /* __XEN_PUBLIC_ARGO_H__ */
