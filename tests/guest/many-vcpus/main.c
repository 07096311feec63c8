/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As many vCPUs as a guest may have are brought up, taken down and brought up again. While they are up
 * a token goes round by interrupts between them, each asleep until it comes. By the word `forever` they do
 * so without end.
 */
#include <minios/event.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/test.h"
#include "tests/guest/lib/vcpu.h"
#include "pvabi/sched.h"
#include "pvabi/vcpu.h"

const char test_title[] = "32 vCPUs go up, down and up again";

#define LIVES	3
#define LAPS	10
#define LATE	30000000000ull	/* ns; who is paused or weighed down at random is late without fault */

static evtchn_port_t ports[VCPUS_MAX];
static unsigned int taken[VCPUS_MAX];
static bool lost;

static bool take_pending(evtchn_port_t port)
{
	unsigned long bit = 1ul << (port % (8 * sizeof(long)));
	unsigned long *word = &shared_info->evtchn_pending[port / (8 * sizeof(long))];

	return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

static void wait_for_token(unsigned int me)
{
	struct sched_poll poll = { .nr_ports = 1 };

	set_xen_guest_handle(poll.ports, &ports[me]);
	if (!test_variant_is("forever"))
		poll.timeout = clock_read(me) + LATE;
	while (!take_pending(ports[me])) {
		hypercall_sched_op(SCHEDOP_poll, &poll);
		if (poll.timeout && clock_read(me) >= poll.timeout) {
			__atomic_store_n(&lost, true, __ATOMIC_SEQ_CST);
			return;
		}
	}
	taken[me]++;
}

static void pass_token(void *arg)
{
	unsigned int me = (unsigned int)(uintptr_t)arg, i;

	for (i = 0; i < LAPS; i++) {
		wait_for_token(me);
		event_notify(ports[(me + 1) % VCPUS_MAX]);
	}
}

static void bind_ports(void)
{
	unsigned int i;

	for (i = 0; i < VCPUS_MAX; i++) {
		struct evtchn_bind_ipi bind = { .vcpu = i };

		NEED(!hypercall_event_channel_op(EVTCHNOP_bind_ipi, &bind));
		ports[i] = bind.port;
	}
}

static void live_once(void)
{
	unsigned int i;

	for (i = 1; i < VCPUS_MAX; i++) {
		CHECK(!vcpu_on_is_up(i));
		vcpu_start_on(i, pass_token, (void *)(uintptr_t)i);
	}
	for (i = 0; i < LAPS; i++) {
		event_notify(ports[1]);
		wait_for_token(0);
	}
	for (i = 1; i < VCPUS_MAX; i++)
		vcpu_join_on(i);
}

void test_main(void)
{
	unsigned int i, life;

	vcpu_need(VCPUS_MAX);
	CHECK_EQUAL(hypercall_vcpu_op(VCPUOP_up, VCPUS_MAX, NULL), -XEN_ENOENT);
	CHECK(hypercall_vcpu_op(VCPUOP_up, VCPUS_MAX - 1, NULL) < 0);	/* it has no context yet */
	bind_ports();
	for (life = 1; (life <= LIVES || test_variant_is("forever")) && !lost; life++)
		live_once();
	CHECK(!lost);
	for (i = 0; i < VCPUS_MAX; i++)
		CHECK_EQUAL(taken[i], LIVES * LAPS);
}
