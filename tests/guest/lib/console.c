/* SPDX-License-Identifier: GPL-2.0-only */
/* Output without threads: a full ring is waited for by giving up the CPU. */
#include <minios/hypercall.h>
#include <minios/mm.h>
#include <minios/printk.h>
#include <minios/start.h>
#include "tests/guest/lib/console.h"
#include "pvabi/event_channel.h"
#include "pvabi/io/console.h"
#include "pvabi/sched.h"

static struct xencons_interface *ring;

static void kick(void)
{
	struct evtchn_send send = { .port = start_info->console.domU.evtchn };

	hypercall_event_channel_op(EVTCHNOP_send, &send);
}

static unsigned int unread(void)
{
	return ring->out_prod - __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE);
}

static void put(char c)
{
	while (unread() >= sizeof(ring->out)) {
		kick();
		hypercall_sched_op(SCHEDOP_yield, NULL);
	}
	ring->out[ring->out_prod % sizeof(ring->out)] = c;
	__atomic_store_n(&ring->out_prod, ring->out_prod + 1, __ATOMIC_RELEASE);
}

static void ring_write(const void *data, size_t len)
{
	const char *p = data;

	for (; len; len--, p++) {
		if (*p == '\n')
			put('\r');
		put(*p);
	}
	kick();
}

void test_console_init(void)
{
	if (start_is_control())
		return;
	ring = pfn_to_virt(mfn_to_pfn(start_info->console.domU.mfn));
	printk_set_sink(ring_write);
}

void test_console_flush(void)
{
	while (ring && unread()) {
		kick();
		hypercall_sched_op(SCHEDOP_yield, NULL);
	}
}
