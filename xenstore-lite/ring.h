/* SPDX-License-Identifier: GPL-2.0-only */
/* The page a domain shares with the store: two rings of bytes. */
#ifndef XENSTORE_LITE_RING_H
#define XENSTORE_LITE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvabi/io/xs_wire.h"

/*
 * The other side can write all of the page at any time. Our own two indices are therefore kept here
 * and only published there; the other two are read once per use and refused if they make no sense.
 */
struct ring {
	struct xenstore_domain_interface *page;
	uint32_t req_cons;
	uint32_t rsp_prod;
};

/* Goes on from the indices in the page: a guest may have asked before we came. */
void ring_attach(struct ring *ring, void *page);

/* Moves up to @len bytes. The number moved, or -EPROTO if the guest's index is nonsense. */
int ring_read(struct ring *ring, void *out, size_t len);
int ring_write(struct ring *ring, const void *data, size_t len);

/* Has the guest asked to start anew? */
bool ring_wants_reset(const struct ring *ring);
/* Empties both rings and tells the guest that it is connected. */
void ring_reset(struct ring *ring);
void ring_announce(struct ring *ring, uint32_t features);
void ring_set_error(struct ring *ring, uint32_t error);

#endif
