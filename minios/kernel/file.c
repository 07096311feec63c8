/* SPDX-License-Identifier: MIT */
/* The descriptor table, and the two kinds of file that are always there: console and ramdisk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <minios/console.h>
#include <minios/file.h>
#include <minios/file_table.h>
#include <minios/ramdisk.h>
#include <minios/wait.h>

struct file {
	const struct file_ops *ops;
	void *ctx;
	unsigned int users;	/* threads that are in a call on it */
	bool closing;
};

static struct file files[FILE_MAX];
static struct wait_queue activity = WAIT_QUEUE_INIT(activity);

/* --- the console ------------------------------------------------------------------------------ */
static ssize_t tty_read(void *ctx, void *buf, size_t len)
{
	(void)ctx;
	return console_file_read(buf, len);
}

static ssize_t tty_write(void *ctx, const void *buf, size_t len)
{
	(void)ctx;
	return console_file_write(buf, len);
}

static bool tty_ready(void *ctx)
{
	(void)ctx;
	return console_readable();
}

static int tty_stat(void *ctx, struct stat *st)
{
	(void)ctx;
	st->st_mode = S_IFCHR | 0600;
	st->st_blksize = 1;
	return 0;
}

static const struct file_ops tty_ops = {
	.read = tty_read,
	.write = tty_write,
	.ready = tty_ready,
	.stat = tty_stat,
	.is_tty = true,
};

/* --- files of the ramdisk --------------------------------------------------------------------- */
struct disk_file {
	const struct ramdisk_entry *entry;
	size_t pos;
};

static ssize_t disk_read(void *ctx, void *buf, size_t len)
{
	struct disk_file *f = ctx;
	size_t left = f->pos < f->entry->size ? f->entry->size - f->pos : 0;

	if (f->entry->is_dir)
		return -EISDIR;
	if (len > left)
		len = left;
	memcpy(buf, (const char *)f->entry->data + f->pos, len);
	f->pos += len;
	return len;
}

static off_t disk_seek(void *ctx, off_t offset, int whence)
{
	struct disk_file *f = ctx;
	off_t base = whence == SEEK_CUR ? (off_t)f->pos :
		     whence == SEEK_END ? (off_t)f->entry->size : 0;

	if ((whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) || base + offset < 0)
		return -EINVAL;
	f->pos = base + offset;
	return f->pos;
}

static void entry_stat(const struct ramdisk_entry *e, struct stat *st)
{
	st->st_mode = e->is_dir ? S_IFDIR | 0555 : S_IFREG | 0444;
	st->st_nlink = 1;
	st->st_size = e->size;
	st->st_blksize = 4096;
	st->st_blocks = (e->size + 511) / 512;
	st->st_mtime = e->mtime;
}

static int disk_stat(void *ctx, struct stat *st)
{
	entry_stat(((struct disk_file *)ctx)->entry, st);
	return 0;
}

static bool disk_ready(void *ctx)
{
	(void)ctx;
	return true;
}

static const struct file_ops disk_ops = {
	.read = disk_read,
	.seek = disk_seek,
	.stat = disk_stat,
	.ready = disk_ready,
	.close = free,
};

/* --- the table -------------------------------------------------------------------------------- */
int file_install(const struct file_ops *ops, void *ctx)
{
	int fd;

	for (fd = 0; fd < FILE_MAX; fd++) {
		if (files[fd].ops)
			continue;
		files[fd] = (struct file){ .ops = ops, .ctx = ctx };
		return fd;
	}
	return -EMFILE;
}

int file_open(const char *path, int flags)
{
	const struct ramdisk_entry *e = ramdisk_find(path);
	struct disk_file *f;
	int fd;

	if (!e)
		return flags & O_CREAT ? -EROFS : -ENOENT;
	if ((flags & O_ACCMODE) != O_RDONLY)
		return -EROFS;
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->entry = e;
	fd = file_install(&disk_ops, f);
	if (fd < 0)
		free(f);
	return fd;
}

static struct file *lookup(int fd)
{
	if (fd < 0 || fd >= FILE_MAX || !files[fd].ops || files[fd].closing)
		return NULL;
	return &files[fd];
}

/* A call may sleep while another thread closes the descriptor: the last one out closes the file. */
static void release(struct file *f)
{
	const struct file_ops *ops = f->ops;

	if (--f->users || !f->closing)
		return;
	f->ops = NULL;
	if (ops->close)
		ops->close(f->ctx);
}

ssize_t file_read(int fd, void *buf, size_t len)
{
	struct file *f = lookup(fd);
	ssize_t ret;

	if (!f)
		return -EBADF;
	if (!f->ops->read)
		return -EINVAL;
	f->users++;
	ret = f->ops->read(f->ctx, buf, len);
	release(f);
	return ret;
}

ssize_t file_write(int fd, const void *buf, size_t len)
{
	struct file *f = lookup(fd);
	ssize_t ret;

	if (!f)
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	f->users++;
	ret = f->ops->write(f->ctx, buf, len);
	release(f);
	return ret;
}

off_t file_seek(int fd, off_t offset, int whence)
{
	struct file *f = lookup(fd);

	if (!f)
		return -EBADF;
	return f->ops->seek ? f->ops->seek(f->ctx, offset, whence) : -ESPIPE;
}

int file_stat(int fd, struct stat *st)
{
	struct file *f = lookup(fd);

	if (!f)
		return -EBADF;
	memset(st, 0, sizeof(*st));
	return f->ops->stat ? f->ops->stat(f->ctx, st) : 0;
}

int file_stat_path(const char *path, struct stat *st)
{
	const struct ramdisk_entry *e = ramdisk_find(path);

	if (!e)
		return -ENOENT;
	memset(st, 0, sizeof(*st));
	entry_stat(e, st);
	return 0;
}

int file_is_tty(int fd)
{
	struct file *f = lookup(fd);

	return f ? f->ops->is_tty : -EBADF;
}

int file_close(int fd)
{
	struct file *f = lookup(fd);

	if (!f)
		return -EBADF;
	f->closing = true;
	f->users++;
	release(f);
	return 0;
}

/* --- waiting ---------------------------------------------------------------------------------- */
void file_wake(void)
{
	wake_all(&activity);
}

/* Index of the first that is ready, -EAGAIN for none, -EBADF. */
static int first_ready(const int *fds, size_t n)
{
	struct file *f;
	size_t i;

	for (i = 0; i < n; i++) {
		f = lookup(fds[i]);
		if (!f)
			return -EBADF;
		if (!f->ops->ready || f->ops->ready(f->ctx))
			return i;
	}
	return -EAGAIN;
}

int file_wait(const int *fds, size_t n, uint64_t deadline)
{
	int ret;

	wait_event_until(&activity, (ret = first_ready(fds, n)) != -EAGAIN, deadline);
	return ret == -EAGAIN ? -ETIMEDOUT : ret;
}

void file_init(void)
{
	int fd;

	for (fd = 0; fd < 3; fd++)
		file_install(&tty_ops, NULL);
}
