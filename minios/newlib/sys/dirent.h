/* SPDX-License-Identifier: MIT */
/* Directories for newlib's <dirent.h>: the reading side, as minios/lib/dirent.c provides it. */
#ifndef _SYS_DIRENT_H
#define _SYS_DIRENT_H

#include <sys/types.h>

#define NAME_MAX_DIRENT 255

#define DT_UNKNOWN 0
#define DT_DIR     4
#define DT_REG     8

struct dirent {
	ino_t d_ino;
	unsigned char d_type;
	char d_name[NAME_MAX_DIRENT + 1];
};

typedef struct minios_dir DIR;

DIR *opendir(const char *path);
struct dirent *readdir(DIR *dir);
void rewinddir(DIR *dir);
int closedir(DIR *dir);

#endif
