/* SPDX-License-Identifier: MIT */
/* What newlib asks of a system: files, memory, time, the end. */
#include <errno.h>
#include <reent.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>
#include <minios/file_table.h>
#include <minios/mm.h>
#include <minios/panic.h>
#include <minios/shutdown.h>
#include <minios/thread.h>
#include <minios/time.h>

/* Negative errno to newlib's way. */
static long result(struct _reent *r, long ret)
{
	if (ret >= 0)
		return ret;
	r->_errno = -ret;
	return -1;
}

int _open_r(struct _reent *r, const char *path, int flags, int mode)
{
	(void)mode;
	return result(r, file_open(path, flags));
}

int _close_r(struct _reent *r, int fd)
{
	return result(r, file_close(fd));
}

_ssize_t _read_r(struct _reent *r, int fd, void *buf, size_t len)
{
	return result(r, file_read(fd, buf, len));
}

_ssize_t _write_r(struct _reent *r, int fd, const void *buf, size_t len)
{
	return result(r, file_write(fd, buf, len));
}

_off_t _lseek_r(struct _reent *r, int fd, _off_t offset, int whence)
{
	return result(r, file_seek(fd, offset, whence));
}

int _fstat_r(struct _reent *r, int fd, struct stat *st)
{
	return result(r, file_stat(fd, st));
}

int _stat_r(struct _reent *r, const char *path, struct stat *st)
{
	return result(r, file_stat_path(path, st));
}

int _isatty_r(struct _reent *r, int fd)
{
	int ret = file_is_tty(fd);

	if (ret == 0)
		r->_errno = ENOTTY;
	else if (ret < 0)
		r->_errno = -ret;
	return ret == 1;
}

int _mkdir_r(struct _reent *r, const char *path, int mode)
{
	(void)path, (void)mode;
	return result(r, -EROFS);
}

int _unlink_r(struct _reent *r, const char *path)
{
	(void)path;
	return result(r, -EROFS);
}

int _link_r(struct _reent *r, const char *from, const char *to)
{
	(void)from, (void)to;
	return result(r, -EROFS);
}

int _rename_r(struct _reent *r, const char *from, const char *to)
{
	(void)from, (void)to;
	return result(r, -EROFS);
}

void *_sbrk_r(struct _reent *r, ptrdiff_t increment)
{
	void *old = heap_sbrk(increment);

	if (old)
		return old;
	r->_errno = ENOMEM;
	return (void *)-1;
}

int _gettimeofday_r(struct _reent *r, struct timeval *tv, void *tz)
{
	uint64_t now = time_wall();

	(void)r, (void)tz;
	tv->tv_sec = now / NS_PER_SEC;
	tv->tv_usec = now % NS_PER_SEC / NS_PER_USEC;
	return 0;
}

_CLOCK_T_ _times_r(struct _reent *r, struct tms *t)
{
	(void)r;
	*t = (struct tms){ .tms_utime = time_monotonic() / (NS_PER_SEC / CLOCKS_PER_SEC) };
	return t->tms_utime;
}

unsigned int sleep(unsigned int seconds)
{
	thread_sleep(SEC(seconds));
	return 0;
}

int usleep(useconds_t us)
{
	thread_sleep(us * NS_PER_USEC);
	return 0;
}

/* There is one process. abort() and a failed assert() come here: a crash with a back-trace. */
int _kill_r(struct _reent *r, int pid, int sig)
{
	if (pid != 1)
		return result(r, -ESRCH);
	panic("signal %d in thread %s", sig, thread_name(thread_current()));
}

int _getpid_r(struct _reent *r)
{
	(void)r;
	return 1;
}

void _exit(int status)
{
	(void)status;
	domain_poweroff();
}
