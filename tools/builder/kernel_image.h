/* SPDX-License-Identifier: GPL-2.0-only */
/* Gets at the ELF file in a kernel: plain, gzip'ed, or a Linux bzImage packed by gzip or xz. */
#ifndef TOOLS_BUILDER_KERNEL_IMAGE_H
#define TOOLS_BUILDER_KERNEL_IMAGE_H

#include "tools/builder/builder.h"

/*
 * *@elf is what @kernel holds; *@unpacked is to be freed when it is no longer needed (NULL: nothing
 * was unpacked).
 */
int kernel_unpack(const struct build_image *kernel, struct build_image *elf, void **unpacked,
		  struct fault *fault);

#endif
