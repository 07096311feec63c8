/* SPDX-License-Identifier: MIT */
/* The 9P file protocol over byte rings, several of them for each connection. */

#ifndef __XEN_PUBLIC_IO_9PFS_H__
#define __XEN_PUBLIC_IO_9PFS_H__

#include "../grant_table.h"
#include "ring.h"

/* The page in which xen_9pfs_data_intf stands is granted, the data pages are in its `ref`. */
DEFINE_XEN_FLEX_RING_AND_INTF(xen_9pfs);

#endif /* __XEN_PUBLIC_IO_9PFS_H__ */
