/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two vCPUs wake each other thousands of times, each asleep until it is woken: one lost wake-up and
 * both sleep for ever (which the test's limit of time would tell), or until the poll's own end.
 */
#include <minios/event.h>
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"

const char test_title[] = "no wake-up is lost between two vCPUs";

#define TURNS 20000

static evtchn_port_t ports[2];
static unsigned int taken[2];
static bool late;

static bool take_pending(evtchn_port_t port)
{
	unsigned long bit = 1ul << (port % (8 * sizeof(long)));
	unsigned long *word = &shared_info->evtchn_pending[port / (8 * sizeof(long))];

	return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

/* Sleeps until the port is pending. */
static void wait_for(unsigned int me)
{
	struct sched_poll poll = { .nr_ports = 1, .timeout = 0 };

	set_xen_guest_handle(poll.ports, &ports[me]);
	while (!take_pending(ports[me]))
		if (hypercall_sched_op(SCHEDOP_poll, &poll))
			__atomic_store_n(&late, true, __ATOMIC_SEQ_CST);
	taken[me]++;
}

static void player(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg, i;

	for (i = 0; i < TURNS; i++) {
		if (me == 0) {
			event_notify(ports[0]);
			wait_for(0);
		} else {
			wait_for(1);
			event_notify(ports[1]);
		}
	}
}

/* A channel from this domain to itself: what is sent on one end is pending at the other. */
static void make_ports(void)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };
	struct evtchn_bind_vcpu vcpu = { .vcpu = VCPU_SECOND };

	NEED(!hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &alloc));
	bind.remote_port = alloc.port;
	NEED(!hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &bind));
	ports[0] = alloc.port;
	ports[1] = bind.local_port;
	vcpu.port = ports[1];
	NEED(!hypercall_event_channel_op(EVTCHNOP_bind_vcpu, &vcpu));
	take_pending(ports[0]);
	take_pending(ports[1]);
}

void test_main(void)
{
	vcpu_need_second();
	make_ports();
	vcpu_start(player, (void *)1);
	player((void *)0);
	vcpu_join();
	CHECK(!late);
	CHECK_EQUAL(taken[0], TURNS);
	CHECK_EQUAL(taken[1], TURNS);
}
