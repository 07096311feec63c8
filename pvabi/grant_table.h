/* SPDX-License-Identifier: MIT */
/* Grants: pages one domain lends to another. HYPERVISOR_grant_table_op(cmd, args, count). */

#ifndef __XEN_PUBLIC_GRANT_TABLE_H__
#define __XEN_PUBLIC_GRANT_TABLE_H__

#include "xen.h"

/* Entries the toolstack fills in before the guest starts. */
#define GNTTAB_NR_RESERVED_ENTRIES	8
#define GNTTAB_RESERVED_CONSOLE		0
#define GNTTAB_RESERVED_XENSTORE	1

/*
 * Flags of an entry. The guest writes domid and frame, then, behind a write barrier, the flags. It
 * ends a grant by a compare-and-exchange of the flags to 0, which fails while the grant is in use
 * (GTF_reading, GTF_writing).
 */
#define GTF_invalid		(0U << 0)
#define GTF_permit_access	(1U << 0)	/* may be mapped and copied */
#define GTF_accept_transfer	(2U << 0)	/* will take a page */
#define GTF_transitive		(3U << 0)	/* names a grant of a third domain (v2) */
#define GTF_type_mask		(3U << 0)

/* With GTF_permit_access. */
#define _GTF_readonly		(2)
#define GTF_readonly		(1U << _GTF_readonly)
#define _GTF_reading		(3)		/* set by the hypervisor */
#define GTF_reading		(1U << _GTF_reading)
#define _GTF_writing		(4)		/* set by the hypervisor */
#define GTF_writing		(1U << _GTF_writing)
#define _GTF_PWT		(5)
#define GTF_PWT			(1U << _GTF_PWT)
#define _GTF_PCD		(6)
#define GTF_PCD			(1U << _GTF_PCD)
#define _GTF_PAT		(7)
#define GTF_PAT			(1U << _GTF_PAT)
#define _GTF_sub_page		(8)		/* a part of a page, copies only (v2) */
#define GTF_sub_page		(1U << _GTF_sub_page)

/* With GTF_accept_transfer: set by the hypervisor, the second when `frame` is valid. */
#define _GTF_transfer_committed	(2)
#define GTF_transfer_committed	(1U << _GTF_transfer_committed)
#define _GTF_transfer_completed	(3)
#define GTF_transfer_completed	(1U << _GTF_transfer_completed)

/* Commands. Each element of `args` gets a status of its own. */
#define GNTTABOP_map_grant_ref		0
#define GNTTABOP_unmap_grant_ref	1
#define GNTTABOP_setup_table		2
#define GNTTABOP_dump_table		3
#define GNTTABOP_transfer		4
#define GNTTABOP_copy			5
#define GNTTABOP_query_size		6
#define GNTTABOP_unmap_and_replace	7
#define GNTTABOP_set_version		8
#define GNTTABOP_get_status_frames	9
#define GNTTABOP_get_version		10
#define GNTTABOP_swap_grant_ref		11
#define GNTTABOP_cache_flush		12

/* gnttab_copy.flags: this side is named by a grant, not by a frame of the caller. */
#define _GNTCOPY_source_gref		(0)
#define GNTCOPY_source_gref		(1 << _GNTCOPY_source_gref)
#define _GNTCOPY_dest_gref		(1)
#define GNTCOPY_dest_gref		(1 << _GNTCOPY_dest_gref)

/* gnttab_cache_flush.op. */
#define GNTTAB_CACHE_CLEAN		(1u << 0)
#define GNTTAB_CACHE_INVAL		(1u << 1)
#define GNTTAB_CACHE_SOURCE_GREF	(1u << 31)

/* gnttab_map_grant_ref.flags. */
#define _GNTMAP_device_map		(0)	/* for DMA */
#define GNTMAP_device_map		(1 << _GNTMAP_device_map)
#define _GNTMAP_host_map		(1)	/* for the CPU, at host_addr */
#define GNTMAP_host_map			(1 << _GNTMAP_host_map)
#define _GNTMAP_readonly		(2)
#define GNTMAP_readonly			(1 << _GNTMAP_readonly)
#define _GNTMAP_application_map		(3)	/* user mode may use the mapping */
#define GNTMAP_application_map		(1 << _GNTMAP_application_map)
#define _GNTMAP_contains_pte		(4)	/* host_addr is the machine address of an entry */
#define GNTMAP_contains_pte		(1 << _GNTMAP_contains_pte)
#define _GNTMAP_guest_avail0		(16)	/* bits for the entry's software bits */
#define GNTMAP_guest_avail_mask		((uint32_t)~0 << _GNTMAP_guest_avail0)

/* Status values. */
#define GNTST_okay			(0)
#define GNTST_general_error		(-1)
#define GNTST_bad_domain		(-2)	/* no such domain */
#define GNTST_bad_gntref		(-3)	/* not granted, or not to the caller */
#define GNTST_bad_handle		(-4)	/* not a mapping of the caller */
#define GNTST_bad_virt_addr		(-5)
#define GNTST_bad_dev_addr		(-6)
#define GNTST_no_device_space		(-7)	/* the IOMMU has no room */
#define GNTST_permission_denied		(-8)
#define GNTST_bad_page			(-9)
#define GNTST_bad_copy_arg		(-10)	/* the range leaves its page */
#define GNTST_address_too_big		(-11)
#define GNTST_eagain			(-12)	/* paged out, ask again */
#define GNTST_no_space			(-13)

/* Initializer of an array of strings, indexed by -GNTST_*. */
#define GNTTABOP_error_msgs			\
	{					\
		"okay",				\
		"general error",		\
		"no such domain",		\
		"bad grant reference",		\
		"bad mapping handle",		\
		"bad virtual address",		\
		"bad device address",		\
		"no room in the IOMMU",		\
		"permission denied",		\
		"bad page",			\
		"range leaves its page",	\
		"address too big",		\
		"try again",			\
		"out of space",			\
	}

