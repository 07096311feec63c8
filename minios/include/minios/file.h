/* SPDX-License-Identifier: MIT */
/*
 * Files: the descriptor table behind newlib's open, read, write, lseek, fstat, close, fopen,
 * opendir (include the standard headers for those). One table for all threads. 0-2 are the console,
 * paths are the ramdisk's; programs may add kinds of their own.
 */
#ifndef MINIOS_FILE_H
#define MINIOS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/stat.h>

struct file;

/*
 * What a kind of file does. All return negative errno on failure; NULL members fail with -EINVAL
 * (read, write), -ESPIPE (seek). close frees ctx. ready: would a read return at once?
 */
struct file_ops {
	ssize_t (*read)(void *ctx, void *buf, size_t len);
	ssize_t (*write)(void *ctx, const void *buf, size_t len);
	off_t (*seek)(void *ctx, off_t offset, int whence);
	int (*stat)(void *ctx, struct stat *st);
	bool (*ready)(void *ctx);
	void (*close)(void *ctx);
	bool is_tty;
};

#define FILE_MAX 64

/* A new descriptor for (ops, ctx), or -EMFILE (ctx is then still the caller's). */
int file_install(const struct file_ops *ops, void *ctx);

/*
 * A pipe of a bounded buffer between threads: fds[0] reads, fds[1] writes. Reading gives 0 (end of
 * file) after the writing end is closed, writing gives -EPIPE after the reading end is closed.
 */
int file_pipe(int fds[2]);

/* Two pipes crosswise: what is written to one end is read at the other. */
int file_socketpair(int fds[2]);

/*
 * Sleeps until one of the descriptors has something to read (or is at its end), and returns its
 * index in fds; -ETIMEDOUT at the deadline (monotonic ns; NO_DEADLINE, 0 polls); -EBADF.
 */
int file_wait(const int *fds, size_t count, uint64_t deadline);

/* A kind of file calls this when its ready() may have become true. Usable in interrupt context. */
void file_wake(void);

#endif
