/* SPDX-License-Identifier: MIT */
/*
 * Network interfaces, between a front end ("vif" in the guest) and a back end.
 *
 * Two rings, one for packets from the guest (tx) and one for buffers the guest offers and packets
 * put into them (rx); and, if both ends want it, a control ring. Nodes of the front end:
 * tx-ring-ref, rx-ring-ref, event-channel (or event-channel-tx and -rx), request-rx-copy (1),
 * multi-queue-num-queues and then queue-N/..., and the features it can take, as feature-sg,
 * feature-gso-tcpv4, feature-no-csum-offload, feature-rx-notify. Nodes of the back end: mac,
 * handle, its features, feature-split-event-channels, feature-ctrl-ring, multi-queue-max-queues.
 *
 * A packet takes one slot for each fragment, linked by ..._more_data. Behind the first slot stand
 * struct netif_extra_info slots if it says ..._extra_info. The first slot of a transmission has the
 * size of the whole packet, the others their own.
 */

#ifndef __XEN_PUBLIC_IO_NETIF_H__
#define __XEN_PUBLIC_IO_NETIF_H__

#include "ring.h"
#include "../grant_table.h"

/* Slots a back end must accept for one packet. */
#define XEN_NETIF_NR_SLOTS_MIN		18

/* Bytes of a packet at most. */
#define XEN_NETIF_MAX_TX_SIZE		0xFFFF

/* netif_tx_request.flags. */
#define _NETTXF_csum_blank		(0)	/* the checksum is only of the pseudo-header */
#define NETTXF_csum_blank		(1U << _NETTXF_csum_blank)
#define _NETTXF_data_validated		(1)	/* no need to check the checksum */
#define NETTXF_data_validated		(1U << _NETTXF_data_validated)
#define _NETTXF_more_data		(2)
#define NETTXF_more_data		(1U << _NETTXF_more_data)
#define _NETTXF_extra_info		(3)
#define NETTXF_extra_info		(1U << _NETTXF_extra_info)

/* netif_rx_response.flags. */
#define _NETRXF_data_validated		(0)
#define NETRXF_data_validated		(1U << _NETRXF_data_validated)
#define _NETRXF_csum_blank		(1)
#define NETRXF_csum_blank		(1U << _NETRXF_csum_blank)
#define _NETRXF_more_data		(2)
#define NETRXF_more_data		(1U << _NETRXF_more_data)
#define _NETRXF_extra_info		(3)
#define NETRXF_extra_info		(1U << _NETRXF_extra_info)
#define _NETRXF_gso_prefix		(4)	/* a slot of GSO data only; old form */
#define NETRXF_gso_prefix		(1U << _NETRXF_gso_prefix)

/* netif_extra_info.type and .flags. */
#define XEN_NETIF_EXTRA_TYPE_NONE	(0)
#define XEN_NETIF_EXTRA_TYPE_GSO	(1)
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD	(2)
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL	(3)
#define XEN_NETIF_EXTRA_TYPE_HASH	(4)
#define XEN_NETIF_EXTRA_TYPE_MAX	(5)
#define _XEN_NETIF_EXTRA_FLAG_MORE	(0)
#define XEN_NETIF_EXTRA_FLAG_MORE	(1U << _XEN_NETIF_EXTRA_FLAG_MORE)

/* netif_extra_info.u.gso.type. */
#define XEN_NETIF_GSO_TYPE_NONE		(0)
#define XEN_NETIF_GSO_TYPE_TCPV4	(1)
#define XEN_NETIF_GSO_TYPE_TCPV6	(2)

/* Status in responses. NETIF_RSP_NULL answers a slot of extra data. */
#define NETIF_RSP_DROPPED		-2
#define NETIF_RSP_ERROR			-1
#define NETIF_RSP_OKAY			0
#define NETIF_RSP_NULL			1

