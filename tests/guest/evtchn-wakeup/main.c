/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two vCPUs wake each other thousands of times, each asleep until it is woken: one lost wake-up and
 * both sleep until the poll's own end, which is far away. How many turns there is time for depends on
 * the machine below: between two CPUs of an emulator each wake-up waits for its host's scheduler.
 */
#include <minios/event.h>
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"

const char test_title[] = "no wake-up is lost between two vCPUs";

#define TURNS_MAX	20000
#define TURNS_MIN	50
#define TIME_MAX	SEC(10)
#define FAR_AWAY	SEC(30)

static evtchn_port_t ports[2];
static unsigned int taken[2];
static bool over, refused, lost;

static bool take_pending(evtchn_port_t port)
{
	unsigned long bit = 1ul << (port % (8 * sizeof(long)));
	unsigned long *word = &shared_info->evtchn_pending[port / (8 * sizeof(long))];

	return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

/* Sleeps until the port is pending; false when nobody woke it. */
static bool wait_for(unsigned int me)
{
	struct sched_poll poll = { .nr_ports = 1, .timeout = clock_read(me) + FAR_AWAY };

	set_xen_guest_handle(poll.ports, &ports[me]);
	while (!take_pending(ports[me])) {
		if (hypercall_sched_op(SCHEDOP_poll, &poll))
			__atomic_store_n(&refused, true, __ATOMIC_SEQ_CST);
		if (clock_read(me) >= poll.timeout) {
			__atomic_store_n(&lost, true, __ATOMIC_SEQ_CST);
			return false;
		}
	}
	taken[me]++;
	return true;
}

static void answer(void *arg)
{
	(void)arg;
	while (wait_for(1) && !__atomic_load_n(&over, __ATOMIC_SEQ_CST))
		event_notify(ports[1]);
}

static void play(void)
{
	uint64_t end = clock_read(0) + TIME_MAX;

	do
		event_notify(ports[0]);
	while (wait_for(0) && taken[0] < TURNS_MAX && clock_read(0) < end);
	__atomic_store_n(&over, true, __ATOMIC_SEQ_CST);
	event_notify(ports[0]);
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
	vcpu_start(answer, NULL);
	play();
	vcpu_join();
	CHECK(!lost);
	CHECK(!refused);
	CHECK(taken[0] >= TURNS_MIN);
	CHECK_EQUAL(taken[1], taken[0] + 1);
}
