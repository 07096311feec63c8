/* SPDX-License-Identifier: MIT */
/*
 * The kernel's: how pending and masked events are told, between event.c and the ABI that is used.
 * All functions but unmask are called with events masked.
 */
#ifndef MINIOS_EVENT_ABI_H
#define MINIOS_EVENT_ABI_H

#include <minios/event.h>

struct event_abi {
	/* Makes room for a port; negative errno when there is none. */
	int (*reserve)(evtchn_port_t port);
	void (*mask)(evtchn_port_t port);
	/* What became pending under the mask is announced. */
	void (*unmask)(evtchn_port_t port);
	void (*clear)(evtchn_port_t port);
	/* Calls event_deliver() for each event that is announced, pending and not masked. */
	void (*dispatch)(void);
};

extern const struct event_abi event_2l;

/* One array of handlers serves that many ports. */
#define EVENT_CHUNK 1024u

struct event_binding {
	event_handler_t handler;
	void *ctx;
	evtchn_port_t next_held;
	bool foreign;	/* the other end is another domain's */
	bool held;	/* masked until a thread gives up the CPU */
	bool listed;	/* among those that may be held */
};

void event_deliver(evtchn_port_t port);
/* The next EVENT_CHUNK ports have their handlers here, none yet. */
void event_add_bindings(struct event_binding *chunk);
/* How many ports have a place. */
evtchn_port_t event_ports(void);
bool event_has_handler(evtchn_port_t port);
void event_switch(const struct event_abi *to);

#endif
