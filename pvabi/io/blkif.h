/* SPDX-License-Identifier: MIT */
/*
 * Block devices, between a front end ("vbd" in the guest) and a back end.
 *
 * Nodes of the back end: physical-device or params, mode ("r", "w"), sectors, sector-size (bytes),
 * info (VDISK_*), feature-barrier, feature-flush-cache, feature-discard, feature-persistent,
 * feature-max-indirect-segments, max-ring-page-order, multi-queue-max-queues. Nodes of the front
 * end: ring-ref (or ring-page-order and ring-refN), event-channel, protocol, virtual-device,
 * feature-persistent, multi-queue-num-queues and then queue-N/ring-ref, queue-N/event-channel.
 *
 * Sectors have 512 bytes in this protocol, whatever sector-size says.
 */

#ifndef __XEN_PUBLIC_IO_BLKIF_H__
#define __XEN_PUBLIC_IO_BLKIF_H__

#include "ring.h"
#include "../grant_table.h"

/* Types of the handle and of a sector number; a front end may have its own handles. */
#ifndef blkif_vdev_t
#define blkif_vdev_t	uint16_t
#endif
#define blkif_sector_t	uint64_t

/* blkif_request.operation. */
#define BLKIF_OP_READ			0
#define BLKIF_OP_WRITE			1
#define BLKIF_OP_WRITE_BARRIER		2	/* all before it is on the disk, then this is */
#define BLKIF_OP_FLUSH_DISKCACHE	3	/* all that was answered is on the disk */
#define BLKIF_OP_RESERVED_1		4	/* packets to devices, long ago */
#define BLKIF_OP_DISCARD		5	/* struct blkif_request_discard */
#define BLKIF_OP_INDIRECT		6	/* struct blkif_request_indirect */

/* Segments in a request, and pages of segments in an indirect one. */
#define BLKIF_MAX_SEGMENTS_PER_REQUEST		11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST	8

/* blkif_request_discard.flag: make the data unreadable. */
#define BLKIF_DISCARD_SECURE	(1 << 0)

/* blkif_response.status. */
#define BLKIF_RSP_EOPNOTSUPP	-2
#define BLKIF_RSP_ERROR		-1
#define BLKIF_RSP_OKAY		0

/* Bits of the node "info". */
#define VDISK_CDROM		0x1
#define VDISK_REMOVABLE		0x2
#define VDISK_READONLY		0x4

/* A page of data, of which sectors first_sect to last_sect (0 to 7) are meant. */
struct blkif_request_segment {
	grant_ref_t gref;
	uint8_t first_sect, last_sect;
};

struct blkif_request {
	uint8_t operation;			/* BLKIF_OP_* */
	uint8_t nr_segments;
	blkif_vdev_t handle;
	uint64_t id;				/* comes back in the response */
	blkif_sector_t sector_number;
	struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};
typedef struct blkif_request blkif_request_t;

/* In the place of a blkif_request. */
struct blkif_request_discard {
	uint8_t operation;			/* BLKIF_OP_DISCARD */
	uint8_t flag;				/* BLKIF_DISCARD_* */
	blkif_vdev_t handle;
	uint64_t id;
	blkif_sector_t sector_number;
	uint64_t nr_sectors;
};
typedef struct blkif_request_discard blkif_request_discard_t;

/* In the place of a blkif_request: the segments stand in granted pages, 512 in each. */
struct blkif_request_indirect {
	uint8_t operation;			/* BLKIF_OP_INDIRECT */
	uint8_t indirect_op;			/* BLKIF_OP_READ or BLKIF_OP_WRITE */
	uint16_t nr_segments;
	uint64_t id;
	blkif_sector_t sector_number;
	blkif_vdev_t handle;
	grant_ref_t indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
#ifdef __i386__
	uint64_t pad;				/* as long as for 64-bit guests */
#endif
};
typedef struct blkif_request_indirect blkif_request_indirect_t;

struct blkif_response {
	uint64_t id;
	uint8_t operation;			/* that of the request */
	int16_t status;				/* BLKIF_RSP_* */
};
typedef struct blkif_response blkif_response_t;

DEFINE_RING_TYPES(blkif, struct blkif_request, struct blkif_response);

#endif /* __XEN_PUBLIC_IO_BLKIF_H__ */
