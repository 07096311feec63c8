/* SPDX-License-Identifier: GPL-2.0-only */
/* The Multiboot1 information: a structure of addresses. */
#include "hypervisor/boot/boot_parse.h"
#include "hypervisor/boot/multiboot.h"

#include "hypervisor/lib/errno.h"

#define MB1_HAS_MEMORY		0x001
#define MB1_HAS_CMDLINE		0x004
#define MB1_HAS_MODULES		0x008
#define MB1_HAS_MMAP		0x040
#define MB1_HAS_LOADER		0x200
#define MB1_HAS_FRAMEBUFFER	0x1000

struct mb1_info {
	u32 flags;
	u32 mem_lower, mem_upper;	/* KiB, below and above 1 MiB */
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 syms[4];
	u32 mmap_length, mmap_addr;
	u32 drives_length, drives_addr;
	u32 config_table;
	u32 loader_name;
	u32 apm_table;
	u32 vbe[4];
	u64 fb_address;
	u32 fb_pitch, fb_width, fb_height;
	u8 fb_bpp, fb_type;
} __packed;

struct mb1_module {
	u32 start, end, string, reserved;
} __packed;

struct mb1_mmap_entry {
	u32 size;		/* of what follows this field */
	u64 base, length;
	u32 type;
} __packed;

/* A string of unknown length: read byte by byte, so that its end may be the end of memory. */
static void read_string(char *dst, size_t size, u32 at, boot_read_fn read)
{
	size_t n = 0;
	const char *c;

	while (n + 1 < size && (c = read((u64)at + n, 1)) && *c)
		dst[n++] = *c;
	dst[n] = '\0';
}

static void parse_modules(struct boot_info *info, u32 at, u32 count, boot_read_fn read)
{
	char string[MODULE_STRING_MAX];

	for (u32 i = 0; i < MIN(count, 64u); i++) {
		const struct mb1_module *m = read((u64)at + i * sizeof(*m), sizeof(*m));

		if (!m)
			return;
		read_string(string, sizeof(string), m->string, read);
		boot_add_module(info, m->start, m->end, string);
	}
}

static void parse_mmap(struct boot_info *info, u32 at, u32 length, boot_read_fn read)
{
	u64 end = (u64)at + length, entry = at;

	while (end - entry >= sizeof(struct mb1_mmap_entry)) {
		const struct mb1_mmap_entry *e = read(entry, sizeof(*e));

		if (!e || e->size < sizeof(*e) - sizeof(e->size))
			return;
		boot_add_region(info, e->base, e->length, e->type);
		if (end - entry < e->size + sizeof(e->size))
			return;
		entry += e->size + sizeof(e->size);
	}
}

/* Without a map: what the loader says about the first megabyte and about what is above it. */
static void assume_memory(struct boot_info *info, const struct mb1_info *mbi)
{
	boot_add_region(info, 0, KiB(MIN(mbi->mem_lower, 640u)), RAM_USABLE);
	boot_add_region(info, MiB(1), KiB(mbi->mem_upper), RAM_USABLE);
}

int multiboot1_parse(struct boot_info *info, u32 at, boot_read_fn read)
{
	const struct mb1_info *mbi = read(at, sizeof(*mbi));

	if (!mbi)
		return -EINVAL;
	if (mbi->flags & MB1_HAS_LOADER)
		read_string(info->loader, sizeof(info->loader), mbi->loader_name, read);
	if (mbi->flags & MB1_HAS_CMDLINE)
		read_string(info->cmdline, sizeof(info->cmdline), mbi->cmdline, read);
	if (mbi->flags & MB1_HAS_MODULES)
		parse_modules(info, mbi->mods_addr, mbi->mods_count, read);
	if (mbi->flags & MB1_HAS_MMAP)
		parse_mmap(info, mbi->mmap_addr, mbi->mmap_length, read);
	else if (mbi->flags & MB1_HAS_MEMORY)
		assume_memory(info, mbi);
	if (mbi->flags & MB1_HAS_FRAMEBUFFER)
		info->framebuffer = (struct boot_framebuffer){
			mbi->fb_address, mbi->fb_pitch, mbi->fb_width, mbi->fb_height,
			mbi->fb_bpp, mbi->fb_type, true,
		};
	boot_finish(info);
	return info->map.nr ? 0 : -EINVAL;
}
