/* SPDX-License-Identifier: MIT */
/*
 * Rings in a shared page: requests one way, responses back in the same slots.
 *
 * DEFINE_RING_TYPES(foo, struct foo_request, struct foo_response) makes union foo_sring_entry,
 * struct foo_sring (the shared page), struct foo_front_ring and struct foo_back_ring (private).
 * Indices run freely; a slot is an index modulo the number of slots, the greatest power of two that
 * fits the page. A producer fills slots, then publishes its index behind a write barrier, and
 * notifies only if the other side's event index lies in what was published. A consumer that runs
 * dry sets its event index and looks once more (RING_FINAL_CHECK_...), so no notification is lost.
 *
 * The other side may be hostile: copy an entry (RING_COPY_...) before checking it, and bound what
 * the shared indices say (..._OVERFLOW).
 *
 * Who uses it defines xen_mb(), xen_rmb() and xen_wmb(): full, read and write barriers.
 */

#ifndef __XEN_PUBLIC_IO_RING_H__
#define __XEN_PUBLIC_IO_RING_H__

#include "../xen-compat.h"
#include <stdint.h>

typedef unsigned int RING_IDX;

/* The greatest power of two not above a 32-bit constant. */
#define __RD2(x)	(((x) & 0x00000002) ? 0x2 : ((x) & 0x1))
#define __RD4(x)	(((x) & 0x0000000c) ? __RD2((x) >> 2) << 2 : __RD2(x))
#define __RD8(x)	(((x) & 0x000000f0) ? __RD4((x) >> 4) << 4 : __RD4(x))
#define __RD16(x)	(((x) & 0x0000ff00) ? __RD8((x) >> 8) << 8 : __RD8(x))
#define __RD32(x)	(((x) & 0xffff0000) ? __RD16((x) >> 16) << 16 : __RD16(x))

