/* SPDX-License-Identifier: MIT */
/* Settings of the hypervisor as a file system: HYPERVISOR_hypfs_op. Privileged. */

#ifndef __XEN_PUBLIC_HYPFS_H__
#define __XEN_PUBLIC_HYPFS_H__

#include "xen.h"

#define XEN_HYPFS_VERSION		1	/* result of XEN_HYPFS_OP_get_version */
#define XEN_HYPFS_MAX_PATHLEN		1024	/* bytes, with the zero byte */

/* Commands; arguments: path, its length, buffer, its size. */
#define XEN_HYPFS_OP_get_version	0
#define XEN_HYPFS_OP_read		1
#define XEN_HYPFS_OP_write_contents	2

/* xen_hypfs_direntry.type and .encoding. */
#define XEN_HYPFS_TYPE_DIR		0
#define XEN_HYPFS_TYPE_BLOB		1
#define XEN_HYPFS_TYPE_STRING		2
#define XEN_HYPFS_TYPE_UINT		3
#define XEN_HYPFS_TYPE_INT		4
#define XEN_HYPFS_TYPE_BOOL		5
#define XEN_HYPFS_ENC_PLAIN		0
#define XEN_HYPFS_ENC_GZIP		1

struct xen_hypfs_direntry {
	uint8_t type;				/* XEN_HYPFS_TYPE_* */
	uint8_t encoding;			/* XEN_HYPFS_ENC_* */
	uint16_t pad;
	uint32_t content_len;			/* bytes */
	uint32_t max_write_len;			/* bytes, 0: read only */
};
typedef struct xen_hypfs_direntry xen_hypfs_direntry_t;

/* An entry of a directory's contents. */
struct xen_hypfs_dirlistentry {
	xen_hypfs_direntry_t e;
	uint16_t off_next;			/* from this one to the next, 0: the last */
	char name[XEN_FLEX_ARRAY_DIM];
};

#endif /* __XEN_PUBLIC_HYPFS_H__ */
