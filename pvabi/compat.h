/* SPDX-License-Identifier: MIT */
/*
 * What the twins in pvabi/compat/ (generated) rest on: 32-bit scalars for 64-bit code.
 *
 * A twin gives for each structure `foo` of a header a `compat_foo` that has in 64-bit code the
 * layout `foo` has for a 32-bit guest, and for each constant that differs between the widths
 * the 32-bit value, as COMPAT_NAME.
 */

#ifndef __PVABI_COMPAT_H__
#define __PVABI_COMPAT_H__

#include "types.h"

/* A guest's pointer, register and frame number. */
typedef uint32_t compat_ptr_t;
typedef uint32_t compat_ulong_t;
typedef int32_t compat_long_t;
typedef uint32_t compat_pfn_t;

/* The i386 ABI aligns 64-bit members to four bytes. */
typedef uint64_t compat_uint64_t __attribute__((aligned(4)));
typedef int64_t compat_int64_t __attribute__((aligned(4)));

/* XEN_GUEST_HANDLE() and XEN_GUEST_HANDLE_64(): the guest's address, zero-extended. */
typedef struct {
	compat_ptr_t c;
} compat_handle_t;
typedef struct {
	uint64_t c __attribute__((aligned(8)));
} compat_handle_64_t;

#endif /* __PVABI_COMPAT_H__ */
