/* SPDX-License-Identifier: MIT */
/* Loading and starting another kernel: HYPERVISOR_kexec_op(cmd, arg). Privileged. */

#ifndef _XEN_PUBLIC_KEXEC_H
#define _XEN_PUBLIC_KEXEC_H

#include "xen.h"

#define KEXEC_CMD_kexec			0	/* struct xen_kexec_exec; no return */
#define KEXEC_CMD_kexec_load_v1		1	/* struct xen_kexec_load_v1; served no more */
#define KEXEC_CMD_kexec_unload_v1	2	/* struct xen_kexec_load_v1; served no more */
#define KEXEC_CMD_kexec_get_range	3	/* struct xen_kexec_range */
#define KEXEC_CMD_kexec_load		4	/* struct xen_kexec_load */
#define KEXEC_CMD_kexec_unload		5	/* struct xen_kexec_unload */
#define KEXEC_CMD_kexec_status		6	/* struct xen_kexec_status; returns 1 if loaded */

#define KEXEC_XEN_NO_PAGES		17

/* Kinds of images. */
#define KEXEC_TYPE_DEFAULT		0
#define KEXEC_TYPE_CRASH		1

/* xen_kexec_range.range. */
#define KEXEC_RANGE_MA_CRASH		0	/* set aside for a crash kernel */
#define KEXEC_RANGE_MA_XEN		1
#define KEXEC_RANGE_MA_CPU		2	/* crash notes of CPU `nr` */
#define KEXEC_RANGE_MA_XENHEAP		3
#define KEXEC_RANGE_MA_BOOT_PARAM	4	/* ia64 */
#define KEXEC_RANGE_MA_EFI_MEMMAP	5	/* ia64 */
#define KEXEC_RANGE_MA_VMCOREINFO	6

struct xen_kexec_image {
	unsigned long page_list[KEXEC_XEN_NO_PAGES];
	unsigned long indirection_page;
	unsigned long start_address;
};
typedef struct xen_kexec_image xen_kexec_image_t;

struct xen_kexec_exec {
	int type;				/* KEXEC_TYPE_* */
};
typedef struct xen_kexec_exec xen_kexec_exec_t;

struct xen_kexec_load_v1 {
	int type;
	xen_kexec_image_t image;
};
typedef struct xen_kexec_load_v1 xen_kexec_load_v1_t;

struct xen_kexec_range {
	int range;				/* KEXEC_RANGE_MA_* */
	int nr;
	unsigned long size;			/* out: bytes */
	unsigned long start;			/* out: machine address */
};
typedef struct xen_kexec_range xen_kexec_range_t;

struct xen_kexec_segment {
	union {
		XEN_GUEST_HANDLE(const_void) h;
		uint64_t _pad;
	} buf;
	uint64_t buf_size;			/* bytes */
	uint64_t dest_maddr;
	uint64_t dest_size;
};
typedef struct xen_kexec_segment xen_kexec_segment_t;
DEFINE_XEN_GUEST_HANDLE(xen_kexec_segment_t);

struct xen_kexec_load {
	uint8_t type;				/* KEXEC_TYPE_* */
	uint8_t _pad;
	uint16_t arch;				/* EM_386 or EM_X86_64 */
	uint32_t nr_segments;
	union {
		XEN_GUEST_HANDLE(xen_kexec_segment_t) h;
		uint64_t _pad;
	} segments;
	uint64_t entry_maddr;
};
typedef struct xen_kexec_load xen_kexec_load_t;
DEFINE_XEN_GUEST_HANDLE(xen_kexec_load_t);

struct xen_kexec_unload {
	uint8_t type;				/* KEXEC_TYPE_* */
};
typedef struct xen_kexec_unload xen_kexec_unload_t;
DEFINE_XEN_GUEST_HANDLE(xen_kexec_unload_t);

struct xen_kexec_status {
	uint8_t type;				/* KEXEC_TYPE_* */
};
typedef struct xen_kexec_status xen_kexec_status_t;
DEFINE_XEN_GUEST_HANDLE(xen_kexec_status_t);

#endif /* _XEN_PUBLIC_KEXEC_H */
