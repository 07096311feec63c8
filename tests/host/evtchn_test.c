/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels: every call and every refusal, both ABIs, a random model, and races. */
#include <pthread.h>

#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/services/evtchn.h"
#include "pvabi/compat/xen.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_services.h"

static struct domain *a, *b, *c;	/* control domain, and two guests */

static struct domain *new_domain(domid_t id, bool pv32)
{
	struct domain *d = fake_domain(id, id == 0, pv32, 3, &evtchn_hooks);

	ck_assert_ptr_nonnull(d);
	return d;
}

static void set_up_width(bool pv32)
{
	a = dom0 = new_domain(0, pv32);
	b = new_domain(1, pv32);
	c = new_domain(2, pv32);
	fake_run(a->vcpu[0]);
}

static void set_up(void)
{
	set_up_width(false);
}

static void set_up32(void)
{
	set_up_width(true);
}

static void tear_down(void)
{
	dom0 = NULL;
	fake_kill(a);
	fake_kill(b);
	fake_kill(c);
	fake_assert_clean();
}

/* --- the guest's view of the two-level ABI ------------------------------------------------------ */

static _Atomic u32 *bits(struct domain *d, bool mask)
{
	char *base = (char *)d->shared;

	if (d->is_pv32)
		return (void *)(base + (mask ? offsetof(struct compat_shared_info, evtchn_mask) :
					       offsetof(struct compat_shared_info, evtchn_pending)));
	return (void *)(base + (mask ? offsetof(struct shared_info, evtchn_mask) :
				       offsetof(struct shared_info, evtchn_pending)));
}

static bool pending(struct domain *d, u32 port)
{
	return atomic_load(&bits(d, false)[port / 32]) >> port % 32 & 1;
}

static void clear_pending(struct domain *d, u32 port)
{
	atomic_fetch_and(&bits(d, false)[port / 32], ~(1u << port % 32));
}

static void mask(struct domain *d, u32 port)
{
	atomic_fetch_or(&bits(d, true)[port / 32], 1u << port % 32);
}

static u64 selector(struct vcpu *v)
{
	return v->domain->is_pv32 ? ((struct compat_vcpu_info *)v->info)->evtchn_pending_sel :
				    v->info->evtchn_pending_sel;
}

static void forget(struct vcpu *v)
{
	v->info->evtchn_upcall_pending = 0;
	if (v->domain->is_pv32)
		((struct compat_vcpu_info *)v->info)->evtchn_pending_sel = 0;
	else
		v->info->evtchn_pending_sel = 0;
	fake_kicks(v);
}

/* --- calls -------------------------------------------------------------------------------------- */

static int alloc_unbound(domid_t dom, domid_t remote, u32 *port)
{
	struct evtchn_alloc_unbound op = { .dom = dom, .remote_dom = remote, .port = ~0u };
	int rc = evtchn_alloc_unbound(&op);

	*port = op.port;
	return rc;
}

static int bind_interdomain(struct domain *d, domid_t remote, u32 rport, u32 *port)
{
	struct evtchn_bind_interdomain op = { .remote_dom = remote, .remote_port = rport };
	int rc;

	fake_run(d->vcpu[0]);
	rc = evtchn_bind_interdomain(&op);
	*port = op.local_port;
	return rc;
}

static int bind_virq(struct vcpu *v, u32 virq, u32 vcpu, u32 *port)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
	int rc;

	fake_run(v);
	rc = evtchn_bind_virq(&op);
	*port = op.port;
	return rc;
}

static int bind_ipi(struct vcpu *v, u32 vcpu, u32 *port)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };
	int rc;

	fake_run(v);
	rc = evtchn_bind_ipi(&op);
	*port = op.port;
	return rc;
}

static struct evtchn_status status_of(struct domain *d, u32 port)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port };

	fake_run(d->vcpu[0]);
	ck_assert_int_eq(evtchn_status(&s), 0);
	return s;
}

/* A channel from @x to @y: their ports. */
static void connect(struct domain *x, struct domain *y, u32 *xp, u32 *yp)
{
	fake_run(x->vcpu[0]);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, y->id, xp), 0);
	ck_assert_int_eq(bind_interdomain(y, x->id, *xp, yp), 0);
}

START_TEST(alloc_unbound_refusals)
{
	u32 port;

	ck_assert_int_eq(alloc_unbound(9, 1, &port), -ESRCH);
	ck_assert_int_eq(alloc_unbound(1, DOMID_SELF, &port), 0);
	ck_assert_uint_eq(port, 1);
	ck_assert_uint_eq(status_of(b, 1).u.unbound.dom, 0);
	fake_run(b->vcpu[0]);
	ck_assert_int_eq(alloc_unbound(2, 1, &port), -EPERM);
	ck_assert_int_eq(alloc_unbound(1, 77, &port), 0);	/* nobody yet */
	ck_assert_uint_eq(port, 2);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, DOMID_SELF, &port), 0);
	ck_assert_uint_eq(status_of(b, 3).u.unbound.dom, 1);
}
END_TEST

START_TEST(lowest_port_first)
{
	u32 port;

	for (u32 i = 1; i <= 5; i++) {
		ck_assert_int_eq(alloc_unbound(DOMID_SELF, 1, &port), 0);
		ck_assert_uint_eq(port, i);
	}
	ck_assert_int_eq(evtchn_close(a, 4), 0);
	ck_assert_int_eq(evtchn_close(a, 2), 0);
	alloc_unbound(DOMID_SELF, 1, &port);
	ck_assert_uint_eq(port, 2);
	alloc_unbound(DOMID_SELF, 1, &port);
	ck_assert_uint_eq(port, 4);
	alloc_unbound(DOMID_SELF, 1, &port);
	ck_assert_uint_eq(port, 6);
}
END_TEST

static void fill(u32 limit)
{
	u32 port;

	for (u32 i = 1; i < limit; i++)
		ck_assert_int_eq(alloc_unbound(DOMID_SELF, 1, &port), 0);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 1, &port), -ENOSPC);
	ck_assert_int_eq(evtchn_close(a, limit - 1), 0);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 1, &port), 0);
	ck_assert_uint_eq(port, limit - 1);
}

