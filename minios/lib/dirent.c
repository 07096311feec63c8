/* SPDX-License-Identifier: MIT */
/* <dirent.h> over the ramdisk. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <minios/ramdisk.h>

struct minios_dir {
	const struct ramdisk_entry *entry;
	size_t cursor;
	struct dirent current;
};

DIR *opendir(const char *path)
{
	const struct ramdisk_entry *e = ramdisk_find(path);
	DIR *dir;

	if (!e || !e->is_dir) {
		errno = e ? ENOTDIR : ENOENT;
		return NULL;
	}
	dir = calloc(1, sizeof(*dir));
	if (dir)
		dir->entry = e;
	return dir;
}

struct dirent *readdir(DIR *dir)
{
	const struct ramdisk_entry *e = ramdisk_next(dir->entry, &dir->cursor);

	if (!e)
		return NULL;
	dir->current.d_ino = dir->cursor;
	dir->current.d_type = e->is_dir ? DT_DIR : DT_REG;
	strncpy(dir->current.d_name, ramdisk_name(e), sizeof(dir->current.d_name) - 1);
	return &dir->current;
}

void rewinddir(DIR *dir)
{
	dir->cursor = 0;
}

int closedir(DIR *dir)
{
	free(dir);
	return 0;
}
