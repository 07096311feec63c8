/* SPDX-License-Identifier: GPL-2.0-only */
/* Heaps and timers: against a model, on random orders; never early, never lost; vCPU timers. */
#include <stdlib.h>

#include "hypervisor/lib/errno.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/time_vcpu.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_sched.h"

/* --- heaps ------------------------------------------------------------------------------------ */

#define NODES	500

static u64 least_key(const struct pheap_node *nodes)
{
	u64 least = ~0ull;

	for (unsigned i = 0; i < NODES; i++)
		if (pheap_contains_node(&nodes[i]))
			least = MIN(least, nodes[i].key);
	return least;
}

START_TEST(test_heap_against_a_model)
{
	static struct pheap_node nodes[NODES];
	struct pheap heap = { 0 };

	sim_seed(1);
	for (unsigned i = 0; i < 100000; i++) {
		struct pheap_node *n = &nodes[sim_random(NODES)];

		if (sim_random(5) == 0 && heap.root)
			n = heap.root;
		if (pheap_contains_node(n))
			pheap_remove(&heap, n);
		else
			pheap_insert(&heap, n, sim_random(300));
		ck_assert_uint_eq(heap.root ? heap.root->key : ~0ull, least_key(nodes));
	}
	while (heap.root) {
		u64 key = heap.root->key;

		pheap_remove(&heap, heap.root);
		ck_assert(!heap.root || heap.root->key >= key);
	}
	for (unsigned i = 0; i < NODES; i++)
		ck_assert(!pheap_contains_node(&nodes[i]));
}
END_TEST

/* --- timers ----------------------------------------------------------------------------------- */

#define TIMERS	200

static struct probe {
	struct timer t;
	ns_t wanted;		/* 0: not set */
	unsigned fired;
	bool sets_again;
} probes[TIMERS];

#define LATE_MAX	10001		/* timer.c's SLACK */

static void fire(void *arg)
{
	struct probe *p = arg;

	ck_assert_uint_ne(p->wanted, 0);
	ck_assert_uint_ge(sim_now, p->wanted);
	ck_assert_uint_le(sim_now, p->wanted + LATE_MAX);
	ck_assert_uint_eq(atomic_load(&p->t.cpu), this_cpu()->id);
	p->fired++;
	p->wanted = 0;
	if (p->sets_again) {
		p->wanted = sim_now + 1 + sim_random(MS(1));
		timer_set(&p->t, p->wanted);
	}
}

static void init_probes(void)
{
	for (unsigned i = 0; i < TIMERS; i++) {
		probes[i] = (struct probe){ .sets_again = i % 7 == 0 };
		timer_init(&probes[i].t, fire, &probes[i], sim_random(nr_cpus));
	}
}

START_TEST(test_random_timers)
{
	for (unsigned round = 0; round < 20; round++) {
		sim_seed(round);
		sim_start(1 + round % 4);
		init_probes();
		for (unsigned i = 0; i < 20000; i++) {
			struct probe *p = &probes[sim_random(TIMERS)];

			sim_on_cpu(sim_random(nr_cpus));
			switch (sim_random(8)) {
			case 0:
				timer_stop(&p->t);
				p->wanted = 0;
				break;
			case 1:
				timer_migrate(&p->t, sim_random(nr_cpus));
				break;
			case 2:
				p->wanted = sim_now + sim_random(MS(2));
				timer_set_here(&p->t, p->wanted);
				ck_assert_uint_eq(atomic_load(&p->t.cpu), this_cpu()->id);
				break;
			default:
				p->wanted = sim_now + sim_random(MS(5)) + 1;
				timer_set(&p->t, p->wanted);
			}
			sim_run(sim_random(US(100)));
		}
		for (unsigned i = 0; i < TIMERS; i++)
			probes[i].sets_again = false;
		sim_run(MS(10));
		for (unsigned i = 0; i < TIMERS; i++) {
			ck_assert_uint_eq(probes[i].wanted, 0);
			ck_assert(!timer_is_set(&probes[i].t));
			ck_assert_uint_gt(probes[i].fired, 0);
		}
		sim_stop();
	}
}
END_TEST

START_TEST(test_killed_timer_stays_dead)
{
	sim_start(2);
	init_probes();
	probes[1].wanted = sim_now + MS(1);
	timer_set(&probes[1].t, probes[1].wanted);
	timer_kill(&probes[1].t);
	timer_set(&probes[1].t, sim_now + MS(1));
	timer_migrate(&probes[1].t, 1 - atomic_load(&probes[1].t.cpu));
	ck_assert(!timer_is_set(&probes[1].t));
	timer_kill(&probes[1].t);
	sim_run(MS(5));
	ck_assert_uint_eq(probes[1].fired, 0);
	sim_stop();
}
END_TEST

