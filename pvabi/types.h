/* SPDX-License-Identifier: MIT */
/*
 * Scalar types and guest handles, on which all other public headers rest.
 *
 * A guest handle is a pointer of the guest's own width, wrapped in a structure so that nobody
 * dereferences it by mistake. XEN_GUEST_HANDLE_64() is the form for control structures, which have
 * one layout for callers of both widths: always eight bytes, eight-aligned, upper half zero on
 * i386. Both carry the pointer in the member `p`; write it with set_xen_guest_handle(), which
 * clears the upper half where there is one.
 */

#ifndef __PVABI_TYPES_H__
#define __PVABI_TYPES_H__

#include "xen-compat.h"

#if !defined(__i386__) && !defined(__x86_64__)
#error "Only x86 is described here"
#endif

#ifdef __ASSEMBLY__

#define xen_mk_uint(x)		x
#define xen_mk_ulong(x)		x
#define xen_mk_ullong(x)	x

#else /* !__ASSEMBLY__ */

#include <stdint.h>

#define __xen_mk_uint(x)	x ## U
#define __xen_mk_ulong(x)	x ## UL
#define __xen_mk_ullong(x)	x ## ULL
#define xen_mk_uint(x)		__xen_mk_uint(x)
#define xen_mk_ulong(x)		__xen_mk_ulong(x)
#define xen_mk_ullong(x)	__xen_mk_ullong(x)

/* Dimension of an array at the end of a structure whose length the structure tells elsewhere. */
#define XEN_FLEX_ARRAY_DIM

/* A frame number, and an integer of the guest's register width. */
typedef unsigned long xen_pfn_t;
typedef unsigned long xen_ulong_t;
#define PRI_xen_pfn	"lx"
#define PRIu_xen_pfn	"lu"
#define PRI_xen_ulong	"lx"

/* 64-bit members of control structures: the i386 ABI would align them to four bytes only. */
#ifdef __i386__
#define int64_aligned_t		int64_t __attribute__((aligned(8)))
#define uint64_aligned_t	uint64_t __attribute__((aligned(8)))
#else
#define int64_aligned_t		int64_t
#define uint64_aligned_t	uint64_t
#endif

#ifdef __i386__
#define ___DEFINE_XEN_GUEST_HANDLE(name, type)				\
	typedef struct {						\
		type *p;						\
	} __guest_handle_ ## name;					\
	typedef struct {						\
		union {							\
			type *p;					\
			uint64_aligned_t q;				\
		};							\
	} __guest_handle_64_ ## name
#define __XEN_GUEST_HANDLE_64(name)	__guest_handle_64_ ## name
#else
#define ___DEFINE_XEN_GUEST_HANDLE(name, type)				\
	typedef struct {						\
		type *p;						\
	} __guest_handle_ ## name
#define __XEN_GUEST_HANDLE_64(name)	__guest_handle_ ## name
#endif

/* DEFINE_XEN_GUEST_HANDLE(foo_t): handles to foo_t and (as const_foo_t) to const foo_t. */
#define __DEFINE_XEN_GUEST_HANDLE(name, type)				\
	___DEFINE_XEN_GUEST_HANDLE(name, type);				\
	___DEFINE_XEN_GUEST_HANDLE(const_ ## name, const type)
#define DEFINE_XEN_GUEST_HANDLE(name)	__DEFINE_XEN_GUEST_HANDLE(name, name)

#define __XEN_GUEST_HANDLE(name)	__guest_handle_ ## name
#define XEN_GUEST_HANDLE(name)		__XEN_GUEST_HANDLE(name)
#define XEN_GUEST_HANDLE_64(name)	__XEN_GUEST_HANDLE_64(name)
/* A handle as an argument of a hypercall, as against a member of a structure: the same on x86. */
#define XEN_GUEST_HANDLE_PARAM(name)	XEN_GUEST_HANDLE(name)

#ifdef __i386__
#define set_xen_guest_handle_raw(hnd, val)				\
	do {								\
		if (sizeof(hnd) == 8)					\
			__builtin_memset(&(hnd), 0, sizeof(hnd));	\
		(hnd).p = (val);					\
	} while (0)
#else
#define set_xen_guest_handle_raw(hnd, val)				\
	do {								\
		(hnd).p = (val);					\
	} while (0)
#endif
#define set_xen_guest_handle(hnd, val)	set_xen_guest_handle_raw(hnd, val)

DEFINE_XEN_GUEST_HANDLE(char);
__DEFINE_XEN_GUEST_HANDLE(uchar, unsigned char);
DEFINE_XEN_GUEST_HANDLE(int);
__DEFINE_XEN_GUEST_HANDLE(uint, unsigned int);
DEFINE_XEN_GUEST_HANDLE(void);
DEFINE_XEN_GUEST_HANDLE(uint64_t);
DEFINE_XEN_GUEST_HANDLE(xen_pfn_t);
DEFINE_XEN_GUEST_HANDLE(xen_ulong_t);
__DEFINE_XEN_GUEST_HANDLE(uint8, uint8_t);
__DEFINE_XEN_GUEST_HANDLE(uint16, uint16_t);
__DEFINE_XEN_GUEST_HANDLE(uint32, uint32_t);
__DEFINE_XEN_GUEST_HANDLE(uint64, uint64_t);

#endif /* __ASSEMBLY__ */

#endif /* __PVABI_TYPES_H__ */
