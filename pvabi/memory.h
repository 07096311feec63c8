/* SPDX-License-Identifier: MIT */
/* Memory of a domain: HYPERVISOR_memory_op(cmd, arg). */

#ifndef __XEN_PUBLIC_MEMORY_H__
#define __XEN_PUBLIC_MEMORY_H__

#include "xen.h"
#include "physdev.h"

/*
 * Reservations: struct xen_memory_reservation. The result is the number of extents done, which is
 * less than asked for when memory or the domain's maximum ran out; never an error for that.
 */
#define XENMEM_increase_reservation	0	/* mfns out */
#define XENMEM_decrease_reservation	1	/* mfns in */
#define XENMEM_populate_physmap		6	/* pfns in, mfns out, M2P written */
#define XENMEM_exchange			11	/* struct xen_memory_exchange */
#define XENMEM_claim_pages		24	/* privileged: sets nr_extents pages aside */

/* Questions, answered by the result. */
#define XENMEM_maximum_ram_page		2	/* no argument: mfn after the last */
#define XENMEM_current_reservation	3	/* struct xen_memory_domain: pages */
#define XENMEM_maximum_reservation	4	/* struct xen_memory_domain: pages */
#define XENMEM_maximum_gpfn		14	/* struct xen_memory_domain: greatest pfn */
#define XENMEM_get_sharing_freed_pages	18	/* no argument */
#define XENMEM_get_sharing_shared_pages	19	/* no argument */

#define XENMEM_machphys_mfn_list	5	/* struct xen_machphys_mfn_list */
#define XENMEM_machphys_compat_mfn_list	25	/* the same of the table of pv32 guests */
#define XENMEM_machphys_mapping		12	/* struct xen_machphys_mapping */
#define XENMEM_add_to_physmap		7	/* struct xen_add_to_physmap */
#define XENMEM_add_to_physmap_batch	23	/* struct xen_add_to_physmap_batch */
#define XENMEM_remove_from_physmap	15	/* struct xen_remove_from_physmap */
#define XENMEM_memory_map		9	/* struct xen_memory_map: of the domain */
#define XENMEM_machine_memory_map	10	/* the same of the machine; privileged */
#define XENMEM_set_memory_map		13	/* struct xen_foreign_memory_map; privileged */
#define XENMEM_set_pod_target		16	/* struct xen_pod_target (HVM) */
#define XENMEM_get_pod_target		17	/* struct xen_pod_target (HVM) */
#define XENMEM_paging_op		20	/* struct xen_mem_paging_op (HVM) */
#define XENMEM_access_op		21	/* struct xen_mem_access_op (HVM) */
#define XENMEM_sharing_op		22	/* struct xen_mem_sharing_op (HVM) */
#define XENMEM_get_vnumainfo		26	/* struct xen_vnuma_topology_info */
#define XENMEM_reserved_device_memory_map 27	/* struct xen_reserved_device_memory_map */
#define XENMEM_acquire_resource		28	/* struct xen_mem_acquire_resource */

/* xen_memory_reservation.mem_flags. Address bits: 0 for any; node: 0 for any, else node + 1. */
#define XENMEMF_address_bits(x)		(x)
#define XENMEMF_get_address_bits(x)	((x) & 0xffu)
#define XENMEMF_node(x)			(((x) + 1) << 8)
#define XENMEMF_get_node(x)		((((x) >> 8) - 1) & 0xffu)
#define XENMEMF_populate_on_demand	(1 << 16)
#define XENMEMF_exact_node_request	(1 << 17)	/* rather fail than use another node */
#define XENMEMF_exact_node(n)		(XENMEMF_node(n) | XENMEMF_exact_node_request)
#define XENMEMF_vnode			(1 << 18)	/* the node is a virtual one */

/* xen_add_to_physmap.space; only the first two concern a PV guest, and only translated ones. */
#define XENMAPSPACE_shared_info		0
#define XENMAPSPACE_grant_table		1
#define XENMAPSPACE_gmfn		2
#define XENMAPSPACE_gmfn_range		3
#define XENMAPSPACE_gmfn_foreign	4
#define XENMAPSPACE_dev_mmio		5

/* xen_add_to_physmap.idx with XENMAPSPACE_grant_table: a status page, not a table page. */
#define XENMAPIDX_grant_table_status	0x80000000