/*
 * A timer put off again and again, as guests do, leaves the APIC alone but for one time too many.
 */
START_TEST(test_putting_off_is_cheap)
{
	sim_start(1);
	init_probes();
	sim_apic_writes = sim_interrupts = 0;
	for (unsigned i = 0; i < 1000; i++) {
		probes[1].wanted = sim_now + MS(10);
		timer_set(&probes[1].t, probes[1].wanted);
		sim_run(US(10));
	}
	ck_assert_uint_le(sim_apic_writes, 3);
	ck_assert_uint_le(sim_interrupts, 1);
	sim_run(MS(20));
	ck_assert_uint_eq(probes[1].fired, 1);
	sim_stop();
}
END_TEST

static unsigned greedy_calls;

static void greedy(void *arg)
{
	greedy_calls++;
	timer_set(arg, 1);
}

/* What asks for the past for ever does not keep the CPU, and has no more than its interrupts. */
START_TEST(test_flood_is_bounded)
{
	struct timer t;

	sim_start(1);
	timer_init(&t, greedy, &t, 0);
	greedy_calls = 0;
	timer_set(&t, 1);
	sim_run(MS(10));
	ck_assert_uint_le(greedy_calls, 1001);
	ck_assert_uint_ge(greedy_calls, 900);
	timer_kill(&t);
	sim_stop();
}
END_TEST

/* --- vCPU timers ------------------------------------------------------------------------------ */

START_TEST(test_singleshot)
{
	struct sim_vcpu *s;

	sim_start(1);
	s = sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_run(MS(1));
	vcpu_set_singleshot(&s->v, sim_now + MS(3));
	sched_block();
	sim_run(MS(3) - 1);
	ck_assert_uint_eq(sim_virqs, 0);
	ck_assert(cpu_table[0]->vcpu->is_idle);
	sim_run(US(11));
	ck_assert_uint_eq(sim_virqs, 1);
	ck_assert_ptr_eq(cpu_table[0]->vcpu, &s->v);
	/* Past: at once. */
	vcpu_set_singleshot(&s->v, sim_now - 1);
	ck_assert_uint_eq(sim_virqs, 2);
	vcpu_set_singleshot(&s->v, sim_now + MS(1));
	vcpu_stop_singleshot(&s->v);
	sim_run(MS(5));
	ck_assert_uint_eq(sim_virqs, 2);
	sim_stop();
}
END_TEST

START_TEST(test_periodic)
{
	struct sim_vcpu *s;

	sim_start(2);
	s = sim_add(sim_domain(256, 0, 1), 0, 0);
	sim_settle();
	ck_assert_int_eq(vcpu_set_periodic(&s->v, MS(1) - 1), -EINVAL);
	ck_assert_int_eq(vcpu_set_periodic(&s->v, 1ull << 63), -EINVAL);
	ck_assert_int_eq(vcpu_set_periodic(&s->v, MS(10)), 0);
	sim_run(MS(101));
	ck_assert_uint_eq(sim_virqs, 10);
	/* It follows the vCPU to another CPU. */
	ck_assert_int_eq(sched_pin_override(&s->v, 1 - (int)s->v.processor), 0);
	sim_run(MS(100));
	ck_assert_uint_ge(sim_virqs, 19);
	ck_assert_uint_eq(atomic_load(&s->v.timers->periodic.cpu), s->v.processor);
	/* Asleep it does not tick, and is not woken; awake again one tick is due at once. */
	sim_on_cpu(s->v.processor);
	s->info.evtchn_upcall_pending = 0;
	sched_block();
	sim_run(MS(1));
	sim_virqs = 0;
	sim_run(MS(100));
	ck_assert_uint_eq(sim_virqs, 0);
	sim_wake(s);
	sim_settle();
	ck_assert_uint_eq(sim_virqs, 1);
	vcpu_stop_periodic(&s->v);
	sim_run(MS(100));
	ck_assert_uint_eq(sim_virqs, 1);
	sim_stop();
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("timer");
	TCase *tc = tcase_create("timer");

	tcase_add_test(tc, test_heap_against_a_model);
	tcase_add_test(tc, test_random_timers);
	tcase_add_test(tc, test_killed_timer_stays_dead);
	tcase_add_test(tc, test_putting_off_is_cheap);
	tcase_add_test(tc, test_flood_is_bounded);
	tcase_add_test(tc, test_singleshot);
	tcase_add_test(tc, test_periodic);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
