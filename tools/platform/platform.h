/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the toolstack asks of the system it runs on. One back end is linked: minios.c in the
 * control domain's mini-OS, linux.c on a Linux control domain, a simulated hypervisor in host
 * tests.
 *
 * Failures are negative errno values, as the hypervisor gives them. Files and streams are plain
 * descriptors; those given to plat_wait() do not block.
 */
#ifndef TOOLS_PLATFORM_PLATFORM_H
#define TOOLS_PLATFORM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvabi/xen.h"
#include "pvabi/event_channel.h"

#define PLAT_PAGE_SIZE 4096u

int plat_init(void);

/* --- hypercalls: pointers among the arguments must stay valid and resident -------------------- */
long plat_hypercall(unsigned int call, unsigned long a1, unsigned long a2, unsigned long a3,
		    unsigned long a4);

/* --- memory of other domains ------------------------------------------------------------------ */
/* Maps @count frames side by side: all or none. */
int plat_map_frames(void **va, domid_t domid, const xen_pfn_t *frames, size_t count,
		    bool writable);
void plat_unmap_frames(void *va, size_t count);

/* --- event channels --------------------------------------------------------------------------- */
/* The descriptor to wait on for events; one for the whole program. */
int plat_evtchn_fd(void);
/* A local port joined to @remote_port of @domid, or a negative errno. */
int plat_evtchn_bind(domid_t domid, evtchn_port_t remote_port);
void plat_evtchn_unbind(evtchn_port_t port);
void plat_evtchn_notify(evtchn_port_t port);
/* The next port with an event, which is then acknowledged; -EAGAIN when there is none. */
int plat_evtchn_next(void);

/* --- time, waiting, chance -------------------------------------------------------------------- */
#define PLAT_NEVER UINT64_MAX

uint64_t plat_now(void); /* ns, never goes back */

struct plat_wait {
	int fd;
	bool write; /* also wait until it can be written */
};

/*
 * Sleeps until one of the descriptors may be ready, or plat_now() is past @deadline. It may return
 * early: the caller tries what it has to do and comes back.
 */
void plat_wait(const struct plat_wait *items, size_t count, uint64_t deadline);

/* In the middle of long work: lets others run. */
void plat_yield(void);

/* --- files ------------------------------------------------------------------------------------ */
/* A file's whole content in memory; it is not copied where that can be avoided. */
struct plat_file {
	const void *data;
	size_t len;
};

int plat_file_load(const char *path, struct plat_file *file);
void plat_file_release(struct plat_file *file);

/* Bytes that nobody else has got, for UUIDs. */
void plat_random(void *out, size_t len);

/*
 * The control domain's own memory shall be this much, as its /local/domain/0/memory/target in the store
 * says by then: a Linux reads that itself.
 */
int plat_balloon(uint64_t kb);

/* --- the system itself, as uname(2) tells of it ----------------------------------------------- */
struct plat_system {
	char name[65], release[65], version[65], machine[65];
};

void plat_system(struct plat_system *system);

#endif