/* xen_mem_paging_op.op. */
#define XENMEM_paging_op_nominate	0
#define XENMEM_paging_op_evict		1
#define XENMEM_paging_op_prep		2

/* xen_mem_access_op.op. */
#define XENMEM_access_op_set_access	0
#define XENMEM_access_op_get_access	1
#define XENMEM_access_op_set_access_multi 4

/* xen_mem_sharing_op.op. */
#define XENMEM_sharing_op_nominate_gfn	0
#define XENMEM_sharing_op_nominate_gref	1
#define XENMEM_sharing_op_share		2
#define XENMEM_sharing_op_debug_gfn	3
#define XENMEM_sharing_op_debug_mfn	4
#define XENMEM_sharing_op_debug_gref	5
#define XENMEM_sharing_op_add_physmap	6
#define XENMEM_sharing_op_audit		7
#define XENMEM_sharing_op_range_share	8
#define XENMEM_sharing_op_fork		9
#define XENMEM_sharing_op_fork_reset	10

#define XENMEM_SHARING_OP_S_HANDLE_INVALID	(-10)
#define XENMEM_SHARING_OP_C_HANDLE_INVALID	(-9)

/* A grant reference in a place meant for a frame number. */
#define XENMEM_SHARING_OP_FIELD_IS_GREF_FLAG	(xen_mk_ullong(1) << 62)
#define XENMEM_SHARING_OP_FIELD_MAKE_GREF(field, val) \
	((field) = (XENMEM_SHARING_OP_FIELD_IS_GREF_FLAG | (val)))
#define XENMEM_SHARING_OP_FIELD_IS_GREF(field) \
	((field) & XENMEM_SHARING_OP_FIELD_IS_GREF_FLAG)
#define XENMEM_SHARING_OP_FIELD_GET_GREF(field) \
	((field) & (~XENMEM_SHARING_OP_FIELD_IS_GREF_FLAG))

/* xen_mem_sharing_op.u.fork.flags. */
#define XENMEM_FORK_WITH_IOMMU_ALLOWED	(1u << 0)
#define XENMEM_FORK_BLOCK_INTERRUPTS	(1u << 1)
#define XENMEM_FORK_RESET_STATE		(1u << 2)
#define XENMEM_FORK_RESET_MEMORY	(1u << 3)

/* xen_reserved_device_memory_map.flags: regions of all devices. */
#define XENMEM_RDM_ALL			1

/* xen_mem_acquire_resource.type, .id and .frame. */
#define XENMEM_resource_ioreq_server	0
#define XENMEM_resource_grant_table	1
#define XENMEM_resource_vmtrace_buf	2
#define XENMEM_resource_grant_table_id_shared	0
#define XENMEM_resource_grant_table_id_status	1
#define XENMEM_resource_ioreq_server_frame_bufioreq	0
#define XENMEM_resource_ioreq_server_frame_ioreq(n)	(1 + (n))

struct xen_memory_reservation {
	XEN_GUEST_HANDLE(xen_pfn_t) extent_start;	/* first frame of each extent */
	xen_ulong_t nr_extents;
	unsigned int extent_order;		/* an extent has 1 << extent_order pages */
	unsigned int mem_flags;			/* XENMEMF_* */
	domid_t domid;				/* other than DOMID_SELF is privileged */
};
typedef struct xen_memory_reservation xen_memory_reservation_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_reservation_t);

/* Gives `in` back and takes as many pages, in extents of another order or place, as `out`. */
struct xen_memory_exchange {
	struct xen_memory_reservation in;
	struct xen_memory_reservation out;
	xen_ulong_t nr_exchanged;		/* out: extents of `in`; 0 on entry */
};
typedef struct xen_memory_exchange xen_memory_exchange_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_exchange_t);

struct xen_memory_domain {
	domid_t domid;
};

/* The frames of the M2P table, in 2 MiB pieces. */
struct xen_machphys_mfn_list {
	unsigned int max_extents;		/* room in extent_start */
	XEN_GUEST_HANDLE(xen_pfn_t) extent_start;
	unsigned int nr_extents;		/* out */
};
typedef struct xen_machphys_mfn_list xen_machphys_mfn_list_t;
DEFINE_XEN_GUEST_HANDLE(xen_machphys_mfn_list_t);

