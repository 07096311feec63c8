/* SPDX-License-Identifier: MIT */
/* A frame buffer ("vfb"): a page with two rings of events, and the pages of the picture. */

#ifndef __XEN_PUBLIC_IO_FBIF_H__
#define __XEN_PUBLIC_IO_FBIF_H__

#include <stdint.h>

/* Events from the guest: a rectangle has changed (pixels), or the picture has another size. */
#define XENFB_TYPE_UPDATE	2	/* only if the back end has the node request-update */
#define XENFB_TYPE_RESIZE	3	/* only if it has feature-resize */

/* Events to the guest: how often anybody looks. */
#define XENFB_TYPE_REFRESH_PERIOD	1
#define XENFB_NO_REFRESH		0	/* nobody does */

/* Bytes. */
#define XENFB_OUT_EVENT_SIZE	40
#define XENFB_IN_EVENT_SIZE	40

struct xenfb_update {
	uint8_t type;				/* XENFB_TYPE_UPDATE */
	int32_t x;
	int32_t y;
	int32_t width;
	int32_t height;
};

struct xenfb_resize {
	uint8_t type;				/* XENFB_TYPE_RESIZE */
	int32_t width;
	int32_t height;
	int32_t stride;				/* bytes of a line */
	int32_t depth;				/* bits of a pixel */
	int32_t offset;				/* bytes, of the first pixel */
};

union xenfb_out_event {
	uint8_t type;
	struct xenfb_update update;
	struct xenfb_resize resize;
	char pad[XENFB_OUT_EVENT_SIZE];
};

struct xenfb_refresh_period {
	uint8_t type;				/* XENFB_TYPE_REFRESH_PERIOD */
	uint32_t period;			/* ms */
};

union xenfb_in_event {
	uint8_t type;
	struct xenfb_refresh_period refresh_period;
	char pad[XENFB_IN_EVENT_SIZE];
};

/* The rings within the page; indices run freely. */
#define XENFB_IN_RING_SIZE	1024
#define XENFB_IN_RING_LEN	(XENFB_IN_RING_SIZE / XENFB_IN_EVENT_SIZE)
#define XENFB_IN_RING_OFFS	1024
#define XENFB_IN_RING(page) \
	((union xenfb_in_event *)((char *)(page) + XENFB_IN_RING_OFFS))
#define XENFB_IN_RING_REF(page, idx) \
	(XENFB_IN_RING((page))[(idx) % XENFB_IN_RING_LEN])

#define XENFB_OUT_RING_SIZE	2048
#define XENFB_OUT_RING_LEN	(XENFB_OUT_RING_SIZE / XENFB_OUT_EVENT_SIZE)
#define XENFB_OUT_RING_OFFS	(XENFB_IN_RING_OFFS + XENFB_IN_RING_SIZE)
#define XENFB_OUT_RING(page) \
	((union xenfb_out_event *)((char *)(page) + XENFB_OUT_RING_OFFS))
#define XENFB_OUT_RING_REF(page, idx) \
	(XENFB_OUT_RING((page))[(idx) % XENFB_OUT_RING_LEN])

struct xenfb_page {
	uint32_t in_cons, in_prod;
	uint32_t out_cons, out_prod;
	int32_t width;				/* pixels */
	int32_t height;
	uint32_t line_length;			/* bytes */
	uint32_t mem_length;			/* bytes */
	uint8_t depth;				/* bits of a pixel */
	/* Frames which list the frames of the picture, 1024 or 512 in each; 0 ends. */
	unsigned long pd[256];
};

#endif /* __XEN_PUBLIC_IO_FBIF_H__ */