START_TEST(port_limits)
{
	ck_assert_uint_eq(evtchn_max_ports(a), 4096);
	fill(4096);
}
END_TEST

START_TEST(port_limits32)
{
	ck_assert_uint_eq(evtchn_max_ports(a), 1024);
	fill(1024);
}
END_TEST

START_TEST(configured_limit)
{
	evtchn_set_max_port(a, 9);
	ck_assert_uint_eq(evtchn_max_ports(a), 10);
	fill(10);
}
END_TEST

START_TEST(bind_interdomain_refusals)
{
	u32 port, local;

	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 1, &port), 0);
	ck_assert_int_eq(bind_interdomain(b, 9, port, &local), -ESRCH);
	ck_assert_int_eq(bind_interdomain(b, 0, 4000000, &local), -EINVAL);
	ck_assert_int_eq(bind_interdomain(b, 0, 0, &local), -EINVAL);
	ck_assert_int_eq(bind_interdomain(b, 0, port + 1, &local), -EINVAL);
	ck_assert_int_eq(bind_interdomain(c, 0, port, &local), -EINVAL);	/* not for c */
	ck_assert_int_eq(bind_interdomain(b, 0, port, &local), 0);
	ck_assert_uint_eq(local, 1);
	ck_assert_int_eq(bind_interdomain(b, 0, port, &local), -EINVAL);	/* taken */
	/* One's own next free port is not a peer. */
	ck_assert_int_eq(bind_interdomain(b, 1, 2, &local), -EINVAL);
	ck_assert_uint_eq(status_of(a, port).status, EVTCHNSTAT_interdomain);
	ck_assert_uint_eq(status_of(a, port).u.interdomain.dom, 1);
	ck_assert_uint_eq(status_of(b, 1).u.interdomain.port, port);
}
END_TEST

START_TEST(send_and_upcall)
{
	u32 ap, bp;

	connect(a, b, &ap, &bp);
	/* The newcomer is told at once; the other end is not. */
	ck_assert(pending(b, bp) && !pending(a, ap));
	ck_assert_uint_eq(b->vcpu[0]->info->evtchn_upcall_pending, 1);
	ck_assert_uint_eq(selector(b->vcpu[0]), 1);
	ck_assert_uint_eq(fake_kicks(b->vcpu[0]), 1);

	ck_assert_int_eq(evtchn_send(b, bp), 0);
	ck_assert(pending(a, ap));
	ck_assert_uint_eq(fake_kicks(a->vcpu[0]), 1);
	ck_assert_int_eq(evtchn_send(b, bp), 0);	/* pending already: nothing new */
	ck_assert_uint_eq(fake_kicks(a->vcpu[0]), 0);
	ck_assert_int_eq(evtchn_send(b, 99), -EINVAL);
	ck_assert_int_eq(evtchn_send(b, 0), -EINVAL);
	ck_assert_int_eq(evtchn_send(b, 100000), -EINVAL);
}
END_TEST

START_TEST(masked_then_unmasked)
{
	u32 ap, bp;
	struct vcpu *v = b->vcpu[0];

	connect(a, b, &ap, &bp);
	clear_pending(b, bp);
	forget(v);
	mask(b, bp);
	ck_assert_int_eq(evtchn_send(a, ap), 0);
	ck_assert(pending(b, bp));
	ck_assert_uint_eq(selector(v), 0);
	ck_assert_uint_eq(v->info->evtchn_upcall_pending, 0);
	fake_run(v);
	ck_assert_int_eq(evtchn_unmask(bp), 0);
	ck_assert_uint_eq(selector(v), 1);
	ck_assert_uint_eq(v->info->evtchn_upcall_pending, 1);
	ck_assert_uint_eq(fake_kicks(v), 1);
	ck_assert_int_eq(evtchn_unmask(bp), 0);		/* was not masked: nothing */
	ck_assert_uint_eq(fake_kicks(v), 0);
	ck_assert_int_eq(evtchn_unmask(100000), -EINVAL);
}
END_TEST

START_TEST(selector_word)
{
	u32 ap = 0, bp, word = b->is_pv32 ? 32 : 64;

	fake_run(b->vcpu[0]);
	for (u32 i = 1; i < 3 * word; i++)
		ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &bp), 0);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &bp), 0);
	ck_assert_uint_eq(bp, 3 * word);
	ck_assert_int_eq(bind_interdomain(a, 1, bp, &ap), 0);
	ck_assert_int_eq(evtchn_send(a, ap), 0);
	ck_assert_uint_eq(selector(b->vcpu[0]), 1 << 3);
	ck_assert_uint_eq(((u8 *)bits(b, false))[3 * word / 8], 1);
}
END_TEST

START_TEST(close_turns_peer_back)
{
	u32 ap, bp, again;

	connect(a, b, &ap, &bp);
	ck_assert(pending(b, bp));
	ck_assert_int_eq(evtchn_close(b, bp), 0);
	ck_assert(!pending(b, bp));
	ck_assert_uint_eq(status_of(b, bp).status, EVTCHNSTAT_closed);
	ck_assert_uint_eq(status_of(a, ap).status, EVTCHNSTAT_unbound);
	ck_assert_uint_eq(status_of(a, ap).u.unbound.dom, 1);
	ck_assert_int_eq(evtchn_send(a, ap), 0);	/* dropped in silence */
	ck_assert_int_eq(evtchn_close(b, bp), -EINVAL);
	ck_assert_int_eq(evtchn_close(b, 0), -EINVAL);
	ck_assert_int_eq(evtchn_close(b, 100000), -EINVAL);
	ck_assert_int_eq(bind_interdomain(b, 0, ap, &again), 0);
	ck_assert_uint_eq(again, bp);
}
END_TEST