/* Where the M2P table is mapped for the caller. */
struct xen_machphys_mapping {
	xen_ulong_t v_start, v_end;		/* linear addresses */
	xen_ulong_t max_mfn;			/* greatest index */
};
typedef struct xen_machphys_mapping xen_machphys_mapping_t;
DEFINE_XEN_GUEST_HANDLE(xen_machphys_mapping_t);

struct xen_add_to_physmap {
	domid_t domid;
	uint16_t size;				/* pages, for XENMAPSPACE_gmfn_range */
	unsigned int space;			/* XENMAPSPACE_* */
	xen_ulong_t idx;
	xen_pfn_t gpfn;
};
typedef struct xen_add_to_physmap xen_add_to_physmap_t;
DEFINE_XEN_GUEST_HANDLE(xen_add_to_physmap_t);

union xen_add_to_physmap_batch_extra {
	domid_t foreign_domid;			/* for XENMAPSPACE_gmfn_foreign */
	uint16_t res0;				/* else zero */
};
struct xen_add_to_physmap_batch {
	domid_t domid;
	uint16_t space;				/* XENMAPSPACE_* */
	uint16_t size;				/* elements of each array */
	union xen_add_to_physmap_batch_extra u;
	XEN_GUEST_HANDLE(xen_ulong_t) idxs;
	XEN_GUEST_HANDLE(xen_pfn_t) gpfns;
	XEN_GUEST_HANDLE(int) errs;		/* out */
};
typedef struct xen_add_to_physmap_batch xen_add_to_physmap_batch_t;
DEFINE_XEN_GUEST_HANDLE(xen_add_to_physmap_batch_t);

struct xen_remove_from_physmap {
	domid_t domid;
	xen_pfn_t gpfn;
};
typedef struct xen_remove_from_physmap xen_remove_from_physmap_t;
DEFINE_XEN_GUEST_HANDLE(xen_remove_from_physmap_t);

/* The buffer holds E820 entries of 20 bytes each. */
struct xen_memory_map {
	unsigned int nr_entries;		/* in: room, out: entries written */
	XEN_GUEST_HANDLE(void) buffer;
};
typedef struct xen_memory_map xen_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_map_t);

struct xen_foreign_memory_map {
	domid_t domid;
	struct xen_memory_map map;
};
typedef struct xen_foreign_memory_map xen_foreign_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_foreign_memory_map_t);

struct xen_pod_target {
	uint64_t target_pages;			/* in */
	uint64_t tot_pages;			/* out from here on */
	uint64_t pod_cache_pages;
	uint64_t pod_entries;
	domid_t domid;				/* in */
};
typedef struct xen_pod_target xen_pod_target_t;

struct xen_mem_paging_op {
	uint8_t op;				/* XENMEM_paging_op_* */
	domid_t domain;
	XEN_GUEST_HANDLE_64(const_uint8) buffer;	/* contents, for _prep */
	uint64_aligned_t gfn;
};
typedef struct xen_mem_paging_op xen_mem_paging_op_t;
DEFINE_XEN_GUEST_HANDLE(xen_mem_paging_op_t);

enum xenmem_access {
	XENMEM_access_n,
	XENMEM_access_r,
	XENMEM_access_w,
	XENMEM_access_rw,
	XENMEM_access_x,
	XENMEM_access_rx,
	XENMEM_access_wx,
	XENMEM_access_rwx,
	XENMEM_access_rx2rw,			/* rx until the first write, then rw */
	XENMEM_access_n2rwx,			/* none until the first access, then all */
	XENMEM_access_default
};
typedef enum xenmem_access xenmem_access_t;

struct xen_mem_access_op {
	uint8_t op;				/* XENMEM_access_op_* */
	uint8_t access;				/* xenmem_access_t */
	domid_t domid;
	uint32_t nr;				/* pages from pfn on */
	uint64_aligned_t pfn;			/* ~0: the default */
	XEN_GUEST_HANDLE(const_uint64) pfn_list;
	XEN_GUEST_HANDLE(const_uint8) access_list;
};
typedef struct xen_mem_access_op xen_mem_access_op_t;
DEFINE_XEN_GUEST_HANDLE(xen_mem_access_op_t);

