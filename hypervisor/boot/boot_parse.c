/* SPDX-License-Identifier: GPL-2.0-only */
/* Filling struct boot_info, for both Multiboot protocols. */
#include "hypervisor/boot/boot_parse.h"

#include "hypervisor/lib/string.h"

void boot_add_module(struct boot_info *info, u64 start, u64 end, const char *string)
{
	struct boot_module *m = &info->module[info->nr_modules];

	if (info->nr_modules == BOOT_MODULES_MAX || end <= start) {
		info->left_out++;
		return;
	}
	m->start = start;
	m->size = end - start;
	str_copy(m->string, string, sizeof(m->string));
	info->nr_modules++;
}

void boot_add_region(struct boot_info *info, u64 start, u64 size, u32 type)
{
	if (size && !machine_map_add(&info->map, start, size, type))
		info->left_out++;
}

static void drop_first_word(char *s)
{
	const char *p = s + strlen(s), *space = strchr(s, ' ');

	if (space)
		for (p = space; *p == ' ';)
			p++;
	memmove(s, p, strlen(p) + 1);
}

/* GRUB 2 gives arguments only; others, as QEMU, begin with the name of the file. */
void boot_finish(struct boot_info *info)
{
	if (str_starts(info->loader, "GRUB 2"))
		return;
	drop_first_word(info->cmdline);
	for (u32 i = 0; i < info->nr_modules; i++)
		drop_first_word(info->module[i].string);
}