#ifndef __ASSEMBLY__

typedef uint32_t grant_ref_t;
typedef uint32_t grant_handle_t;

/* An entry of the table, version 1. */
struct grant_entry_v1 {
	uint16_t flags;				/* GTF_* */
	domid_t domid;				/* who may use it */
	uint32_t frame;
};
typedef struct grant_entry_v1 grant_entry_v1_t;

/* An entry of the table, version 2, whose status words stand in pages of their own. */
struct grant_entry_header {
	uint16_t flags;
	domid_t domid;
};
typedef struct grant_entry_header grant_entry_header_t;

union grant_entry_v2 {
	grant_entry_header_t hdr;
	struct {
		grant_entry_header_t hdr;
		uint32_t pad0;
		uint64_t frame;
	} full_page;
	struct {
		grant_entry_header_t hdr;
		uint16_t page_off;		/* bytes */
		uint16_t length;		/* bytes */
		uint64_t frame;
	} sub_page;
	struct {
		grant_entry_header_t hdr;
		domid_t trans_domid;
		uint16_t pad0;
		grant_ref_t gref;
	} transitive;
	uint32_t __spacer[4];
};
typedef union grant_entry_v2 grant_entry_v2_t;

typedef uint16_t grant_status_t;

/* Maps a grant of `dom`. */
struct gnttab_map_grant_ref {
	uint64_t host_addr;			/* linear address, or see GNTMAP_contains_pte */
	uint32_t flags;				/* GNTMAP_* */
	grant_ref_t ref;
	domid_t dom;
	int16_t status;				/* out: GNTST_* */
	grant_handle_t handle;			/* out: for the unmap */
	uint64_t dev_bus_addr;			/* out: for GNTMAP_device_map */
};
typedef struct gnttab_map_grant_ref gnttab_map_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_map_grant_ref_t);

/* An address of 0 leaves that mapping alone; both gone, the handle is free. */
struct gnttab_unmap_grant_ref {
	uint64_t host_addr;
	uint64_t dev_bus_addr;
	grant_handle_t handle;
	int16_t status;				/* out */
};
typedef struct gnttab_unmap_grant_ref gnttab_unmap_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_unmap_grant_ref_t);

/* Makes the table at least nr_frames long and lists its frames. One element only. */
struct gnttab_setup_table {
	domid_t dom;
	uint32_t nr_frames;
	int16_t status;				/* out */
	XEN_GUEST_HANDLE(xen_pfn_t) frame_list;
};
typedef struct gnttab_setup_table gnttab_setup_table_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_setup_table_t);

/* Prints the table to the console. */
struct gnttab_dump_table {
	domid_t dom;
	int16_t status;				/* out */
};
typedef struct gnttab_dump_table gnttab_dump_table_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_dump_table_t);

/* Gives a frame away to a domain that accepts it by `ref`. */
struct gnttab_transfer {
	xen_pfn_t mfn;
	domid_t domid;
	grant_ref_t ref;
	int16_t status;				/* out */
};
typedef struct gnttab_transfer gnttab_transfer_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_transfer_t);

/* Copies bytes between two pages, each named by a grant or a frame. */
struct gnttab_copy_ptr {
	union {
		grant_ref_t ref;
		xen_pfn_t gmfn;
	} u;
	domid_t domid;
	uint16_t offset;
};
struct gnttab_copy {
	struct gnttab_copy_ptr source, dest;
	uint16_t len;				/* bytes */
	uint16_t flags;				/* GNTCOPY_* */
	int16_t status;				/* out */
};
typedef struct gnttab_copy gnttab_copy_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_copy_t);

struct gnttab_query_size {
	domid_t dom;
	uint32_t nr_frames;			/* out */
	uint32_t max_nr_frames;			/* out */
	int16_t status;				/* out */
};
typedef struct gnttab_query_size gnttab_query_size_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_query_size_t);

/* Unmaps, and moves the mapping at new_addr into the place. */
struct gnttab_unmap_and_replace {
	uint64_t host_addr;
	uint64_t new_addr;
	grant_handle_t handle;
	int16_t status;				/* out */
};
typedef struct gnttab_unmap_and_replace gnttab_unmap_and_replace_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_unmap_and_replace_t);

/* Version 1 or 2; only while no grant is in use. */
struct gnttab_set_version {
	uint32_t version;			/* in, out */
};
typedef struct gnttab_set_version gnttab_set_version_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_set_version_t);

struct gnttab_get_status_frames {
	uint32_t nr_frames;
	domid_t dom;
	int16_t status;				/* out */
	XEN_GUEST_HANDLE(uint64_t) frame_list;
};
typedef struct gnttab_get_status_frames gnttab_get_status_frames_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_get_status_frames_t);

struct gnttab_get_version {
	domid_t dom;
	uint16_t pad;
	uint32_t version;			/* out */
};
typedef struct gnttab_get_version gnttab_get_version_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_get_version_t);

/* Exchanges two entries of the caller's own table. */
struct gnttab_swap_grant_ref {
	grant_ref_t ref_a;
	grant_ref_t ref_b;
	int16_t status;				/* out */
};
typedef struct gnttab_swap_grant_ref gnttab_swap_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_swap_grant_ref_t);

struct gnttab_cache_flush {
	union {
		uint64_t dev_bus_addr;
		grant_ref_t ref;
	} a;
	uint16_t offset;			/* bytes */
	uint16_t length;			/* bytes */
	uint32_t op;				/* GNTTAB_CACHE_* */
};
typedef struct gnttab_cache_flush gnttab_cache_flush_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_cache_flush_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_GRANT_TABLE_H__ */