struct mem_sharing_op_nominate {
	union {
		uint64_aligned_t gfn;
		uint32_t grant_ref;
	} u;
	uint64_aligned_t handle;		/* out */
};
struct mem_sharing_op_share {
	uint64_aligned_t source_gfn;
	uint64_aligned_t source_handle;
	uint64_aligned_t client_gfn;
	uint64_aligned_t client_handle;
	domid_t client_domain;
};
struct mem_sharing_op_range {
	uint64_aligned_t first_gfn;
	uint64_aligned_t last_gfn;
	uint64_aligned_t opaque;		/* 0 on entry */
	domid_t client_domain;
	uint16_t _pad[3];
};
struct mem_sharing_op_debug {
	union {
		uint64_aligned_t gfn;
		uint64_aligned_t mfn;
		uint32_t gref;
	} u;
};
struct mem_sharing_op_fork {
	domid_t parent_domain;
	uint16_t flags;				/* XENMEM_FORK_* */
	uint32_t pad;
};
struct xen_mem_sharing_op {
	uint8_t op;				/* XENMEM_sharing_op_* */
	domid_t domain;
	union {
		struct mem_sharing_op_nominate nominate;
		struct mem_sharing_op_share share;
		struct mem_sharing_op_range range;
		struct mem_sharing_op_debug debug;
		struct mem_sharing_op_fork fork;
	} u;
};
typedef struct xen_mem_sharing_op xen_mem_sharing_op_t;
DEFINE_XEN_GUEST_HANDLE(xen_mem_sharing_op_t);

/* Regions that devices need mapped one to one. -ENOBUFS if there are more than nr_entries. */
struct xen_reserved_device_memory {
	xen_pfn_t start_pfn;
	xen_ulong_t nr_pages;
};
typedef struct xen_reserved_device_memory xen_reserved_device_memory_t;
DEFINE_XEN_GUEST_HANDLE(xen_reserved_device_memory_t);

struct xen_reserved_device_memory_map {
	uint32_t flags;				/* XENMEM_RDM_ALL */
	unsigned int nr_entries;		/* in: room, out: regions */
	XEN_GUEST_HANDLE(xen_reserved_device_memory_t) buffer;
	union {
		physdev_pci_device_t pci;
	} dev;
};
typedef struct xen_reserved_device_memory_map xen_reserved_device_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_reserved_device_memory_map_t);

/* Frames the hypervisor keeps for a domain, such as its grant table, to be mapped by a tool. */
struct xen_mem_acquire_resource {
	domid_t domid;
	uint16_t type;				/* XENMEM_resource_* */
	uint32_t id;
	uint32_t nr_frames;			/* 0 with a null list: out, the size */
	uint32_t pad;
	uint64_t frame;				/* first one wanted */
	XEN_GUEST_HANDLE(xen_pfn_t) frame_list;
};
typedef struct xen_mem_acquire_resource xen_mem_acquire_resource_t;
DEFINE_XEN_GUEST_HANDLE(xen_mem_acquire_resource_t);

/* Virtual NUMA: a range of memory and its node. */
struct xen_vmemrange {
	uint64_t start, end;			/* bytes */
	unsigned int flags;
	unsigned int nid;
};
typedef struct xen_vmemrange xen_vmemrange_t;
DEFINE_XEN_GUEST_HANDLE(xen_vmemrange_t);

/* -ENOBUFS, with the numbers set right, if an array is too small. */
struct xen_vnuma_topology_info {
	domid_t domid;
	uint16_t pad;
	unsigned int nr_vnodes;			/* in: room, out: number; so the next two */
	unsigned int nr_vcpus;
	unsigned int nr_vmemranges;
	union {
		XEN_GUEST_HANDLE(uint) h;
		uint64_t pad;
	} vdistance;
	union {
		XEN_GUEST_HANDLE(uint) h;
		uint64_t pad;
	} vcpu_to_vnode;
	union {
		XEN_GUEST_HANDLE(xen_vmemrange_t) h;
		uint64_t pad;
	} vmemrange;
};
typedef struct xen_vnuma_topology_info xen_vnuma_topology_info_t;
DEFINE_XEN_GUEST_HANDLE(xen_vnuma_topology_info_t);

#endif /* __XEN_PUBLIC_MEMORY_H__ */
