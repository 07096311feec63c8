/* SPDX-License-Identifier: MIT */
/* The descriptor table's calls with negative errno. Programs use the standard ones. */
#ifndef MINIOS_FILE_TABLE_H
#define MINIOS_FILE_TABLE_H

#include <minios/file.h>

/* Descriptors 0-2 are the console after this. */
void file_init(void);

int file_open(const char *path, int flags);
ssize_t file_read(int fd, void *buf, size_t len);
ssize_t file_write(int fd, const void *buf, size_t len);
off_t file_seek(int fd, off_t offset, int whence);
int file_stat(int fd, struct stat *st);
int file_stat_path(const char *path, struct stat *st);
int file_is_tty(int fd);
int file_close(int fd);

#endif
