/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels: binding, sending, masking, closing, and what is refused. */
#include <minios/event.h>
#include <minios/irq.h>
#include "tests/guest/lib/test.h"

const char test_title[] = "event channels";

static volatile unsigned int count_a, count_b;

static void on_a(evtchn_port_t port, void *ctx)
{
	(void)port, (void)ctx;
	count_a++;
}

static void on_b(evtchn_port_t port, void *ctx)
{
	(void)port, (void)ctx;
	count_b++;
}

static long send(evtchn_port_t port)
{
	return event_notify(port);
}

static void try_loopback(void)
{
	int a = event_alloc_unbound(DOMID_SELF, on_a, NULL);
	int b = event_bind_interdomain(DOMID_SELF, a, on_b, NULL);
	struct evtchn_unmask unmask;

	NEED(a > 0 && b > 0);
	count_a = count_b = 0;
	CHECK(!send(a));
	CHECK_EQUAL(count_b, 1);
	CHECK(!send(b));
	CHECK_EQUAL(count_a, 1);
	/* Masked: kept, once; then the hypervisor's unmask delivers it. */
	event_mask(b);
	send(a);
	send(a);
	CHECK_EQUAL(count_b, 1);
	unmask.port = b;
	CHECK(!hypercall_event_channel_op(EVTCHNOP_unmask, &unmask));
	CHECK_EQUAL(count_b, 2);
	/* With all events masked nothing comes, until they are open again. */
	irq_save();
	send(a);
	CHECK_EQUAL(count_b, 2);
	irq_restore(false);
	CHECK_EQUAL(count_b, 3);
	event_close(b);
	CHECK(send(b) < 0);
	/* The other end is unbound again: sending there goes nowhere. */
	send(a);
	CHECK_EQUAL(count_b, 3);
	event_close(a);
	CHECK(send(a) < 0);
}

static void try_refused(void)
{
	struct evtchn_bind_interdomain bind = { .remote_dom = 0x7ff0, .remote_port = 1 };
	struct evtchn_bind_virq virq = { .virq = 10000 };
	struct evtchn_close close;
	struct evtchn_bind_ipi ipi = { .vcpu = 4000 };
	struct evtchn_status status = { .dom = DOMID_SELF, .port = 1u << 20 };

	CHECK(hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &bind) < 0);
	bind = (struct evtchn_bind_interdomain){ .remote_dom = DOMID_SELF, .remote_port = 1u << 30 };
	CHECK(hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &bind) < 0);
	CHECK(hypercall_event_channel_op(EVTCHNOP_bind_virq, &virq) < 0);
	virq = (struct evtchn_bind_virq){ .virq = VIRQ_TIMER, .vcpu = 77 };
	CHECK_EQUAL(hypercall_event_channel_op(EVTCHNOP_bind_virq, &virq), -XEN_ENOENT);
	CHECK_EQUAL(hypercall_event_channel_op(EVTCHNOP_bind_ipi, &ipi), -XEN_ENOENT);
	close.port = 0;
	CHECK(hypercall_event_channel_op(EVTCHNOP_close, &close) < 0);
	close.port = 0xffffffff;
	CHECK(hypercall_event_channel_op(EVTCHNOP_close, &close) < 0);
	CHECK(send(0) < 0);
	CHECK(send(0x7fffffff) < 0);
	CHECK(hypercall_event_channel_op(EVTCHNOP_status, &status) < 0);
	CHECK_EQUAL(hypercall_event_channel_op(99, &close), -XEN_ENOSYS);
}

/* All ports there are, and all of them again after they were closed. */
static void try_all_ports(void)
{
	const unsigned int limit = sizeof(long) * 8 * sizeof(long) * 8;
	unsigned int made[2] = { 0, 0 }, round;
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	static evtchn_port_t ports[4096];

	for (round = 0; round < 2; round++) {
		long ret = 0;

		while (made[round] <= limit && !(ret = hypercall_event_channel_op(
							 EVTCHNOP_alloc_unbound, &alloc)))
			ports[made[round]++] = alloc.port;
		CHECK_EQUAL(ret, -XEN_ENOSPC);
		for (unsigned int i = 0; i < made[round]; i++) {
			struct evtchn_close close = { .port = ports[i] };

			CHECK(!hypercall_event_channel_op(EVTCHNOP_close, &close));
		}
	}
	CHECK(made[0] > 100 && made[0] < limit);
	CHECK_EQUAL(made[0], made[1]);
}

void test_main(void)
{
	irq_restore(false);
	try_loopback();
	try_refused();
	try_all_ports();
}
