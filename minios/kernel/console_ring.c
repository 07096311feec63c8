/* SPDX-License-Identifier: MIT */
/*
 * A guest's console: a page shared with the control domain, with a ring for each direction.
 *
 * Producer and consumer indices run freely; the other side writes one of each pair, so it is read
 * once, checked against the size of the ring, and never used as it is.
 */
#include <minios/console_backend.h>
#include <minios/event.h>
#include <minios/irq.h>
#include <minios/mm.h>
#include <minios/start.h>
#include "pvabi/io/console.h"

static struct xencons_interface *ring;
static evtchn_port_t port;

static size_t ring_write(const void *data, size_t len)
{
	const char *p = data;
	XENCONS_RING_IDX cons = __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE);
	XENCONS_RING_IDX prod = ring->out_prod;
	size_t n = 0;

	while (n < len && prod - cons < sizeof(ring->out))
		ring->out[MASK_XENCONS_IDX(prod++, ring->out)] = p[n++];
	__atomic_store_n(&ring->out_prod, prod, __ATOMIC_RELEASE);
	if (n)
		event_notify(port);
	return n;
}

static size_t ring_read(void *data, size_t len)
{
	char *p = data;
	XENCONS_RING_IDX prod = __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE);
	XENCONS_RING_IDX cons = ring->in_cons;
	size_t n = 0;

	if (prod - cons > sizeof(ring->in))
		cons = prod;
	while (n < len && cons != prod)
		p[n++] = ring->in[MASK_XENCONS_IDX(cons++, ring->in)];
	__atomic_store_n(&ring->in_cons, cons, __ATOMIC_RELEASE);
	if (n)
		event_notify(port);
	return n;
}

static bool ring_readable(void)
{
	return __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE) != ring->in_cons;
}

static bool ring_empty(void)
{
	return __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) == ring->out_prod;
}

static const struct console_backend backend = {
	.write = ring_write,
	.read = ring_read,
	.readable = ring_readable,
	.empty = ring_empty,
};

static void ring_event(evtchn_port_t p, void *ctx)
{
	(void)p, (void)ctx;
	console_wake();
}

const struct console_backend *console_ring_init(void)
{
	pfn_t pfn = mfn_to_pfn(start_info->console.domU.mfn);

	port = start_info->console.domU.evtchn;
	if (start_is_control() || !port || pfn == INVALID_MFN)
		return NULL;
	ring = pfn_to_virt(pfn);
	return event_take(port, ring_event, NULL) < 0 ? NULL : &backend;
}
