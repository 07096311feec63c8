/* SPDX-License-Identifier: MIT */
/*
 * Event channels: the two-level bitmaps in the shared info page, and a handler for each port.
 *
 * The hypervisor sets the port's bit, then the bit of that word in evtchn_pending_sel, then
 * evtchn_upcall_pending. We look and clear in the reverse order, so that whatever is set meanwhile
 * is found by this round or announced again.
 *
 * A domain at the other end of a port may send without pause, and the handler would then leave no
 * time to the thread that it wakes. So such a port is held: masked when its handler is called, and
 * let go when a thread gives up the CPU. What comes meanwhile is merged, as events always may be.
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
	bool foreign;		/* the other end is another domain's */
};

static struct binding bindings[PORTS];

/* Ports that are held, and which words of that may not be empty. None before there are threads. */
static unsigned long held[WORD_BITS], held_words;
static bool holding;

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

static void hold(evtchn_port_t port)
{
	set_bit(shared_info->evtchn_mask, port);
	held[port / WORD_BITS] |= 1ul << (port % WORD_BITS);
	held_words |= 1ul << (port / WORD_BITS);
}

/* Whoever masks or unmasks a port himself wants it so: it is not held any more. */
static void forget(evtchn_port_t port)
{
	bool masked = irq_save();

	held[port / WORD_BITS] &= ~(1ul << (port % WORD_BITS));
	irq_restore(masked);
}

void event_hold_foreign(void)
{
	holding = true;
}

void event_release_held(void)
{
	bool masked = irq_save();
	unsigned int word;

	for (; held_words; held_words &= held_words - 1) {
		word = __builtin_ctzl(held_words);
		while (held[word])
			event_unmask(word * WORD_BITS + __builtin_ctzl(held[word]));
	}
	irq_restore(masked);
}

static void deliver(evtchn_port_t port)
{
	struct binding *b = &bindings[port];

	clear_bit(shared_info->evtchn_pending, port);
	if (!b->handler) {
		event_mask(port);
		return;
	}
	if (b->foreign && holding)
		hold(port);
	b->handler(port, b->ctx);
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
	forget(port);
	set_bit(shared_info->evtchn_mask, port);
}

/* What became pending under the mask was not announced: announce it to ourselves. */
void event_unmask(evtchn_port_t port)
{
	struct vcpu_info *vcpu = priv_vcpu_info();
	bool masked = irq_save();

	forget(port);
	clear_bit(shared_info->evtchn_mask, port);
	if (test_bit(shared_info->evtchn_pending, port)) {
		set_bit(&vcpu->evtchn_pending_sel, port / WORD_BITS);
		__atomic_store_n(&vcpu->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
	}
	irq_restore(masked);
}

static int take(evtchn_port_t port, event_handler_t handler, void *ctx, bool foreign)
{
	bool masked = irq_save();

	BUG_ON(!handler);
	if (port >= PORTS || bindings[port].handler) {
		irq_restore(masked);
		return port >= PORTS ? -EINVAL : -EBUSY;
	}
	bindings[port] = (struct binding){ handler, ctx, foreign };
	event_unmask(port);
	irq_restore(masked);
	return port;
}

int event_take(evtchn_port_t port, event_handler_t handler, void *ctx)
{
	return take(port, handler, ctx, false);
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

	return ret ? ret : take(op.local_port, handler, ctx, remote != DOMID_SELF);
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

	return port < 0 ? port : take(port, handler, ctx, remote != DOMID_SELF);
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
