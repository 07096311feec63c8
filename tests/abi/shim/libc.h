/* SPDX-License-Identifier: GPL-2.0-only */
/* What Xen's headers expect to be declared by who includes them; there is no C library for -m32. */
#ifndef ABI_SHIM_LIBC_H
#define ABI_SHIM_LIBC_H

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);

#endif
