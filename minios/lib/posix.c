/* SPDX-License-Identifier: MIT */
/* The plain names of the system calls: newlib's library calls only the reentrant forms itself. */
#include <errno.h>
#include <fcntl.h>
#include <reent.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	return _open_r(_REENT, path, flags, mode);
}

int close(int fd)
{
	return _close_r(_REENT, fd);
}

_READ_WRITE_RETURN_TYPE read(int fd, void *buf, size_t len)
{
	return _read_r(_REENT, fd, buf, len);
}

_READ_WRITE_RETURN_TYPE write(int fd, const void *buf, size_t len)
{
	return _write_r(_REENT, fd, buf, len);
}

off_t lseek(int fd, off_t offset, int whence)
{
	return _lseek_r(_REENT, fd, offset, whence);
}

int fstat(int fd, struct stat *st)
{
	return _fstat_r(_REENT, fd, st);
}

int stat(const char *path, struct stat *st)
{
	return _stat_r(_REENT, path, st);
}

int access(const char *path, int mode)
{
	struct stat st;

	if (_stat_r(_REENT, path, &st))
		return -1;
	if (!(mode & W_OK))
		return 0;
	_REENT->_errno = EROFS;
	return -1;
}

int isatty(int fd)
{
	return _isatty_r(_REENT, fd);
}

int unlink(const char *path)
{
	return _unlink_r(_REENT, path);
}

int mkdir(const char *path, mode_t mode)
{
	return _mkdir_r(_REENT, path, mode);
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	return _gettimeofday_r(_REENT, tv, tz);
}

pid_t getpid(void)
{
	return _getpid_r(_REENT);
}
