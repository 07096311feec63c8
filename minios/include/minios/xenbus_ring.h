/* SPDX-License-Identifier: MIT */
/* The byte stream of the store's ring, between xenbus_ring.c and xenbus.c. */
#ifndef MINIOS_XENBUS_RING_H
#define MINIOS_XENBUS_RING_H

#include <minios/xenbus.h>

int xenbus_ring_attach(struct xenstore_domain_interface *intf, evtchn_port_t port);

/* Move all len bytes; sleep while the ring is full or empty. */
void xenbus_ring_write(const void *data, size_t len);
void xenbus_ring_read(void *data, size_t len);

#endif
