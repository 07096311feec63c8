/* SPDX-License-Identifier: GPL-2.0-only */
/* What a new guest finds in its registers and in start_info. */
#ifndef TOOLS_BUILDER_START_H
#define TOOLS_BUILDER_START_H

#include "tools/builder/builder.h"
#include "tools/builder/layout.h"

struct start {
	const struct elf_image *image;
	const struct layout *layout;
	const struct build_result *result;
	const char *cmdline;
	uint64_t ramdisk_size;
	uint64_t shared_info_mfn;
	uint64_t root_mfn;
};

#define START_MAX_CONTEXT 5168 /* bytes; the larger of the two widths */

/* Fills a page with start_info. */
void start_fill_info(const struct start *start, void *page);
/* Fills the context of vCPU 0, START_MAX_CONTEXT bytes, 8-byte aligned. */
void start_fill_context(const struct start *start, void *context);

#endif
