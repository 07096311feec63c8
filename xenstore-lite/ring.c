/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes through a page shared with a guest that is not trusted. */
#include "xenstore-lite/ring.h"

#include <errno.h>
#include <string.h>

/* The page belongs to both sides: each access is one load or one store. */
static uint32_t load(const uint32_t *field)
{
	return __atomic_load_n(field, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *field, uint32_t value)
{
	__atomic_store_n(field, value, __ATOMIC_RELEASE);
}

void ring_attach(struct ring *ring, void *page)
{
	ring->page = page;
	ring->req_cons = load(&ring->page->req_cons);
	ring->rsp_prod = load(&ring->page->rsp_prod);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

int ring_read(struct ring *ring, void *out, size_t len)
{
	/* The load orders the bytes before it: what lies below the index has been written. */
	uint32_t filled = load(&ring->page->req_prod) - ring->req_cons;
	uint32_t at = MASK_XENSTORE_IDX(ring->req_cons);
	size_t first;

	if (filled > XENSTORE_RING_SIZE)
		return -EPROTO;
	len = least(len, filled);
	if (!len)
		return 0;
	first = least(len, XENSTORE_RING_SIZE - at);
	memcpy(out, ring->page->req + at, first);
	memcpy((char *)out + first, ring->page->req, len - first);
	ring->req_cons += len;
	store(&ring->page->req_cons, ring->req_cons);
	return len;
}

int ring_write(struct ring *ring, const void *data, size_t len)
{
	uint32_t filled = ring->rsp_prod - load(&ring->page->rsp_cons);
	uint32_t at = MASK_XENSTORE_IDX(ring->rsp_prod);
	size_t first;

	if (filled > XENSTORE_RING_SIZE)
		return -EPROTO;
	len = least(len, XENSTORE_RING_SIZE - filled);
	if (!len)
		return 0;
	first = least(len, XENSTORE_RING_SIZE - at);
	memcpy(ring->page->rsp + at, data, first);
	memcpy(ring->page->rsp, (const char *)data + first, len - first);
	ring->rsp_prod += len;
	/* The store orders the bytes before it. */
	store(&ring->page->rsp_prod, ring->rsp_prod);
	return len;
}

bool ring_wants_reset(const struct ring *ring)
{
	return load(&ring->page->connection) == XENSTORE_RECONNECT;
}

void ring_reset(struct ring *ring)
{
	ring->req_cons = 0;
	ring->rsp_prod = 0;
	store(&ring->page->req_cons, 0);
	store(&ring->page->req_prod, 0);
	store(&ring->page->rsp_cons, 0);
	store(&ring->page->rsp_prod, 0);
	store(&ring->page->error, XENSTORE_ERROR_NONE);
	/* Last: the guest may use the rings as soon as it sees this. */
	store(&ring->page->connection, XENSTORE_CONNECTED);
}

void ring_announce(struct ring *ring, uint32_t features)
{
	store(&ring->page->server_features, features);
	store(&ring->page->error, XENSTORE_ERROR_NONE);
	store(&ring->page->connection, XENSTORE_CONNECTED);
}

void ring_set_error(struct ring *ring, uint32_t error)
{
	store(&ring->page->error, error);
}