/* Slots of a ring in sz bytes: as a constant from its name, or from a pointer to it. */
#define __CONST_RING_SIZE(s, sz)					\
	(__RD32(((sz) - __builtin_offsetof(struct s##_sring, ring)) /	\
		sizeof(((struct s##_sring *)0)->ring[0])))
#define __RING_SIZE(s, sz)						\
	(__RD32(((sz) - (long)(s)->ring + (long)(s)) / sizeof((s)->ring[0])))

#define DEFINE_RING_TYPES(name, req_t, rsp_t)				\
union name##_sring_entry {						\
	req_t req;							\
	rsp_t rsp;							\
};									\
									\
struct name##_sring {							\
	RING_IDX req_prod, req_event;					\
	RING_IDX rsp_prod, rsp_event;					\
	union {								\
		struct {						\
			uint8_t smartpoll_active;			\
		} netif;						\
		struct {						\
			uint8_t msg;					\
		} tapif_user;						\
		uint8_t pvt_pad[4];					\
	} pvt;								\
	uint8_t __pad[44];						\
	union name##_sring_entry ring[1];	/* and those behind */	\
};									\
									\
struct name##_front_ring {						\
	RING_IDX req_prod_pvt;			/* filled so far */	\
	RING_IDX rsp_cons;						\
	unsigned int nr_ents;						\
	struct name##_sring *sring;					\
};									\
									\
struct name##_back_ring {						\
	RING_IDX rsp_prod_pvt;			/* filled so far */	\
	RING_IDX req_cons;						\
	unsigned int nr_ents;						\
	struct name##_sring *sring;					\
};									\
									\
typedef struct name##_sring name##_sring_t;				\
typedef struct name##_front_ring name##_front_ring_t;			\
typedef struct name##_back_ring name##_back_ring_t

/* The front end makes a new ring. */
#define SHARED_RING_INIT(s)						\
	do {								\
		(s)->req_prod = (s)->rsp_prod = 0;			\
		(s)->req_event = (s)->rsp_event = 1;			\
		__builtin_memset((s)->pvt.pvt_pad, 0, sizeof((s)->pvt.pvt_pad)); \
		__builtin_memset((s)->__pad, 0, sizeof((s)->__pad));	\
	} while (0)

/* Attach to a ring in use, at index i; or to a new one. */
#define FRONT_RING_ATTACH(r, s, i, size)				\
	do {								\
		(r)->req_prod_pvt = (i);				\
		(r)->rsp_cons = (i);					\
		(r)->nr_ents = __RING_SIZE(s, size);			\
		(r)->sring = (s);					\
	} while (0)
#define FRONT_RING_INIT(r, s, size)	FRONT_RING_ATTACH(r, s, 0, size)
#define XEN_FRONT_RING_INIT(r, s, size)					\
	do {								\
		SHARED_RING_INIT(s);					\
		FRONT_RING_INIT(r, s, size);				\
	} while (0)
#define BACK_RING_ATTACH(r, s, i, size)					\
	do {								\
		(r)->rsp_prod_pvt = (i);				\
		(r)->req_cons = (i);					\
		(r)->nr_ents = __RING_SIZE(s, size);			\
		(r)->sring = (s);					\
	} while (0)
#define BACK_RING_INIT(r, s, size)	BACK_RING_ATTACH(r, s, 0, size)

#define RING_SIZE(r)		((r)->nr_ents)
#define RING_FREE_REQUESTS(r)	(RING_SIZE(r) - ((r)->req_prod_pvt - (r)->rsp_cons))
#define RING_FULL(r)		(RING_FREE_REQUESTS(r) == 0)

/* What waits for the caller. Requests never exceed the slots without a response in the making. */
#define XEN_RING_NR_UNCONSUMED_RESPONSES(r)	((r)->sring->rsp_prod - (r)->rsp_cons)
#define XEN_RING_NR_UNCONSUMED_REQUESTS(r)				\
	({								\
		unsigned int __req = (r)->sring->req_prod - (r)->req_cons; \
		unsigned int __room = RING_SIZE(r) -			\
			((r)->req_cons - (r)->rsp_prod_pvt);		\
		__req < __room ? __req : __room;			\
	})

#ifdef XEN_RING_HAS_UNCONSUMED_IS_BOOL
#define RING_HAS_UNCONSUMED_RESPONSES(r)	(!!XEN_RING_NR_UNCONSUMED_RESPONSES(r))
#define RING_HAS_UNCONSUMED_REQUESTS(r)		(!!XEN_RING_NR_UNCONSUMED_REQUESTS(r))
#else
#define RING_HAS_UNCONSUMED_RESPONSES(r)	XEN_RING_NR_UNCONSUMED_RESPONSES(r)
#define RING_HAS_UNCONSUMED_REQUESTS(r)		XEN_RING_NR_UNCONSUMED_REQUESTS(r)
#endif

/* The entry in place (to fill it in), and a copy of it taken once (to read it). */
#define RING_GET_REQUEST(r, idx)	(&((r)->sring->ring[((idx) & (RING_SIZE(r) - 1))].req))
#define RING_GET_RESPONSE(r, idx)	(&((r)->sring->ring[((idx) & (RING_SIZE(r) - 1))].rsp))
#define RING_COPY_(type, r, idx, dest)					\
	do {								\
		*(dest) = *(volatile __typeof__(dest))RING_GET_##type(r, idx); \
	} while (0)
#define RING_COPY_REQUEST(r, idx, req)	RING_COPY_(REQUEST, r, idx, req)
#define RING_COPY_RESPONSE(r, idx, rsp)	RING_COPY_(RESPONSE, r, idx, rsp)

/* True if an index cannot be: the other side is broken, or lies. */
#define RING_REQUEST_CONS_OVERFLOW(r, cons)	(((cons) - (r)->rsp_prod_pvt) >= RING_SIZE(r))
#define RING_REQUEST_PROD_OVERFLOW(r, prod)	(((prod) - (r)->rsp_prod_pvt) > RING_SIZE(r))
#define RING_RESPONSE_PROD_OVERFLOW(r, prod)	(((prod) - (r)->rsp_cons) > RING_SIZE(r))

#define RING_PUSH_REQUESTS(r)						\
	do {								\
		xen_wmb();						\
		(r)->sring->req_prod = (r)->req_prod_pvt;		\
	} while (0)
#define RING_PUSH_RESPONSES(r)						\
	do {								\
		xen_wmb();						\
		(r)->sring->rsp_prod = (r)->rsp_prod_pvt;		\
	} while (0)

/* Publish, and say whether the other side waits for it. */
#define RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(r, notify)			\
	do {								\
		RING_IDX __old = (r)->sring->req_prod;			\
		RING_IDX __new = (r)->req_prod_pvt;			\
		xen_wmb();						\
		(r)->sring->req_prod = __new;				\
		xen_mb();						\
		(notify) = ((RING_IDX)(__new - (r)->sring->req_event) <	\
			    (RING_IDX)(__new - __old));			\
	} while (0)
#define RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(r, notify)			\
	do {								\
		RING_IDX __old = (r)->sring->rsp_prod;			\
		RING_IDX __new = (r)->rsp_prod_pvt;			\
		xen_wmb();						\
		(r)->sring->rsp_prod = __new;				\
		xen_mb();						\
		(notify) = ((RING_IDX)(__new - (r)->sring->rsp_event) <	\
			    (RING_IDX)(__new - __old));			\
	} while (0)

/* Ask to be notified, then look whether something came in between. */
#define RING_FINAL_CHECK_FOR_REQUESTS(r, work)				\
	do {								\
		(work) = RING_HAS_UNCONSUMED_REQUESTS(r);		\
		if (work)						\
			break;						\
		(r)->sring->req_event = (r)->req_cons + 1;		\
		xen_mb();						\
		(work) = RING_HAS_UNCONSUMED_REQUESTS(r);		\
	} while (0)
#define RING_FINAL_CHECK_FOR_RESPONSES(r, work)				\
	do {								\
		(work) = RING_HAS_UNCONSUMED_RESPONSES(r);		\
		if (work)						\
			break;						\
		(r)->sring->rsp_event = (r)->rsp_cons + 1;		\
		xen_mb();						\
		(work) = RING_HAS_UNCONSUMED_RESPONSES(r);		\
	} while (0)

/*
 * Byte rings of 1 << ring_order pages, one half for each direction. Indices handed to
 * NAME_read_packet() and NAME_write_packet() are masked already; the caller has checked that
 * there are `size` bytes of data, or of room.
 */
#ifndef XEN_PAGE_SHIFT
#define XEN_PAGE_SHIFT	12
#endif
#define XEN_FLEX_RING_SIZE(order)	(1UL << ((order) + XEN_PAGE_SHIFT - 1))

/* Not every user of a ring needs each of its functions, and some compilers would say so. */
#define PVABI_RING_FN	static inline __attribute__((__unused__))

#define DEFINE_XEN_FLEX_RING(name)					\
PVABI_RING_FN RING_IDX name##_mask(RING_IDX idx, RING_IDX ring_size)	\
{									\
	return idx & (ring_size - 1);					\
}									\
									\
PVABI_RING_FN unsigned char *name##_get_ring_ptr(unsigned char *buf,	\
						 RING_IDX idx,		\
						 RING_IDX ring_size)	\
{									\
	return buf + name##_mask(idx, ring_size);			\
}									\
									\
PVABI_RING_FN void name##_read_packet(void *opaque,			\
				      const unsigned char *buf,		\
				      __SIZE_TYPE__ size,		\
				      RING_IDX masked_prod,		\
				      RING_IDX *masked_cons,		\
				      RING_IDX ring_size)		\
{									\
	__SIZE_TYPE__ first = ring_size - *masked_cons;			\
									\
	if (*masked_cons < masked_prod || size < first)			\
		first = size;						\
	__builtin_memcpy(opaque, buf + *masked_cons, first);		\
	__builtin_memcpy((unsigned char *)opaque + first, buf, size - first); \
	*masked_cons = name##_mask(*masked_cons + size, ring_size);	\
}									\
									\
PVABI_RING_FN void name##_write_packet(unsigned char *buf,		\
				       const void *opaque,		\
				       __SIZE_TYPE__ size,		\
				       RING_IDX *masked_prod,		\
				       RING_IDX masked_cons,		\
				       RING_IDX ring_size)		\
{									\
	__SIZE_TYPE__ first = ring_size - *masked_prod;			\
									\
	if (*masked_prod < masked_cons || size < first)			\
		first = size;						\
	__builtin_memcpy(buf + *masked_prod, opaque, first);		\
	__builtin_memcpy(buf, (const unsigned char *)opaque + first, size - first); \
	*masked_prod = name##_mask(*masked_prod + size, ring_size);	\
}									\
									\
PVABI_RING_FN RING_IDX name##_queued(RING_IDX prod, RING_IDX cons,	\
				     RING_IDX ring_size)		\
{									\
	RING_IDX used;							\
									\
	if (prod == cons)						\
		return 0;						\
	used = name##_mask(prod - cons, ring_size);			\
	return used ? used : ring_size;					\
}									\
									\
struct name##_data {							\
	unsigned char *in;						\
	unsigned char *out;						\
}

#define DEFINE_XEN_FLEX_RING_AND_INTF(name)				\
struct name##_data_intf {						\
	RING_IDX in_cons, in_prod;					\
	uint8_t pad1[56];						\
	RING_IDX out_cons, out_prod;					\
	uint8_t pad2[56];						\
	RING_IDX ring_order;						\
	grant_ref_t ref[];						\
};									\
DEFINE_XEN_FLEX_RING(name)

#endif /* __XEN_PUBLIC_IO_RING_H__ */
