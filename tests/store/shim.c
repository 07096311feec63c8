/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Preloaded into Debian's store daemons, so that they run on a host without a hypervisor: stands in
 * for the library calls they make, and for the kernel's files that name the control domain's own ring.
 *
 * Domains are made of files, if STORE_SHIM_DIR names a folder for them: see domain_files.h. Without
 * it every domain is alive, and its ring stays silent.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/store/domain_files.h"

/* The prototypes are the libraries'; handles are any pointer that is not NULL. */
void *xc_interface_open(void *logger, void *dombuild_logger, unsigned int flags);
int xc_interface_close(void *xch);
int xc_domain_getinfo(void *xch, uint32_t first, unsigned int max, void *info);
int xc_domain_getinfolist(void *xch, uint32_t first, unsigned int max, void *info);
void *xc_map_foreign_range(void *xch, uint32_t domid, int size, int prot, unsigned long mfn);
void *xenevtchn_open(void *logger, unsigned int flags);
void *xenevtchn_fdopen(void *logger, int fd, unsigned int flags);
int xenevtchn_close(void *handle);
int xenevtchn_fd(void *handle);
int xenevtchn_bind_virq(void *handle, unsigned int virq);
int xenevtchn_bind_interdomain(void *handle, uint32_t domid, uint32_t port);
int xenevtchn_notify(void *handle, uint32_t port);
int xenevtchn_unmask(void *handle, uint32_t port);
int xenevtchn_pending(void *handle);
int xenevtchn_unbind(void *handle, uint32_t port);
void *xengnttab_open(void *logger, unsigned int flags);
int xengnttab_close(void *handle);
int xengnttab_set_max_grants(void *handle, uint32_t count);
void *xengnttab_map_grant_ref(void *handle, uint32_t domid, uint32_t ref, int prot);
int xengnttab_unmap(void *handle, void *address, uint32_t count);

static int any;

void *xc_interface_open(void *logger, void *dombuild_logger, unsigned int flags)
{
	(void)logger;
	(void)dombuild_logger;
	(void)flags;
	return &any;
}

int xc_interface_close(void *xch)
{
	(void)xch;
	return 0;
}

int xc_domain_getinfo(void *xch, uint32_t first, unsigned int max, void *info)
{
	enum file_state state = domain_files_state(first);
	uint32_t words[4] = {first, 0, state == FILE_SHUT_DOWN ? 1u << 2 : 0, 0};

	(void)xch;
	(void)max;
	if (state == FILE_GONE)
		return 0;
	/* The id, what does not matter, and the flags: of those the third says that it is shut down. */
	memcpy(info, words, sizeof(words));
	return 1;
}

int xc_domain_getinfolist(void *xch, uint32_t first, unsigned int max, void *info)
{
	(void)xch;
	(void)first;
	(void)max;
	(void)info;
	return 0;
}

void *xc_map_foreign_range(void *xch, uint32_t domid, int size, int prot, unsigned long mfn)
{
	(void)xch;
	(void)prot;
	(void)mfn;
	return domain_files_used() ? domain_files_map(domid) : aligned_alloc(4096, size);
}

void *xenevtchn_open(void *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return &any;
}

void *xenevtchn_fdopen(void *logger, int fd, unsigned int flags)
{
	(void)fd;
	return xenevtchn_open(logger, flags);
}

int xenevtchn_close(void *handle)
{
	(void)handle;
	return 0;
}

/* Without domains, a descriptor that can be waited on and never becomes ready. */
int xenevtchn_fd(void *handle)
{
	static int fd = -1;

	(void)handle;
	if (fd < 0)
		fd = domain_files_used() ? domain_files_events() : eventfd(0, EFD_CLOEXEC);
	return fd;
}

int xenevtchn_bind_virq(void *handle, unsigned int virq)
{
	(void)handle;
	(void)virq;
	return FILE_PORT_VIRQ;
}

int xenevtchn_bind_interdomain(void *handle, uint32_t domid, uint32_t port)
{
	(void)handle;
	return port ? (int)FILE_PORT(domid) : -1;
}

int xenevtchn_notify(void *handle, uint32_t port)
{
	(void)handle;
	(void)port;
	if (domain_files_used())
		domain_files_sign();
	return 0;
}

int xenevtchn_unmask(void *handle, uint32_t port)
{
	(void)handle;
	(void)port;
	return 0;
}

int xenevtchn_pending(void *handle)
{
	return domain_files_next_event(xenevtchn_fd(handle));
}

int xenevtchn_unbind(void *handle, uint32_t port)
{
	return xenevtchn_unmask(handle, port);
}

void *xengnttab_open(void *logger, unsigned int flags)
{
	return xenevtchn_open(logger, flags);
}

int xengnttab_close(void *handle)
{
	(void)handle;
	return 0;
}

int xengnttab_set_max_grants(void *handle, uint32_t count)
{
	(void)handle;
	(void)count;
	return 0;
}

void *xengnttab_map_grant_ref(void *handle, uint32_t domid, uint32_t ref, int prot)
{
	(void)handle;
	return xc_map_foreign_range(NULL, domid, 4096, prot, ref);
}

int xengnttab_unmap(void *handle, void *address, uint32_t count)
{
	(void)handle;
	(void)address;
	(void)count;
	return 0;
}

/* --- the kernel's files ----------------------------------------------------------------------- */

/* A file in memory with this text, or of this size. */
static int file_of(const char *text, size_t size)
{
	int fd = memfd_create("xsd", 0);

	if (fd < 0 || ftruncate(fd, size) || pwrite(fd, text, strlen(text), 0) < 0)
		return -1;
	return fd;
}

static int open_any(const char *path, int flags, mode_t mode)
{
	if (strstr(path, "xsd_port"))
		return file_of("1", 0);
	if (strstr(path, "xsd_kva"))
		return domain_files_used() ? domain_files_open("page", 0) : file_of("", 4096);
	return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

/* They ask for more than a container grants, and end if they do not get it. */
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	(void)resource;
	(void)limit;
	return 0;
}