START_TEST(virq_rules)
{
	u32 port, other;

	ck_assert_int_eq(bind_virq(b->vcpu[0], NR_VIRQS, 0, &port), -EINVAL);
	ck_assert_int_eq(bind_virq(b->vcpu[0], ~0u, 0, &port), -EINVAL);
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_DOM_EXC, 1, &port), -EINVAL);
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_TIMER, 3, &port), -ENOENT);
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_TIMER, 1, &port), 0);
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_TIMER, 1, &other), -EEXIST);
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_TIMER, 0, &other), 0);
	ck_assert_uint_eq(status_of(b, port).u.virq, VIRQ_TIMER);
	ck_assert_uint_eq(status_of(b, port).vcpu, 1);

	send_vcpu_virq(b->vcpu[1], VIRQ_TIMER);
	ck_assert(pending(b, port) && !pending(b, other));
	ck_assert_uint_eq(fake_kicks(b->vcpu[1]), 1);
	send_vcpu_virq(b->vcpu[1], VIRQ_DEBUG);		/* not bound */
	ck_assert_uint_eq(fake_kicks(b->vcpu[1]), 0);

	ck_assert_int_eq(evtchn_close(b, port), 0);
	send_vcpu_virq(b->vcpu[1], VIRQ_TIMER);
	ck_assert(!pending(b, port));
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_TIMER, 1, &port), 0);
}
END_TEST

START_TEST(global_virq)
{
	u32 ap, bp;

	send_global_virq(VIRQ_DOM_EXC);			/* nobody has bound it */
	ck_assert_int_eq(bind_virq(a->vcpu[0], VIRQ_DOM_EXC, 0, &ap), 0);
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_DOM_EXC, 0, &bp), 0);
	ck_assert_int_eq(bind_virq(a->vcpu[0], VIRQ_DOM_EXC, 0, &bp), -EEXIST);
	send_global_virq(VIRQ_DOM_EXC);
	ck_assert(pending(a, ap) && !pending(b, 1));
	/* A global one may move to another vCPU; a vCPU's own may not. */
	fake_run(a->vcpu[0]);
	clear_pending(a, ap);
	ck_assert_int_eq(evtchn_bind_vcpu(ap, 2), 0);
	send_global_virq(VIRQ_DOM_EXC);
	ck_assert_uint_eq(fake_kicks(a->vcpu[2]), 1);
	dom0 = NULL;
	send_global_virq(VIRQ_DOM_EXC);
}
END_TEST

START_TEST(ipi_and_bind_vcpu)
{
	u32 port, virq, free_port;

	ck_assert_int_eq(bind_ipi(b->vcpu[0], 3, &port), -ENOENT);
	ck_assert_int_eq(bind_ipi(b->vcpu[0], 2, &port), 0);
	ck_assert_uint_eq(status_of(b, port).status, EVTCHNSTAT_ipi);
	ck_assert_int_eq(evtchn_send(b, port), 0);
	ck_assert(pending(b, port));
	ck_assert_uint_eq(fake_kicks(b->vcpu[2]), 1);
	fake_run(b->vcpu[0]);
	ck_assert_int_eq(evtchn_bind_vcpu(port, 0), -EINVAL);
	ck_assert_int_eq(evtchn_bind_vcpu(port, 3), -ENOENT);
	ck_assert_int_eq(evtchn_bind_vcpu(100000, 0), -EINVAL);
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_TIMER, 0, &virq), 0);
	ck_assert_int_eq(evtchn_bind_vcpu(virq, 1), -EINVAL);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &free_port), 0);
	ck_assert_int_eq(evtchn_bind_vcpu(free_port, 1), 0);
	ck_assert_uint_eq(status_of(b, free_port).vcpu, 1);
	ck_assert_int_eq(evtchn_bind_vcpu(free_port + 1, 1), -EINVAL);
	/* A VIRQ is not for sending. */
	ck_assert_int_eq(evtchn_send(b, virq), -EINVAL);
}
END_TEST

START_TEST(pirq_as_without_interrupts)
{
	struct evtchn_bind_pirq op = { .pirq = 9 };

	ck_assert_int_eq(evtchn_bind_pirq(&op), -EPERM);
	op.pirq = 1000;
	ck_assert_int_eq(evtchn_bind_pirq(&op), -EINVAL);
}
END_TEST

START_TEST(status_refusals)
{
	struct evtchn_status s = { .dom = 9 };

	ck_assert_int_eq(evtchn_status(&s), -ESRCH);
	s = (struct evtchn_status){ .dom = 1, .port = 100000 };
	ck_assert_int_eq(evtchn_status(&s), -EINVAL);
	s.port = 0;
	ck_assert_int_eq(evtchn_status(&s), 0);
	ck_assert_uint_eq(s.status, EVTCHNSTAT_closed);
	fake_run(b->vcpu[0]);
	s = (struct evtchn_status){ .dom = 0, .port = 0 };
	ck_assert_int_eq(evtchn_status(&s), -EPERM);
}
END_TEST

START_TEST(reset_rules)
{
	u32 ap, bp, virq;

	connect(a, b, &ap, &bp);
	bind_virq(b->vcpu[0], VIRQ_TIMER, 0, &virq);
	fake_run(a->vcpu[0]);
	ck_assert_int_eq(evtchn_reset(b, false), -EINVAL);	/* not paused */
	b->pause_by_control = 1;
	ck_assert_int_eq(evtchn_reset(b, false), 0);
	ck_assert_uint_eq(status_of(a, ap).status, EVTCHNSTAT_unbound);
	ck_assert_uint_eq(status_of(b, virq).status, EVTCHNSTAT_closed);
	ck_assert_int_eq(bind_virq(b->vcpu[0], VIRQ_TIMER, 0, &virq), 0);
	ck_assert_int_eq(evtchn_reset(b, false), 0);
}
END_TEST

