/* SPDX-License-Identifier: GPL-2.0-only */
/* Unpacks xz data, as Linux kernels are packed by it. */
#ifndef TOOLS_BUILDER_XZ_H
#define TOOLS_BUILDER_XZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool xz_detect(const void *data, size_t len);

/*
 * Unpacks the blocks of one stream into @out, which takes exactly @out_len bytes. 0, -EINVAL
 * (damaged, cut off, of another size, or with a filter that is not known), or -ENOMEM.
 */
int xz_unpack(const void *data, size_t len, void *out, size_t out_len);

/* --- lzma2.c ---------------------------------------------------------------------------------- */
/*
 * Unpacks LZMA2 chunks up to their end mark. @*used: bytes of @in; @*done: bytes of @out. No byte
 * of @out before the call is looked at.
 */
int lzma2_unpack(const uint8_t *in, size_t len, size_t *used, uint8_t *out, size_t out_len,
		 size_t *done);

/* --- xz_x86.c --------------------------------------------------------------------------------- */
/* Gives calls and jumps their relative addresses back; @data begins at address 0. */
void xz_x86_decode(uint8_t *data, size_t len);

#endif
