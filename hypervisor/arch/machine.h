/* SPDX-License-Identifier: GPL-2.0-only */
/* What the firmware and the loader said about this machine, kept for guests that may ask. */
#ifndef HV_ARCH_MACHINE_H
#define HV_ARCH_MACHINE_H

#include "hypervisor/lib/types.h"

/* Memory map entries, with the firmware's (E820) types. */
#define RAM_USABLE	1
#define RAM_RESERVED	2
#define RAM_ACPI	3
#define RAM_NVS		4
#define RAM_BAD		5

#define MACHINE_MAP_MAX	256

struct machine_region {
	u64 start, size;
	u32 type;
};

/* Sorted by address, without overlaps; written once at boot. */
struct machine_map {
	u32 nr;
	struct machine_region region[MACHINE_MAP_MAX];
};

extern struct machine_map machine_map;

/* The hypervisor's command line as the loader gave it (cut to this size): XENVER_commandline. */
#define CMDLINE_MAX	1024
extern char machine_cmdline[CMDLINE_MAX];

/* Puts one region in: where regions meet, the more reserved type wins. False when it is full. */
bool machine_map_add(struct machine_map *map, u64 start, u64 size, u32 type);

#endif