START_TEST(reset_is_preemptible)
{
	u32 port;
	int calls = 0;

	for (int i = 0; i < 300; i++)
		alloc_unbound(DOMID_SELF, 1, &port);
	atomic_store(&this_cpu()->work, 1);
	ck_assert_int_eq(evtchn_reset(a, true), -EBUSY);
	ck_assert_int_eq(evtchn_reset(a, false), -ERESTART);
	ck_assert_int_eq(evtchn_reset(a, false), -EBUSY);
	while (evtchn_reset(a, true) == -ERESTART)
		calls++;
	ck_assert_int_eq(evtchn_reset(a, true), -EBUSY);
	ck_assert_int_ge(calls, 3);
	atomic_store(&this_cpu()->work, 0);
	alloc_unbound(DOMID_SELF, 1, &port);
	ck_assert_uint_eq(port, 1);
}
END_TEST

START_TEST(dying_domain)
{
	struct domain *d = new_domain(5, false);
	u32 dp, ap, free_port;

	connect(d, a, &dp, &ap);
	fake_run(d->vcpu[0]);
	alloc_unbound(DOMID_SELF, 0, &free_port);
	atomic_store(&d->dying, DOMAIN_DYING);
	ck_assert_int_eq(evtchn_alloc_unbound_for(d, 0, &free_port), -EINVAL);
	fake_run(a->vcpu[0]);
	fake_kill(d);
	ck_assert_uint_eq(status_of(a, ap).status, EVTCHNSTAT_unbound);
	ck_assert_int_eq(evtchn_send(a, ap), 0);
	ck_assert_int_eq(bind_interdomain(a, 5, dp, &ap), -ESRCH);
}
END_TEST

START_TEST(polling)
{
	u32 ap, bp, ports[2];

	connect(a, b, &ap, &bp);
	mask(a, ap);
	ports[0] = ap;
	ports[1] = ap + 1;
	ck_assert_int_eq(evtchn_any_pending(a, ports, 2), 0);
	ck_assert_int_eq(evtchn_any_pending(a, ports, 0), 0);

	/* Pollers are told of masked events too, and only of those that are news. */
	atomic_store(&fake_poll_wakes, 0);
	evtchn_send(b, bp);
	ck_assert_uint_eq(atomic_load(&fake_poll_wakes), 1);
	ck_assert_ptr_eq(fake_poll_domain, a);
	ck_assert_uint_eq(fake_poll_port, ap);
	ck_assert_uint_eq(fake_kicks(a->vcpu[0]), 0);
	evtchn_send(b, bp);
	ck_assert_uint_eq(atomic_load(&fake_poll_wakes), 1);
	ck_assert_int_eq(evtchn_any_pending(a, ports, 2), 1);
	ports[0] = 0;
	ck_assert_int_eq(evtchn_any_pending(a, ports, 2), 0);
	ports[1] = 100000;
	ck_assert_int_eq(evtchn_any_pending(a, ports, 2), -EINVAL);
	ck_assert(evtchn_port_is_valid(a, 3) && !evtchn_port_is_valid(a, 100000));
}
END_TEST

START_TEST(moved_vcpu_info)
{
	struct vcpu *v = b->vcpu[1];

	evtchn_vcpu_info_moved(v);
	ck_assert_uint_eq(v->info->evtchn_upcall_pending, 1);
	ck_assert_uint_eq(selector(v), b->is_pv32 ? 0xffffffff : ~0ull);
	ck_assert_uint_eq(fake_kicks(v), 1);
	/* In the narrow layout the word behind the selector is the guest's. */
	if (b->is_pv32)
		ck_assert_uint_eq(((u32 *)v->info)[2], 0);
	evtchn_dump(b);
}
END_TEST

START_TEST(no_memory)
{
	struct domain *d;
	u32 port;

	for (int nth = 1; nth < 4; nth++) {
		fake_fail_alloc(nth);
		ck_assert_ptr_null(fake_domain(6, false, false, 0, &evtchn_hooks));
	}
	fake_fail_alloc(4);
	ck_assert_ptr_null(fake_domain(6, false, false, 1, &evtchn_hooks));
	fake_fail_alloc(-1);
	d = new_domain(6, false);
	fake_run(d->vcpu[0]);
	for (u32 i = 1; i < 128; i++)
		ck_assert_int_eq(alloc_unbound(DOMID_SELF, 1, &port), 0);
	fake_fail_alloc(0);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 1, &port), -ENOMEM);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 1, &port), 0);
	ck_assert_uint_eq(port, 128);
	fake_kill(d);
}
END_TEST

/* --- the FIFO ABI ------------------------------------------------------------------------------- */

#define W_PENDING	(1u << EVTCHN_FIFO_PENDING)
#define W_MASKED	(1u << EVTCHN_FIFO_MASKED)
#define W_LINKED	(1u << EVTCHN_FIFO_LINKED)

static struct evtchn_fifo_control_block *control[2];
static _Atomic u32 *words;

static int init_control(struct domain *d, u32 vcpu, mfn_t mfn, u32 offset)
{
	struct evtchn_init_control op = { .control_gfn = mfn, .offset = offset, .vcpu = vcpu };
	int rc;

	fake_run(d->vcpu[0]);
	rc = evtchn_init_control(&op);
	ck_assert_uint_eq(op.link_bits, 17);
	return rc;
}

/* b speaks FIFO on vCPUs 0 and 1, with words for the first 1024 ports. */
static void go_fifo(void)
{
	mfn_t array = fake_give_frame(b);

	for (u32 i = 0; i < 2; i++) {
		mfn_t mfn = fake_give_frame(b);

		ck_assert_int_eq(init_control(b, i, mfn, 128), 0);
		control[i] = (void *)((char *)mfn_to_virt(mfn) + 128);
	}
	ck_assert_int_eq(evtchn_expand_array(array), 0);
	words = mfn_to_virt(array);
}

