/* SPDX-License-Identifier: MIT */
/*
 * Event channels: the two-level bitmaps in the shared info page, and a handler for each port.
 *
 * The hypervisor sets the port's bit, then the bit of that word in evtchn_pending_sel, then
 * evtchn_upcall_pending. We look and clear in the reverse order, so that whatever is set meanwhile
 * is found by this round or announced again.
 */
#include <errno.h>
#include <string.h>
#include <minios/event.h>
#include <minios/hypercall.h>
#include <minios/irq.h>
#include <minios/panic.h>
#include <minios/start.h>

#define WORD_BITS (8 * sizeof(unsigned long))
#define PORTS     (WORD_BITS * WORD_BITS)

struct binding {
	event_handler_t handler;
	void *ctx;
};

static struct binding bindings[PORTS];

static inline void set_bit(unsigned long *map, unsigned int bit)
{
	__atomic_fetch_or(&map[bit / WORD_BITS], 1ul << (bit % WORD_BITS), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(unsigned long *map, unsigned int bit)
{
	__atomic_fetch_and(&map[bit / WORD_BITS], ~(1ul << (bit % WORD_BITS)), __ATOMIC_SEQ_CST);
}

static inline bool test_bit(unsigned long *map, unsigned int bit)
{
	return __atomic_load_n(&map[bit / WORD_BITS], __ATOMIC_SEQ_CST) >> (bit % WORD_BITS) & 1;
}

static void deliver(evtchn_port_t port)
{
	struct binding *b = &bindings[port];

	clear_bit(shared_info->evtchn_pending, port);
	if (b->handler)
		b->handler(port, b->ctx);
	else
		event_mask(port);
}

static void dispatch_word(unsigned int word)
{
	unsigned long ready;

	for (;;) {
		ready = __atomic_load_n(&shared_info->evtchn_pending[word], __ATOMIC_SEQ_CST) &
			~__atomic_load_n(&shared_info->evtchn_mask[word], __ATOMIC_SEQ_CST);
		if (!ready)
			return;
		deliver(word * WORD_BITS + __builtin_ctzl(ready));
	}
}

void event_dispatch(void)
{
	struct vcpu_info *vcpu = priv_vcpu_info();
	unsigned long words;

	while (__atomic_exchange_n(&vcpu->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST)) {
		words = __atomic_exchange_n(&vcpu->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
		for (; words; words &= words - 1)
			dispatch_word(__builtin_ctzl(words));
	}
}

void event_mask(evtchn_port_t port)
{
	set_bit(shared_info->evtchn_mask, port);
}

/* What became pending under the mask was not announced: announce it to ourselves. */
void event_unmask(evtchn_port_t port)
{
	struct vcpu_info *vcpu = priv_vcpu_info();
	bool masked = irq_save();

	clear_bit(shared_info->evtchn_mask, port);
	if (test_bit(shared_info->evtchn_pending, port)) {
		set_bit(&vcpu->evtchn_pending_sel, port / WORD_BITS);
		__atomic_store_n(&vcpu->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
	}
	irq_restore(masked);
}

int event_take(evtchn_port_t port, event_handler_t handler, void *ctx)
{
	bool masked = irq_save();

	BUG_ON(!handler);
	if (port >= PORTS || bindings[port].handler) {
		irq_restore(masked);
		return port >= PORTS ? -EINVAL : -EBUSY;
	}
	bindings[port] = (struct binding){ .handler = handler, .ctx = ctx };
	event_unmask(port);
	irq_restore(masked);
	return port;
}

int event_bind_virq(unsigned int virq, event_handler_t handler, void *ctx)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = 0 };
	long ret = hypercall_event_channel_op(EVTCHNOP_bind_virq, &op);

	return ret ? ret : event_take(op.port, handler, ctx);
}

int event_bind_interdomain(domid_t remote, evtchn_port_t remote_port, event_handler_t handler,
			   void *ctx)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = remote_port };
	long ret = hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	return ret ? ret : event_take(op.local_port, handler, ctx);
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

	return port < 0 ? port : event_take(port, handler, ctx);
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

	BUG_ON(port >= PORTS);
	event_mask(port);
	bindings[port] = (struct binding){ .handler = NULL };
	hypercall_event_channel_op(EVTCHNOP_close, &op);
	clear_bit(shared_info->evtchn_pending, port);
	irq_restore(masked);
}

/* All ports start masked; taking one unmasks it. */
void event_init(void)
{
	memset(shared_info->evtchn_mask, 0xff, sizeof(shared_info->evtchn_mask));
}
