/* SPDX-License-Identifier: MIT */
/* The version of the interface these headers describe: always the newest, without old spellings. */

#ifndef __XEN_PUBLIC_XEN_COMPAT_H__
#define __XEN_PUBLIC_XEN_COMPAT_H__

#define __XEN_LATEST_INTERFACE_VERSION__	0x00040e00

#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__		__XEN_LATEST_INTERFACE_VERSION__
#endif

/* Length of a trailing array; an older name of XEN_FLEX_ARRAY_DIM. */
#define COMPAT_FLEX_ARRAY_DIM			XEN_FLEX_ARRAY_DIM

#endif /* __XEN_PUBLIC_XEN_COMPAT_H__ */
