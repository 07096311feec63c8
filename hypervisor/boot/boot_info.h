/* SPDX-License-Identifier: GPL-2.0-only */
/* What the loader handed over, whichever protocol it spoke. */
#ifndef HV_BOOT_BOOT_INFO_H
#define HV_BOOT_BOOT_INFO_H

#include "hypervisor/arch/machine.h"
#include "hypervisor/lib/types.h"

#define BOOT_MODULES_MAX	8
#define MODULE_STRING_MAX	1024

struct boot_module {
	paddr_t start;		/* machine address of the contents */
	u64 size;
	char string[MODULE_STRING_MAX];
};

struct boot_framebuffer {
	u64 address;
	u32 pitch, width, height;
	u8 bpp, type;		/* type 2: EGA text, width and height in characters */
	bool present;
};

struct boot_info {
	char cmdline[CMDLINE_MAX];
	char loader[64];
	struct boot_module module[BOOT_MODULES_MAX];
	u32 nr_modules;
	struct machine_map map;
	u8 rsdp[64];
	u32 rsdp_len;		/* 0: the loader gave none */
	struct boot_framebuffer framebuffer;
	bool is_efi;
	u32 left_out;		/* modules or regions beyond our tables */
};

#endif
