/* SPDX-License-Identifier: GPL-2.0-only */
/* The toolstack's platform in the control domain's mini-OS. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <minios/balloon.h>
#include <minios/event.h>
#include <minios/file.h>
#include <minios/foreign.h>
#include <minios/hypercall.h>
#include <minios/irq.h>
#include <minios/ramdisk.h>
#include <minios/thread.h>
#include <minios/time.h>

#include "build.h"
#include "tools/platform/platform.h"

#define MAX_PORTS 32768

/*
 * Ports with an event not yet taken, and which words of that are not empty: set in interrupt
 * context, cleared with events masked.
 */
static uint32_t pending[MAX_PORTS / 32], pending_words[MAX_PORTS / 32 / 32];
static unsigned int pending_count;
static int event_fd = -1;

static bool event_ready(void *ctx)
{
	(void)ctx;
	return pending_count > 0;
}

static const struct file_ops event_ops = { .ready = event_ready };

int plat_init(void)
{
	/* Two ports for each domain: with the bitmaps, 500 domains would be the end. */
	event_use_fifo();
	event_fd = file_install(&event_ops, NULL);
	return event_fd < 0 ? event_fd : 0;
}

long plat_hypercall(unsigned int call, unsigned long a1, unsigned long a2, unsigned long a3,
		    unsigned long a4)
{
	return hypercall4(call, a1, a2, a3, a4);
}

int plat_map_frames(void **va, domid_t domid, const xen_pfn_t *frames, size_t count,
		    bool writable)
{
	int error = -ENOMEM;

	*va = foreign_map(domid, frames, count, PROT_MAP_READ | (writable ? PROT_MAP_WRITE : 0),
			  NULL, &error);
	return *va ? 0 : error;
}

void plat_unmap_frames(void *va, size_t count)
{
	foreign_unmap(va, count);
}

int plat_evtchn_fd(void)
{
	return event_fd;
}

static void on_event(evtchn_port_t port, void *ctx)
{
	(void)ctx;
	if (!(pending[port / 32] >> port % 32 & 1)) {
		pending[port / 32] |= 1u << port % 32;
		pending_words[port / 1024] |= 1u << port / 32 % 32;
		pending_count++;
	}
	file_wake();
}

int plat_evtchn_bind(domid_t domid, evtchn_port_t remote_port)
{
	int port = event_bind_interdomain(domid, remote_port, on_event, NULL);

	if (port >= MAX_PORTS) {
		event_close(port);
		return -ENOSPC;
	}
	return port;
}

static bool take_pending(unsigned int port)
{
	bool masked = irq_save();
	bool was = pending[port / 32] >> port % 32 & 1;

	if (was) {
		pending[port / 32] &= ~(1u << port % 32);
		if (!pending[port / 32])
			pending_words[port / 1024] &= ~(1u << port / 32 % 32);
		pending_count--;
	}
	irq_restore(masked);
	return was;
}

void plat_evtchn_unbind(evtchn_port_t port)
{
	event_close(port);
	take_pending(port);
}

void plat_evtchn_notify(evtchn_port_t port)
{
	event_notify(port);
}

int plat_evtchn_next(void)
{
	unsigned int i, word, port;

	for (i = 0; pending_count && i < MAX_PORTS / 1024; i++) {
		if (!pending_words[i])
			continue;
		word = i * 32 + __builtin_ctz(pending_words[i]);
		port = word * 32 + __builtin_ctz(pending[word]);
		if (take_pending(port))
			return port;
	}
	return -EAGAIN;
}

uint64_t plat_now(void)
{
	return time_monotonic();
}

void plat_wait(const struct plat_wait *items, size_t count, uint64_t deadline)
{
	int fds[64];
	size_t i;

	/* Streams know by themselves that their writer was refused and waits. */
	for (i = 0; i < count && i < 64; i++)
		fds[i] = items[i].fd;
	file_wait(fds, i, deadline);
}

void plat_yield(void)
{
	thread_yield();
}

int plat_file_load(const char *path, struct plat_file *file)
{
	const struct ramdisk_entry *entry = ramdisk_find(path + strspn(path, "/"));

	if (!entry)
		return -ENOENT;
	if (entry->is_dir)
		return -EISDIR;
	/* The ramdisk lies in memory for ever: nothing to copy. */
	file->data = entry->data;
	file->len = entry->size;
	return 0;
}

void plat_file_release(struct plat_file *file)
{
	memset(file, 0, sizeof(*file));
}

/* A step of splitmix64: well-spread numbers from a counter that never repeats. */
static uint64_t mix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void plat_random(void *out, size_t len)
{
	static uint64_t state;
	uint8_t *p = out;

	/* Both clocks: two machines, or two starts of one, do not agree on them. */
	state ^= time_wall() + (time_cycles() << 20);
	while (len--)
		*p++ = mix(&state) >> 32;
}

int plat_balloon(uint64_t kb)
{
	return balloon_set_target(kb / 4);
}

void plat_system(struct plat_system *system)
{
	memset(system, 0, sizeof(*system));
	strcpy(system->name, "dom0");
	strcpy(system->release, "mini-os");
	strcpy(system->version, BUILD_CHANGESET " " BUILD_DATE);
	strcpy(system->machine, sizeof(long) == 8 ? "x86_64" : "i686");
}
