/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated hypervisor behind tools/platform: domains, frames, foreign maps, page-table checks,
 * event channels and grants, as far as the toolstack uses them. Any call can be made to fail, and
 * everything handed out is counted.
 */
#ifndef TESTS_HOST_FAKE_HYPERVISOR_H
#define TESTS_HOST_FAKE_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvabi/xen.h"
#include "pvabi/domctl.h"
#include "pvabi/event_channel.h"

#define FAKE_FRAMES	(192u << 8) /* 192 MiB */
#define FAKE_DOMAINS	96
#define FAKE_PORTS	128
#define FAKE_LEAVES	3 /* CPUID's 0, 1 and 7.0 */
#define FAKE_SHUTDOWN_NONE (-1)

struct fake_port {
	enum { PORT_FREE, PORT_UNBOUND, PORT_BOUND } state;
	evtchn_port_t peer; /* of domain 0 for a guest's port, of the guest for domain 0's */
	domid_t domid; /* of the peer */
	bool pending;
};

struct fake_domain {
	bool used, dying, paused;
	int shutdown; /* the reason, or FAKE_SHUTDOWN_NONE */
	uint8_t uuid[16];
	unsigned int max_vcpus, made_vcpus, bits;
	uint64_t max_pages, tot_pages;
	unsigned int address_bits; /* what its last memory was limited to */
	uint64_t map_bytes; /* of the memory map that it was given */
	uint64_t shared_info, grant_frame; /* 0: none */
	uint64_t root; /* the pinned one */
	uint64_t hypercall_page;
	uint64_t affinity, soft_affinity; /* set last */
	unsigned int weight, cap;
	struct xen_cpuid_leaf leaves[FAKE_LEAVES];
	unsigned int set_leaves; /* at once, last */
	bool has_context;
	uint8_t context[5168] __attribute__((aligned(8)));
	struct fake_port ports[FAKE_PORTS];
};

extern struct fake_domain fake_domains[FAKE_DOMAINS]; /* by id; 0 is the control domain */

/* Back to a machine with nothing but domain 0. */
void fake_reset(void);
/* Call number @n from now on (1 is the next) fails with @error; 0: none. */
void fake_fail(unsigned int n, int error);
/* Calls made since fake_fail(). */
unsigned int fake_calls(void);
/* Whether the failure asked for has happened. */
bool fake_failed(void);
/* For other fakes whose calls shall be counted and fail likewise: whether this one is to. */
bool fake_inject(int *error);
/* populate_physmap grants no extents of more than this order (default 9). */
void fake_set_max_order(unsigned int order);
void fake_set_capabilities(const char *text);

uint64_t fake_free_frames(void);
unsigned int fake_maps(void); /* foreign frames that are mapped */
unsigned int fake_live_domains(void); /* without domain 0 */
unsigned int fake_bound_ports(void); /* of domain 0 */
void *fake_frame(uint64_t mfn);
/* What the domain's tables map at @va: its frame, and whether writable. False: nothing. */
bool fake_walk(domid_t domid, uint64_t va, uint64_t *mfn, bool *writable);

/* The guest signals its port / shuts down. */
void fake_guest_notify(domid_t domid, evtchn_port_t port);
void fake_guest_shutdown(domid_t domid, int reason);
extern uint64_t fake_balloon_kb; /* what the control domain was told to have */

/* Moves plat_now(). */
void fake_advance(uint64_t ns);

#endif