/* What a hash is taken over: bits of XEN_NETIF_CTRL_TYPE_*_HASH_FLAGS. */
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4		0
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4		(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP	1
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP	(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6		2
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6		(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP	3
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP	(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

#define XEN_NETIF_CTRL_HASH_ALGORITHM_NONE	0
#define XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ	1

/* xen_netif_ctrl_request.type, with what data[] holds. */
#define XEN_NETIF_CTRL_TYPE_INVALID		0
#define XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS	1
#define XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS	2	/* flags */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_KEY	3	/* grant, bytes */
#define XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE 4
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE 5	/* elements */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING	6	/* grant, elements, first */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM	7	/* algorithm */
#define XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE 8	/* queue */
#define XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING	9	/* queue, grant of a list, elements */
#define XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING	10	/* queue, grant of a list, elements */

/* xen_netif_ctrl_response.status. */
#define XEN_NETIF_CTRL_STATUS_SUCCESS		0
#define XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED	1
#define XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER	2
#define XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW	3

/* xen_netif_gref.flags. */
#define _XEN_NETIF_CTRLF_GREF_readonly	0
#define XEN_NETIF_CTRLF_GREF_readonly	(1U << _XEN_NETIF_CTRLF_GREF_readonly)

#ifdef XEN_NETIF_DEFINE_TOEPLITZ
/*
 * The hash by which flows are told apart: for each bit of the input that is set, the 32 bits of
 * the key from the same place on are mixed in. The key is taken as followed by zero bytes.
 */
static uint32_t xen_netif_toeplitz_hash(const uint8_t *key, unsigned int keylen,
					const uint8_t *buf, unsigned int buflen)
{
	uint64_t window = 0;	/* the upper half is what a set bit mixes in */
	uint32_t hash = 0;
	unsigned int byte, bit;

	for (byte = 0; byte < 8; byte++)
		window = window << 8 | (byte < keylen ? key[byte] : 0);
	for (byte = 0; byte < buflen; byte++) {
		for (bit = 0; bit < 8; bit++) {
			if (buf[byte] & 0x80 >> bit)
				hash ^= window >> 32;
			window <<= 1;
		}
		window |= byte + 8 < keylen ? key[byte + 8] : 0;
	}
	return hash;
}
#endif

struct netif_tx_request {
	grant_ref_t gref;
	uint16_t offset;			/* bytes, within the page */
	uint16_t flags;				/* NETTXF_* */
	uint16_t id;				/* comes back in the response */
	uint16_t size;				/* bytes */
};
typedef struct netif_tx_request netif_tx_request_t;

struct netif_extra_info {
	uint8_t type;				/* XEN_NETIF_EXTRA_TYPE_* */
	uint8_t flags;				/* XEN_NETIF_EXTRA_FLAG_* */
	union {
		struct {
			uint16_t size;		/* bytes of payload in a segment */
			uint8_t type;		/* XEN_NETIF_GSO_TYPE_* */
			uint8_t pad;
			uint16_t features;	/* zero */
		} gso;
		struct {
			uint8_t addr[6];
		} mcast;
		struct {
			uint8_t type;		/* _XEN_NETIF_CTRL_HASH_TYPE_* */
			uint8_t algorithm;	/* XEN_NETIF_CTRL_HASH_ALGORITHM_* */
			uint8_t value[4];
		} hash;
		uint16_t pad[3];
	} u;
};
typedef struct netif_extra_info netif_extra_info_t;

struct netif_tx_response {
	uint16_t id;
	int16_t status;				/* NETIF_RSP_* */
};
typedef struct netif_tx_response netif_tx_response_t;

struct netif_rx_request {
	uint16_t id;				/* comes back in the response */
	uint16_t pad;
	grant_ref_t gref;			/* of an empty page */
};
typedef struct netif_rx_request netif_rx_request_t;

struct netif_rx_response {
	uint16_t id;
	uint16_t offset;			/* of the data in the page */
	uint16_t flags;				/* NETRXF_* */
	int16_t status;				/* bytes, or NETIF_RSP_* below zero */
};
typedef struct netif_rx_response netif_rx_response_t;

struct xen_netif_ctrl_request {
	uint16_t id;
	uint16_t type;				/* XEN_NETIF_CTRL_TYPE_* */
	uint32_t data[3];
};

struct xen_netif_ctrl_response {
	uint16_t id;
	uint16_t type;				/* that of the request */
	uint32_t status;			/* XEN_NETIF_CTRL_STATUS_* */
	uint32_t data;
};

/* An element of the list of XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING. */
struct xen_netif_gref {
	grant_ref_t ref;
	uint16_t flags;				/* XEN_NETIF_CTRLF_GREF_* */
	uint16_t status;			/* out: XEN_NETIF_CTRL_STATUS_* */
};

DEFINE_RING_TYPES(xen_netif_ctrl, struct xen_netif_ctrl_request, struct xen_netif_ctrl_response);
DEFINE_RING_TYPES(netif_tx, struct netif_tx_request, struct netif_tx_response);
DEFINE_RING_TYPES(netif_rx, struct netif_rx_request, struct netif_rx_response);

#endif /* __XEN_PUBLIC_IO_NETIF_H__ */