/* What a guest does in its upcall: the next event of vCPU @v's most urgent queue, or 0. */
static u32 consume(u32 v, u32 *priority)
{
	static u32 heads[2][EVTCHN_FIFO_MAX_QUEUES];
	struct evtchn_fifo_control_block *cb = control[v];
	u32 ready = atomic_exchange((_Atomic u32 *)&cb->ready, 0), port = 0, q;

	while (ready && !port) {
		q = __builtin_ctz(ready);
		if (!heads[v][q])
			heads[v][q] = cb->head[q];
		port = heads[v][q];
		*priority = q;
		if (port) {
			u32 old = atomic_load(&words[port]), cleared;

			do {
				cleared = old & ~(W_LINKED | EVTCHN_FIFO_LINK_MASK);
			} while (!atomic_compare_exchange_weak(&words[port], &old, cleared));
			heads[v][q] = old & EVTCHN_FIFO_LINK_MASK;
			if (!heads[v][q])
				ready &= ~(1u << q);
			if (old & W_MASKED || !(old & W_PENDING))
				port = 0;
			else
				atomic_fetch_and(&words[port], ~W_PENDING);
		} else {
			ready &= ~(1u << q);
		}
	}
	atomic_fetch_or((_Atomic u32 *)&cb->ready, ready);
	return port;
}

START_TEST(fifo_refusals)
{
	mfn_t mine = fake_give_frame(b), foreign = fake_give_frame(a), table = fake_give_frame(b);
	u32 port;

	fake_run(b->vcpu[0]);
	ck_assert_int_eq(evtchn_expand_array(mine), -EOPNOTSUPP);
	ck_assert_int_eq(evtchn_set_priority(1, 0), -ENOSYS);
	ck_assert_int_eq(init_control(b, 3, mine, 0), -ENOENT);
	ck_assert_int_eq(init_control(b, 0, mine, 4096 - 64), -EINVAL);
	ck_assert_int_eq(init_control(b, 0, mine, 4), -EINVAL);
	ck_assert_int_eq(init_control(b, 0, foreign, 0), -EINVAL);
	ck_assert_int_eq(init_control(b, 0, 1ull << 40, 0), -EINVAL);
	fake_set_table(table, true);
	ck_assert_int_eq(init_control(b, 0, table, 0), -EINVAL);
	fake_set_table(table, false);
	ck_assert_uint_eq(evtchn_max_ports(b), b->is_pv32 ? 1024 : 4096);
	ck_assert_int_eq(init_control(b, 0, mine, 0), 0);
	ck_assert_uint_eq(fake_writers(mine), 1);
	ck_assert_int_eq(init_control(b, 0, mine, 0), -EINVAL);
	ck_assert_int_eq(evtchn_expand_array(foreign), -EINVAL);
	for (int i = 0; i < 128; i++)
		ck_assert_int_eq(evtchn_expand_array(mine), 0);
	ck_assert_int_eq(evtchn_expand_array(mine), -ENOSPC);
	ck_assert_uint_eq(fake_writers(mine), 129);
	ck_assert_int_eq(evtchn_set_priority(200000, 1), -EINVAL);
	ck_assert_int_eq(evtchn_set_priority(1, 15), -EACCES);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &port), 0);
	ck_assert_int_eq(evtchn_set_priority(port, 16), -EINVAL);
	ck_assert_int_eq(evtchn_set_priority(port, 15), 0);
	ck_assert_uint_eq(evtchn_max_ports(b), 131072);
	ck_assert_int_eq(evtchn_reset(b, false), 0);
	ck_assert_uint_eq(fake_writers(mine), 0);
	ck_assert_uint_eq(evtchn_max_ports(b), b->is_pv32 ? 1024 : 4096);
}
END_TEST

START_TEST(fifo_order)
{
	u32 ap[4], bp[4], q;

	go_fifo();
	for (int i = 0; i < 4; i++) {
		connect(a, b, &ap[i], &bp[i]);
		while (consume(0, &q))
			;
	}
	fake_run(b->vcpu[0]);
	ck_assert_int_eq(evtchn_set_priority(bp[3], 2), 0);
	forget(b->vcpu[0]);
	for (int i = 0; i < 4; i++)
		evtchn_send(a, ap[i]);
	evtchn_send(a, ap[0]);				/* linked already */
	ck_assert_uint_eq(fake_kicks(b->vcpu[0]), 1);
	ck_assert_uint_eq(control[0]->ready, 1 << 2 | 1 << 7);
	ck_assert_uint_eq(consume(0, &q), bp[3]);
	ck_assert_uint_eq(q, 2);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(consume(0, &q), bp[i]);
	ck_assert_uint_eq(consume(0, &q), 0);
}
END_TEST

START_TEST(fifo_mask_and_move)
{
	u32 ap[2], bp[2], q;

	go_fifo();
	for (int i = 0; i < 2; i++) {
		connect(a, b, &ap[i], &bp[i]);
		ck_assert_uint_eq(consume(0, &q), bp[i]);
	}
	/* Masked: pending, not linked; linked by the unmask. */
	atomic_fetch_or(&words[bp[0]], W_MASKED);
	evtchn_send(a, ap[0]);
	ck_assert_uint_eq(atomic_load(&words[bp[0]]), W_PENDING | W_MASKED);
	fake_run(b->vcpu[0]);
	evtchn_unmask(bp[0]);
	ck_assert_uint_eq(consume(0, &q), bp[0]);

	/* The tail of vCPU 0's queue moves to vCPU 1: what comes to vCPU 0 next starts anew. */
	evtchn_bind_vcpu(bp[0], 1);
	evtchn_send(a, ap[0]);
	evtchn_send(a, ap[1]);
	ck_assert_uint_eq(consume(1, &q), bp[0]);
	ck_assert_uint_eq(consume(0, &q), bp[1]);

	/* A port closed while linked is not given out before the guest has unlinked it. */
	evtchn_send(a, ap[1]);
	evtchn_close(b, bp[1]);
	fake_run(b->vcpu[0]);
	alloc_unbound(DOMID_SELF, 0, &q);
	ck_assert_uint_eq(q, bp[1] + 1);
	ck_assert_uint_eq(consume(0, &q), 0);		/* not pending any more: passed over */
	alloc_unbound(DOMID_SELF, 0, &q);
	ck_assert_uint_eq(q, bp[1]);
	evtchn_dump(b);
}
END_TEST

