/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds a PV domain: from images in memory to a paused domain that can be unpaused. */
#ifndef TOOLS_BUILDER_BUILDER_H
#define TOOLS_BUILDER_BUILDER_H

#include "pvabi/event_channel.h"
#include "pvabi/xen.h"
#include "tools/builder/fault.h"
#include "tools/cfg/domain_config.h"

/* Room above maxmem for pages that are on their way in or out, as libxl gives. */
#define BUILD_SLACK_KB 1024

struct build_image {
	const void *data;
	size_t len;
	const char *name; /* for whoever is told what is wrong with it */
};

struct build_result {
	domid_t domid;
	unsigned int bits; /* 32 or 64 */
	uint64_t pages;
	uint64_t store_mfn, console_mfn;
	evtchn_port_t store_port, console_port; /* the domain's; bind them from here */
};

/*
 * @config must be without fault and have a UUID; @kernel is an ELF file, also packed (see
 * kernel_image.h), @ramdisk may be empty. 0, or a negative errno with the reason in *@fault: then
 * nothing is left of it.
 */
int build_domain(const struct domain_config *config, const struct build_image *kernel,
		 const struct build_image *ramdisk, struct build_result *result,
		 struct fault *fault);

#endif
