/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains made of files, for store daemons without a hypervisor. The folder STORE_SHIM_DIR has, for each
 * domain N, page-N, its ring, which the test maps as well, and state-N while it exists ("s" in it: it
 * has shut down); and two pipes: the test writes ports into events, the daemon a byte into signs for
 * each notification.
 */
#ifndef TESTS_STORE_DOMAIN_FILES_H
#define TESTS_STORE_DOMAIN_FILES_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The daemon's ports: one for changes of domains, one for each domain's ring. */
#define FILE_PORT_VIRQ	 1
#define FILE_PORT(domid) (100 + (domid))

enum file_state { FILE_RUNS, FILE_SHUT_DOWN, FILE_GONE };

static inline bool domain_files_used(void)
{
	return getenv("STORE_SHIM_DIR");
}

/* open() itself may be the shim's. */
static inline int domain_files_open_path(const char *path)
{
	return syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
}

/* The file @kind-@domid. */
static inline int domain_files_open(const char *kind, unsigned int domid)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s-%u", getenv("STORE_SHIM_DIR"), kind, domid);
	return domain_files_open_path(path);
}

static inline void *domain_files_map(unsigned int domid)
{
	int fd = domain_files_open("page", domid);
	void *page = fd < 0 ? MAP_FAILED :
			      mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	return page == MAP_FAILED ? NULL : page;
}

static inline enum file_state domain_files_state(unsigned int domid)
{
	char letter = 0;
	int fd;

	if (!domain_files_used())
		return FILE_RUNS;
	fd = domain_files_open("state", domid);
	if (fd < 0)
		return FILE_GONE;
	if (read(fd, &letter, 1) < 0)
		letter = 0;
	close(fd);
	return letter == 's' ? FILE_SHUT_DOWN : FILE_RUNS;
}

static inline int domain_files_open_pipe(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", getenv("STORE_SHIM_DIR"), name);
	return domain_files_open_path(path);
}

static inline int domain_files_events(void)
{
	return domain_files_open_pipe("events");
}

/* The port of the next event, or -1. */
static inline int domain_files_next_event(int fd)
{
	uint32_t port;

	return read(fd, &port, sizeof(port)) == sizeof(port) ? (int)port : -1;
}

static inline void domain_files_sign(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = domain_files_open_pipe("signs");
	/* If the pipe is full, there are signs enough. */
	if (write(fd, "", 1) < 0)
		return;
}

#endif