START_TEST(fifo_takes_over_early_events)
{
	u32 ap, bp, late_a, late_b, q, port = 0;
	mfn_t page = fake_give_frame(b);

	connect(a, b, &ap, &bp);			/* pending in the two-level way */
	go_fifo();
	ck_assert_uint_eq(consume(0, &q), bp);
	/* A port beyond the words: pending until there is one. */
	fake_run(b->vcpu[0]);
	while (port < 1024)
		ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &port), 0);
	late_b = port;
	ck_assert_int_eq(bind_interdomain(a, 1, late_b, &late_a), 0);
	evtchn_send(a, late_a);
	ck_assert_int_eq(evtchn_any_pending(b, &late_b, 1), 0);
	fake_run(b->vcpu[0]);
	evtchn_unmask(late_b);
	ck_assert_int_eq(evtchn_expand_array(page), 0);
	ck_assert_int_eq(evtchn_any_pending(b, &late_b, 1), 1);
	ck_assert_uint_eq(control[0]->head[7], late_b);
	/* vCPU 2 has no control block: pending, but nothing to be told. */
	evtchn_bind_vcpu(bp, 2);
	evtchn_send(a, ap);
	ck_assert_uint_eq(fake_kicks(b->vcpu[2]), 0);
	ck_assert(atomic_load(&words[bp]) & W_PENDING);
}
END_TEST

START_TEST(fifo_guest_gone_astray)
{
	u32 ap, bp, bp2, ap2;

	go_fifo();
	connect(a, b, &ap, &bp);
	connect(a, b, &ap2, &bp2);
	/* Links to nowhere, heads to nowhere, LINKED set by the guest: never followed. */
	atomic_store(&words[bp], W_LINKED | EVTCHN_FIFO_LINK_MASK);
	atomic_store(&words[bp2], W_LINKED | EVTCHN_FIFO_LINK_MASK);
	control[0]->head[7] = ~0u;
	ck_assert_int_eq(evtchn_send(a, ap), 0);
	atomic_store(&words[bp], 0);
	ck_assert_int_eq(evtchn_send(a, ap), 0);
	ck_assert_int_eq(evtchn_send(a, ap2), 0);
}
END_TEST

/* A guest that holds on to all its free ports is not searched for one for ever. */
START_TEST(fifo_busy_ports)
{
	_Atomic event_word_t *more;
	mfn_t mfn = fake_give_frame(b);
	u32 port;

	go_fifo();
	ck_assert_int_eq(evtchn_expand_array(mfn), 0);
	more = mfn_to_virt(mfn);
	for (u32 i = 1; i < 2048; i++) {
		ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &port), 0);
		ck_assert_uint_eq(port, i);
		atomic_fetch_or(i < 1024 ? &words[i] : &more[i - 1024], W_LINKED);
	}
	for (u32 i = 1; i < 2048; i++)
		ck_assert_int_eq(evtchn_close(b, i), 0);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &port), -ENOSPC);
	atomic_fetch_and(&words[700], ~W_LINKED);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &port), 0);
	ck_assert_uint_eq(port, 700);
	atomic_fetch_and(&words[3], ~W_LINKED);
	ck_assert_int_eq(alloc_unbound(DOMID_SELF, 0, &port), 0);
	ck_assert_uint_eq(port, 3);
}
END_TEST

START_TEST(fifo_no_memory)
{
	mfn_t mine = fake_give_frame(b);

	fake_fail_alloc(0);
	ck_assert_int_eq(init_control(b, 0, mine, 0), -ENOMEM);
	ck_assert_int_eq(evtchn_expand_array(mine), -EOPNOTSUPP);
	ck_assert_int_eq(init_control(b, 0, mine, 0), 0);
}
END_TEST

/* --- the hypercall ------------------------------------------------------------------------------ */

START_TEST(decoder)
{
	struct evtchn_alloc_unbound *alloc = (void *)fake_guest;
	struct evtchn_op *old = (void *)fake_guest;
	u64 arg = (uintptr_t)fake_guest;

	*alloc = (struct evtchn_alloc_unbound){ .dom = DOMID_SELF, .remote_dom = 1 };
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_alloc_unbound, arg), 0);
	ck_assert_uint_eq(alloc->port, 1);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_alloc_unbound, 16), -EFAULT);
	ck_assert_int_eq(do_event_channel_op(15, arg), -ENOSYS);
	*(u32 *)fake_guest = 1;
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_send, arg), 0);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_unmask, arg), 0);
	((struct evtchn_bind_vcpu *)fake_guest)->vcpu = 7;
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_bind_vcpu, arg), -ENOENT);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_set_priority, arg), -ENOSYS);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_expand_array, arg), -EOPNOTSUPP);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_close, arg), 0);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_close, arg), -EINVAL);
	*(domid_t *)fake_guest = 9;
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_reset, arg), -ESRCH);
	*(domid_t *)fake_guest = 1;
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_reset, arg), -EINVAL);
	fake_run(b->vcpu[0]);
	*(domid_t *)fake_guest = 0;
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_reset, arg), -EPERM);
	*(domid_t *)fake_guest = DOMID_SELF;
	atomic_store(&this_cpu()->work, 1);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_reset, arg), -ERESTART);
	atomic_store(&this_cpu()->work, 0);
	ck_assert_uint_eq(fake_continued_nr, 2);
	ck_assert_uint_eq(fake_continued[0], 14);	/* reset_cont */
	ck_assert_uint_eq(fake_continued[1], arg);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_reset, arg), -EBUSY);
	ck_assert_int_eq(do_event_channel_op(14, arg), 0);
	ck_assert_int_eq(do_event_channel_op(EVTCHNOP_reset, arg), 0);

	old->cmd = EVTCHNOP_alloc_unbound;
	old->u.alloc_unbound = (struct evtchn_alloc_unbound){ .dom = DOMID_SELF };
	ck_assert_int_eq(do_event_channel_op_compat(arg), 0);
	ck_assert_uint_eq(old->u.alloc_unbound.port, 1);
	old->cmd = EVTCHNOP_reset;
	ck_assert_int_eq(do_event_channel_op_compat(arg), -ENOSYS);
	ck_assert_int_eq(do_event_channel_op_compat(8), -EFAULT);
}
END_TEST

