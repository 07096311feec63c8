/* SPDX-License-Identifier: MIT */
/*
 * The ramdisk: a cpio archive ("newc" format) that came as the domain's module. Its regular files
 * and directories appear, read-only and in place (no copy), under "/".
 */
#ifndef MINIOS_RAMDISK_H
#define MINIOS_RAMDISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ramdisk_entry {
	const char *path;	/* without leading "/" or "./"; "" is the root */
	const void *data;
	size_t size;
	bool is_dir;
	uint32_t mtime;
};

/*
 * Reads the archive's directory. A damaged archive gives -EINVAL (what was read before the damage
 * stays visible); -ENOMEM. Called by the kernel with the module, if there is one.
 */
int ramdisk_init(const void *archive, size_t size);

/* NULL when there is no such path. "a//b", "./a" and a trailing "/" are understood, ".." is not. */
const struct ramdisk_entry *ramdisk_find(const char *path);

/*
 * The children of a directory, in the archive's order: start with *cursor 0, NULL at the end. The
 * child's last name is ramdisk_name(entry).
 */
const struct ramdisk_entry *ramdisk_next(const struct ramdisk_entry *dir, size_t *cursor);
const char *ramdisk_name(const struct ramdisk_entry *entry);

#endif
