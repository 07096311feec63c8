/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The toolstack's platform on a Linux control domain: the devices under /dev/xen.
 *
 * Arguments of hypercalls are read by the hypervisor through this process's page tables, where a
 * page that is not present cannot be fetched: all memory is locked, and a call that met a page on
 * the move is made again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tools/platform/platform.h"

/* The kernel's own headers; they want the interface's types to be there already. */
#include <xen/sys/evtchn.h>
#include <xen/sys/privcmd.h>

#define HYPERCALL_TRIES 10

static int privcmd = -1, evtchn = -1;

int plat_init(void)
{
	privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (privcmd < 0)
		return -errno;
	evtchn = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (evtchn < 0 || mlockall(MCL_CURRENT | MCL_FUTURE)) {
		int rc = -errno;

		close(privcmd);
		return rc;
	}
	return 0;
}

long plat_hypercall(unsigned int call, unsigned long a1, unsigned long a2, unsigned long a3,
		    unsigned long a4)
{
	privcmd_hypercall_t hypercall = { .op = call, .arg = { a1, a2, a3, a4 } };
	int i;
	long rc = -EFAULT;

	for (i = 0; i < HYPERCALL_TRIES && rc == -EFAULT; i++) {
		rc = ioctl(privcmd, IOCTL_PRIVCMD_HYPERCALL, &hypercall);
		if (rc < 0)
			rc = -errno;
	}
	return rc;
}

/* The first frame's error, or 0. */
static int first_error(const int *errors, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (errors[i])
			return errors[i];
	return 0;
}

int plat_map_frames(void **va, domid_t domid, const xen_pfn_t *frames, size_t count,
		    bool writable)
{
	int *errors = calloc(count, sizeof(*errors));
	privcmd_mmapbatch_v2_t batch = { .num = count, .dom = domid, .arr = frames, .err = errors };
	void *at;
	int rc;

	if (!errors)
		return -ENOMEM;
	at = mmap(NULL, count * PLAT_PAGE_SIZE, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED,
		  privcmd, 0);
	if (at == MAP_FAILED) {
		rc = -errno;
		free(errors);
		return rc;
	}
	batch.addr = (uintptr_t)at;
	rc = ioctl(privcmd, IOCTL_PRIVCMD_MMAPBATCH_V2, &batch) ? -errno : 0;
	if (!rc || rc == -ENOENT)
		rc = first_error(errors, count);
	free(errors);
	if (rc)
		munmap(at, count * PLAT_PAGE_SIZE);
	else
		*va = at;
	return rc;
}

void plat_unmap_frames(void *va, size_t count)
{
	munmap(va, count * PLAT_PAGE_SIZE);
}

int plat_evtchn_fd(void)
{
	return evtchn;
}

int plat_evtchn_bind(domid_t domid, evtchn_port_t remote_port)
{
	struct ioctl_evtchn_bind_interdomain op = { domid, remote_port };
	int port = ioctl(evtchn, IOCTL_EVTCHN_BIND_INTERDOMAIN, &op);

	return port < 0 ? -errno : port;
}

void plat_evtchn_unbind(evtchn_port_t port)
{
	struct ioctl_evtchn_unbind op = { port };

	ioctl(evtchn, IOCTL_EVTCHN_UNBIND, &op);
}

void plat_evtchn_notify(evtchn_port_t port)
{
	struct ioctl_evtchn_notify op = { port };

	ioctl(evtchn, IOCTL_EVTCHN_NOTIFY, &op);
}

int plat_evtchn_next(void)
{
	evtchn_port_t port;

	if (read(evtchn, &port, sizeof(port)) != sizeof(port))
		return -EAGAIN;
	/* Writing it back unmasks it: an event that comes from now on is read again. */
	if (write(evtchn, &port, sizeof(port)) != sizeof(port))
		return -EIO;
	return port;
}

uint64_t plat_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

void plat_wait(const struct plat_wait *items, size_t count, uint64_t deadline)
{
	struct pollfd fds[64];
	struct timespec left = { 0, 0 };
	uint64_t now = plat_now();
	size_t i;

	for (i = 0; i < count && i < 64; i++)
		fds[i] = (struct pollfd){ items[i].fd, POLLIN | (items[i].write ? POLLOUT : 0), 0 };
	if (deadline > now) {
		left.tv_sec = (deadline - now) / 1000000000;
		left.tv_nsec = (deadline - now) % 1000000000;
	}
	ppoll(fds, i, deadline == PLAT_NEVER ? NULL : &left, NULL);
}

/* Others here are other processes. */
void plat_yield(void)
{
}

int plat_file_load(const char *path, struct plat_file *file)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = 0;
	void *data;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		rc = -errno;
	} else if (!S_ISREG(st.st_mode)) {
		rc = -EINVAL;
	} else if (!st.st_size) {
		*file = (struct plat_file){ NULL, 0 };
	} else {
		data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		rc = data == MAP_FAILED ? -errno : 0;
		*file = (struct plat_file){ rc ? NULL : data, st.st_size };
	}
	close(fd);
	return rc;
}

void plat_file_release(struct plat_file *file)
{
	if (file->data)
		munmap((void *)file->data, file->len);
}

void plat_random(void *out, size_t len)
{
	char *p = out;

	while (len) {
		ssize_t n = getrandom(p, len, 0);

		if (n <= 0)
			continue;
		p += n;
		len -= n;
	}
}

int plat_balloon(uint64_t kb)
{
	(void)kb;
	return 0;
}

void plat_system(struct plat_system *system)
{
	struct utsname u;

	memset(system, 0, sizeof(*system));
	if (uname(&u))
		return;
	snprintf(system->name, sizeof(system->name), "%s", u.nodename);
	snprintf(system->release, sizeof(system->release), "%s", u.release);
	snprintf(system->version, sizeof(system->version), "%s", u.version);
	snprintf(system->machine, sizeof(system->machine), "%s", u.machine);
}