/* --- a model under random calls ----------------------------------------------------------------- */

#define M_PORTS	24

static struct model {
	u32 status;
	u32 dom, port;		/* unbound: for whom; interdomain: to where */
	u32 virq, vcpu;
	bool pending;
} model[3][M_PORTS];

static u32 m_free(u32 d)
{
	u32 port = 1;

	while (port < M_PORTS && model[d][port].status != EVTCHNSTAT_closed)
		port++;
	return port;
}

static void m_close(u32 d, u32 port)
{
	struct model *m = &model[d][port];

	if (m->status == EVTCHNSTAT_interdomain) {
		struct model *peer = &model[m->dom][m->port];

		peer->status = EVTCHNSTAT_unbound;
		peer->dom = d;
	}
	*m = (struct model){ .status = EVTCHNSTAT_closed };
}

static void m_check(struct domain **ds)
{
	for (u32 d = 0; d < 3; d++) {
		for (u32 port = 1; port < M_PORTS; port++) {
			struct model *m = &model[d][port];
			struct evtchn_status s = status_of(ds[d], port);

			ck_assert_uint_eq(s.status, m->status);
			ck_assert_uint_eq(pending(ds[d], port), m->pending);
			if (m->status == EVTCHNSTAT_unbound) {
				ck_assert_uint_eq(s.u.unbound.dom, m->dom);
			} else if (m->status == EVTCHNSTAT_interdomain) {
				ck_assert_uint_eq(s.u.interdomain.dom, m->dom);
				ck_assert_uint_eq(s.u.interdomain.port, m->port);
			} else if (m->status == EVTCHNSTAT_virq) {
				ck_assert_uint_eq(s.u.virq, m->virq);
			}
			ck_assert_uint_eq(s.vcpu, m->vcpu);
		}
	}
}

static void m_bind_virq(struct domain **ds, u32 d, u32 virq, u32 vcpu)
{
	u32 want = m_free(d), port;
	int expect = want < M_PORTS ? 0 : -ENOSPC;

	for (u32 p = 1; p < M_PORTS; p++)
		if (model[d][p].status == EVTCHNSTAT_virq && model[d][p].virq == virq &&
		    model[d][p].port == vcpu)
			expect = -EEXIST;
	ck_assert_int_eq(bind_virq(ds[d]->vcpu[0], virq, vcpu, &port), expect);
	if (!expect) {
		ck_assert_uint_eq(port, want);
		model[d][want] = (struct model){ .status = EVTCHNSTAT_virq, .virq = virq,
						 .port = vcpu, .vcpu = vcpu };
	}
}

static void m_bind_interdomain(struct domain **ds, u32 d, u32 e, u32 rport)
{
	u32 want = m_free(d), port;
	struct model *r = &model[e][rport];
	int expect = 0;

	if (want == M_PORTS)
		expect = -ENOSPC;
	else if (r->status != EVTCHNSTAT_unbound || r->dom != d)
		expect = -EINVAL;
	ck_assert_int_eq(bind_interdomain(ds[d], e, rport, &port), expect);
	if (!expect) {
		ck_assert_uint_eq(port, want);
		r->status = EVTCHNSTAT_interdomain;
		r->dom = d;
		r->port = port;
		model[d][port] = (struct model){ .status = EVTCHNSTAT_interdomain, .dom = e,
						 .port = rport, .pending = true };
	}
}

static void m_send(struct domain **ds, u32 d, u32 port)
{
	struct model *m = &model[d][port];
	int expect = 0;

	if (m->status == EVTCHNSTAT_interdomain)
		model[m->dom][m->port].pending = true;
	else if (m->status == EVTCHNSTAT_ipi)
		m->pending = true;
	else if (m->status != EVTCHNSTAT_unbound)
		expect = -EINVAL;
	ck_assert_int_eq(evtchn_send(ds[d], port), expect);
}

static void m_step(struct domain **ds)
{
	u32 d = rand() % 3, e = rand() % 3, port = 1 + rand() % (M_PORTS - 1), got, want;

	switch (rand() % 8) {
	case 0:
		want = m_free(d);
		fake_run(ds[d]->vcpu[0]);
		ck_assert_int_eq(alloc_unbound(DOMID_SELF, e, &got), want < M_PORTS ? 0 : -ENOSPC);
		if (want < M_PORTS) {
			ck_assert_uint_eq(got, want);
			model[d][want] = (struct model){ .status = EVTCHNSTAT_unbound, .dom = e };
		}
		break;
	case 1:
	case 2:
		m_bind_interdomain(ds, d, e, port);
		break;
	case 3:
		m_bind_virq(ds, d, rand() % 2, rand() % 3);
		break;
	case 4:
		want = m_free(d);
		ck_assert_int_eq(bind_ipi(ds[d]->vcpu[0], 2, &got), want < M_PORTS ? 0 : -ENOSPC);
		if (want < M_PORTS)
			model[d][want] = (struct model){ .status = EVTCHNSTAT_ipi, .vcpu = 2 };
		break;
	case 5:
		want = model[d][port].status == EVTCHNSTAT_closed;
		ck_assert_int_eq(evtchn_close(ds[d], port), want ? -EINVAL : 0);
		m_close(d, port);
		break;
	case 6:
		m_send(ds, d, port);
		break;
	case 7:
		clear_pending(ds[d], port);
		model[d][port].pending = false;
		break;
	}
}

START_TEST(random_model)
{
	struct domain *ds[] = { a, b, c };

	memset(model, 0, sizeof(model));
	srand(20);
	for (int i = 0; i < 3; i++)
		evtchn_set_max_port(ds[i], M_PORTS - 1);
	for (int i = 0; i < 40000; i++) {
		m_step(ds);
		if (i % 25 == 0)
			m_check(ds);
	}
	for (int i = 0; i < 3; i++) {
		fake_run(ds[i]->vcpu[0]);
		ck_assert_int_eq(evtchn_reset(ds[i], false), 0);
		for (u32 port = 1; port < M_PORTS; port++)
			m_close(i, port);
		m_check(ds);
	}
}
END_TEST

