/* SPDX-License-Identifier: MIT */
/*
 * The store's ring as a stream of bytes in each direction.
 *
 * The other side's index is read once and checked: more than a ring's worth means that the store is
 * broken, and it is then taken as empty or full.
 */
#include <minios/event.h>
#include <minios/wait.h>
#include <minios/xenbus_ring.h>

static struct xenstore_domain_interface *ring;
static evtchn_port_t port;
static struct wait_queue changed = WAIT_QUEUE_INIT(changed);

static void ring_event(evtchn_port_t p, void *ctx)
{
	(void)p, (void)ctx;
	wake_all(&changed);
}

int xenbus_ring_attach(struct xenstore_domain_interface *intf, evtchn_port_t p)
{
	int ret;

	ring = intf;
	port = p;
	ret = event_take(port, ring_event, NULL);
	return ret < 0 ? ret : 0;
}

static uint32_t write_room(void)
{
	uint32_t used = ring->req_prod - __atomic_load_n(&ring->req_cons, __ATOMIC_ACQUIRE);

	return used > XENSTORE_RING_SIZE ? 0 : XENSTORE_RING_SIZE - used;
}

static uint32_t read_room(void)
{
	uint32_t there = __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE) - ring->rsp_cons;

	return there > XENSTORE_RING_SIZE ? 0 : there;
}

void xenbus_ring_write(const void *data, size_t len)
{
	const char *p = data;
	uint32_t room, prod;

	while (len) {
		wait_event(&changed, (room = write_room()) > 0);
		prod = ring->req_prod;
		for (; room && len; room--, len--)
			ring->req[MASK_XENSTORE_IDX(prod++)] = *p++;
		__atomic_store_n(&ring->req_prod, prod, __ATOMIC_RELEASE);
		event_notify(port);
	}
}

void xenbus_ring_read(void *data, size_t len)
{
	char *p = data;
	uint32_t room, cons;

	while (len) {
		wait_event(&changed, (room = read_room()) > 0);
		cons = ring->rsp_cons;
		for (; room && len; room--, len--)
			*p++ = ring->rsp[MASK_XENSTORE_IDX(cons++)];
		__atomic_store_n(&ring->rsp_cons, cons, __ATOMIC_RELEASE);
		event_notify(port);
	}
}
