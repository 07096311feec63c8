/* SPDX-License-Identifier: MIT */
/*
 * Event channels: a handler for each port. How events are announced is the ABI's, event_2l.c from
 * the start, event_fifo.c for a domain that asks for it.
 *
 * A domain at the other end of a port may send without pause, and the handler would then leave no
 * time to the thread that it wakes. So such a port is held: masked when its handler is called, and
 * let go when a thread gives up the CPU. What comes meanwhile is merged, as events always may be.
 */
#include <errno.h>
#include <string.h>
#include <minios/event_abi.h>
#include <minios/hypercall.h>
#include <minios/irq.h>
#include <minios/panic.h>
#include <minios/start.h>

#define WORD_BITS (8 * sizeof(unsigned long))
#define PORTS     (WORD_BITS * WORD_BITS) /* of the two-level ABI */
#define CHUNKS    (EVTCHN_FIFO_NR_CHANNELS / EVENT_CHUNK)

static struct event_binding first_bindings[PORTS];
static struct event_binding *chunks[CHUNKS];
static unsigned int nr_chunks;
static const struct event_abi *abi = &event_2l;

/* Ports that may be held, linked by next_held. None before there are threads. */
static evtchn_port_t first_held;
static bool holding;

static struct event_binding *binding_of(evtchn_port_t port)
{
	return &chunks[port / EVENT_CHUNK][port % EVENT_CHUNK];
}

void event_add_bindings(struct event_binding *chunk)
{
	chunks[nr_chunks++] = chunk;
}

evtchn_port_t event_ports(void)
{
	return nr_chunks * EVENT_CHUNK;
}

bool event_has_handler(evtchn_port_t port)
{
	return binding_of(port)->handler != NULL;
}

void event_switch(const struct event_abi *to)
{
	abi = to;
}

static void hold(evtchn_port_t port, struct event_binding *b)
{
	abi->mask(port);
	b->held = true;
	if (b->listed)
		return;
	b->listed = true;
	b->next_held = first_held;
	first_held = port;
}

void event_hold_foreign(void)
{
	holding = true;
}

void event_release_held(void)
{
	bool masked = irq_save();
	struct event_binding *b;
	evtchn_port_t port;

	while ((port = first_held)) {
		b = binding_of(port);
		first_held = b->next_held;
		b->listed = false;
		if (b->held)
			event_unmask(port);
	}
	irq_restore(masked);
}

void event_deliver(evtchn_port_t port)
{
	struct event_binding *b = binding_of(port);

	abi->clear(port);
	if (!b->handler) {
		event_mask(port);
		return;
	}
	if (b->foreign && holding)
		hold(port, b);
	b->handler(port, b->ctx);
}

void event_dispatch(void)
{
	struct vcpu_info *vcpu = priv_vcpu_info();

	while (__atomic_exchange_n(&vcpu->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST))
		abi->dispatch();
}

/* Whoever masks or unmasks a port himself wants it so: it is not held any more. */
void event_mask(evtchn_port_t port)
{
	binding_of(port)->held = false;
	abi->mask(port);
}

void event_unmask(evtchn_port_t port)
{
	binding_of(port)->held = false;
	abi->unmask(port);
}

static int take(evtchn_port_t port, event_handler_t handler, void *ctx, bool foreign)
{
	bool masked = irq_save();
	int rc = abi->reserve(port);
	struct event_binding *b;

	BUG_ON(!handler);
	if (!rc && event_has_handler(port))
		rc = -EBUSY;
	if (!rc) {
		b = binding_of(port);
		b->handler = handler;
		b->ctx = ctx;
		b->foreign = foreign;
		event_unmask(port);
		rc = port;
	}
	irq_restore(masked);
	return rc;
}

/* A port that was made just now, and has no use without a handler. */
static int take_new(evtchn_port_t port, event_handler_t handler, void *ctx, bool foreign)
{
	struct evtchn_close op = { .port = port };
	int rc = take(port, handler, ctx, foreign);

	if (rc < 0)
		hypercall_event_channel_op(EVTCHNOP_close, &op);
	return rc;
}

int event_take(evtchn_port_t port, event_handler_t handler, void *ctx)
{
	return take(port, handler, ctx, false);
}

int event_bind_virq(unsigned int virq, event_handler_t handler, void *ctx)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = 0 };
	long ret = hypercall_event_channel_op(EVTCHNOP_bind_virq, &op);

	return ret ? ret : take_new(op.port, handler, ctx, false);
}

int event_bind_interdomain(domid_t remote, evtchn_port_t remote_port, event_handler_t handler,
			   void *ctx)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = remote_port };
	long ret = hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	return ret ? ret : take_new(op.local_port, handler, ctx, remote != DOMID_SELF);
}

int event_alloc_unbound_in(domid_t dom, domid_t remote)
{
	struct evtchn_alloc_unbound op = { .dom = dom, .remote_dom = remote };
	long ret = hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	return ret ? ret : (long)op.port;
}

int event_alloc_unbound(domid_t remote, event_handler_t handler, void *ctx)
{
	int port = event_alloc_unbound_in(DOMID_SELF, remote);

	return port < 0 ? port : take_new(port, handler, ctx, remote != DOMID_SELF);
}

int event_notify(evtchn_port_t port)
{
	struct evtchn_send op = { .port = port };

	return hypercall_event_channel_op(EVTCHNOP_send, &op);
}

int event_status(domid_t dom, evtchn_port_t port, struct evtchn_status *status)
{
	status->dom = dom;
	status->port = port;
	return hypercall_event_channel_op(EVTCHNOP_status, status);
}

void event_close(evtchn_port_t port)
{
	struct evtchn_close op = { .port = port };
	bool masked = irq_save();

	BUG_ON(port >= event_ports());
	event_mask(port);
	binding_of(port)->handler = NULL;
	hypercall_event_channel_op(EVTCHNOP_close, &op);
	abi->clear(port);
	irq_restore(masked);
}

/* All ports start masked; taking one unmasks it. */
void event_init(void)
{
	unsigned int i;

	for (i = 0; i < PORTS; i += EVENT_CHUNK)
		event_add_bindings(&first_bindings[i]);
	memset(shared_info->evtchn_mask, 0xff, sizeof(shared_info->evtchn_mask));
}