/* --- races -------------------------------------------------------------------------------------- */

#define ROUNDS	20000

static u32 race_a, race_b;
static _Atomic u32 produced, stop;

static void *sender(void *arg)
{
	fake_run(((struct domain *)arg)->vcpu[0]);
	for (int i = 0; i < ROUNDS; i++) {
		atomic_fetch_add(&produced, 1);
		evtchn_send(arg, race_a);
	}
	atomic_fetch_add(&stop, 1);
	return NULL;
}

/* Masks and unmasks as a guest does around its handlers. */
static u32 drain_2l(struct domain *d, u32 port)
{
	u32 seen = 0;

	if (!atomic_exchange((_Atomic u8 *)&d->vcpu[0]->info->evtchn_upcall_pending, 0))
		return 0;
	atomic_exchange((_Atomic u64 *)&d->vcpu[0]->info->evtchn_pending_sel, 0);
	mask(d, port);
	if (pending(d, port)) {
		clear_pending(d, port);
		seen = atomic_load(&produced);
	}
	evtchn_unmask(port);
	return seen;
}

static u32 drain_fifo(struct domain *d, u32 port)
{
	u32 q;

	if (!atomic_exchange((_Atomic u8 *)&d->vcpu[0]->info->evtchn_upcall_pending, 0))
		return 0;
	return consume(0, &q) == port ? atomic_load(&produced) : 0;
}

/* What was produced last is seen, with no help after the senders have stopped. */
static void race(u32 (*drain)(struct domain *d, u32 port))
{
	pthread_t t[2];
	u32 seen = 0, idle = 0;

	atomic_store(&produced, 0);
	atomic_store(&stop, 0);
	connect(a, b, &race_a, &race_b);
	fake_run(b->vcpu[0]);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, sender, a);
	while (atomic_load(&stop) < 2 || idle < 2) {
		u32 now = drain(b, race_b);

		if (now)
			seen = now;
		idle = now || atomic_load(&stop) < 2 ? 0 : idle + 1;
	}
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	ck_assert_uint_eq(seen, 2 * ROUNDS);
}

START_TEST(no_lost_events)
{
	race(drain_2l);
}
END_TEST

START_TEST(no_lost_events_fifo)
{
	go_fifo();
	race(drain_fifo);
}
END_TEST

static void *binder(void *arg)
{
	struct domain *d = arg, *other = d == a ? b : a;
	u32 port, peer;

	fake_run(d->vcpu[0]);
	for (int i = 0; i < ROUNDS / 4; i++) {
		if (alloc_unbound(DOMID_SELF, other->id, &port))
			continue;
		for (peer = 1; peer < 8; peer++) {
			u32 local;

			if (bind_interdomain(d, other->id, peer, &local))
				continue;
			evtchn_send(d, local);
			evtchn_close(d, local);
		}
		evtchn_close(d, port);
	}
	atomic_fetch_add(&stop, 1);
	return NULL;
}

START_TEST(bind_send_close_race)
{
	struct domain *ds[] = { a, b };
	pthread_t t[2];
	u32 port;

	atomic_store(&stop, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, binder, ds[i]);
	for (port = 1; atomic_load(&stop) < 2; port = port % 8 + 1) {
		evtchn_send(a, port);
		evtchn_send(b, port);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	for (port = 1; port < 128; port++) {
		ck_assert_uint_eq(status_of(a, port).status, EVTCHNSTAT_closed);
		ck_assert_uint_eq(status_of(b, port).status, EVTCHNSTAT_closed);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("evtchn");
	TCase *wide = tcase_create("pv64"), *narrow = tcase_create("pv32");
	TCase *both[] = { wide, narrow };

	tcase_add_checked_fixture(wide, set_up, tear_down);
	tcase_add_checked_fixture(narrow, set_up32, tear_down);
	tcase_set_timeout(wide, 120);
	tcase_add_test(wide, port_limits);
	tcase_add_test(narrow, port_limits32);
	for (int i = 0; i < 2; i++) {
		tcase_add_test(both[i], send_and_upcall);
		tcase_add_test(both[i], masked_then_unmasked);
		tcase_add_test(both[i], selector_word);
		tcase_add_test(both[i], close_turns_peer_back);
		tcase_add_test(both[i], moved_vcpu_info);
		tcase_add_test(both[i], polling);
		tcase_add_test(both[i], fifo_order);
		tcase_add_test(both[i], fifo_mask_and_move);
		tcase_add_test(both[i], random_model);
	}
	tcase_add_test(wide, alloc_unbound_refusals);
	tcase_add_test(wide, lowest_port_first);
	tcase_add_test(wide, configured_limit);
	tcase_add_test(wide, bind_interdomain_refusals);
	tcase_add_test(wide, virq_rules);
	tcase_add_test(wide, global_virq);
	tcase_add_test(wide, ipi_and_bind_vcpu);
	tcase_add_test(wide, pirq_as_without_interrupts);
	tcase_add_test(wide, status_refusals);
	tcase_add_test(wide, reset_rules);
	tcase_add_test(wide, reset_is_preemptible);
	tcase_add_test(wide, dying_domain);
	tcase_add_test(wide, no_memory);
	tcase_add_test(wide, fifo_refusals);
	tcase_add_test(wide, fifo_takes_over_early_events);
	tcase_add_test(wide, fifo_guest_gone_astray);
	tcase_add_test(wide, fifo_no_memory);
	tcase_add_test(wide, fifo_busy_ports);
	tcase_add_test(wide, decoder);
	tcase_add_test(wide, no_lost_events);
	tcase_add_test(wide, no_lost_events_fifo);
	tcase_add_test(wide, bind_send_close_race);
	suite_add_tcase(s, wide);
	suite_add_tcase(s, narrow);
	return s;
}

CHECK_MAIN(suite)
