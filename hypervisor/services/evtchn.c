/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels: ports, what they are bound to, and sending.
 *
 * A domain's lock covers what changes its table: which port is free, who has which VIRQ, which ABI
 * is in use. Nobody takes two domains' locks. What a port is bound to is covered by the port's own
 * byte lock; sending takes that one lock and no other, so a send costs one locked instruction
 * beside the bits it sets, and channels do not disturb one another.
 *
 * An interdomain channel has two ends, which name each other by pointers without references. That
 * is safe since both ends are bound and unbound with both locks held (in the order of their
 * addresses): who holds the lock of one end in state CHN_INTERDOMAIN keeps the other end, and the
 * domain it belongs to, from going away. domain_kill() closes all ports before anything is freed.
 *
 * A port becomes used under its domain's lock and its own; it becomes free the same way. The other
 * end of a channel turns from unbound to bound and back under port locks alone.
 */
#include "hypervisor/services/evtchn.h"

#include "hypervisor/domain/hooks.h"
#include "hypervisor/domain/vcpu_info.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/preempt.h"
#include "hypervisor/services/evtchn_impl.h"
#include "hypervisor/services/pirq.h"
#include "hypervisor/services/sched.h"

/* Of the lines that a domain was not given, it may name these (-EPERM), and no others (-EINVAL). */
#define PIRQ_LINES	(24 + 32)

static bool virq_is_global(u32 virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF &&
	       virq != VIRQ_XENPMU;
}

/* --- two ends ---------------------------------------------------------------------------------- */

static void lock_in_order(struct evtchn *a, struct evtchn *b)
{
	byte_lock(a < b ? &a->lock : &b->lock);
	byte_lock(a < b ? &b->lock : &a->lock);
}

struct evtchn *evtchn_lock_both_ends(struct evtchn *chn)
{
	for (;;) {
		byte_lock(&chn->lock);
		if (chn->state != CHN_INTERDOMAIN)
			return NULL;
		if (chn < chn->peer) {
			byte_lock(&chn->peer->lock);
			return chn->peer;
		}
		/* The wrong order: without waiting, or not at all. */
		if (byte_try_lock(&chn->peer->lock))
			return chn->peer;
		byte_unlock(&chn->lock);
		spin_wait();
	}
}

void evtchn_unlock_both_ends(struct evtchn *chn, struct evtchn *peer)
{
	if (peer)
		byte_unlock(&peer->lock);
	byte_unlock(&chn->lock);
}

/* --- ports ------------------------------------------------------------------------------------- */

u32 evtchn_max_ports(const struct domain *d)
{
	u32 abi_max = evtchn_abi(d)->max_ports(d), max_port = d->evtchn->max_port;

	return max_port < abi_max ? max_port + 1 : abi_max;
}

void evtchn_set_max_port(struct domain *d, u32 max_port)
{
	d->evtchn->max_port = max_port;
}

bool evtchn_port_is_valid(struct domain *d, u32 port)
{
	return evtchn_find(d->evtchn, port) != NULL;
}

static int add_channels(struct evtchn_domain *e)
{
	u32 first = atomic_load(&e->nr_valid);
	struct evtchn ***group = &e->groups[first / CHN_PER_GROUP], *page;

	if (!*group)
		*group = alloc_page();
	page = *group ? alloc_page() : NULL;
	if (!page)
		return -ENOMEM;
	for (u32 i = 0; i < CHN_PER_PAGE; i++)
		page[i].port = first + i;
	(*group)[first % CHN_PER_GROUP / CHN_PER_PAGE] = page;
	atomic_store_explicit(&e->nr_valid, first + CHN_PER_PAGE, memory_order_release);
	return 0;
}

#define BUSY_MAX	1024		/* free ports that a guest keeps busy: it is told there are none */

/*
 * The lowest free port, as Xen gives them out. It is the caller's while it holds the domain's lock.
 * Pages in full use are passed by as a whole.
 */
static int find_free_port(struct domain *d, struct evtchn **out)
{
	struct evtchn_domain *e = d->evtchn;
	u32 port = e->next_free, lowest = ~0u, limit = evtchn_max_ports(d), busy = 0;
	struct evtchn *chn = NULL;

	if (domain_is_dying(d))
		return -EINVAL;
	for (; port < limit && busy < BUSY_MAX; port++) {
		if (!evtchn_port_is_valid(d, port) && add_channels(e))
			return -ENOMEM;
		if (e->used[port / CHN_PER_PAGE] == CHN_PER_PAGE) {
			port |= CHN_PER_PAGE - 1;
			continue;
		}
		chn = evtchn_find(e, port);
		if (chn->state != CHN_FREE)
			continue;
		lowest = MIN(lowest, port);
		if (!evtchn_abi(d)->is_busy(d, chn))
			break;
		busy++;
	}
	e->next_free = MIN(lowest, port);
	*out = chn;
	return port < limit && busy < BUSY_MAX ? 0 : -ENOSPC;
}

/* The free port turns into something. Its lock and the domain's are held. */
static void use_port(struct domain *d, struct evtchn *chn, enum evtchn_state state, u32 vcpu)
{
	evtchn_abi(d)->init(d, chn);
	atomic_store_explicit(&chn->vcpu, vcpu, memory_order_relaxed);
	chn->state = state;
	d->evtchn->used[chn->port / CHN_PER_PAGE]++;
	d->evtchn->active++;
}

/* A new port of any kind but interdomain; under the domain's lock. */
static int new_port(struct domain *d, enum evtchn_state state, u32 value, u32 vcpu, u32 *port)
{
	struct evtchn *chn;
	int rc = find_free_port(d, &chn);

	if (rc)
		return rc;
	byte_lock(&chn->lock);
	chn->value = value;
	use_port(d, chn, state, vcpu);
	byte_unlock(&chn->lock);
	*port = chn->port;
	return 0;
}

static void unbind_virq(struct domain *d, struct evtchn *chn)
{
	struct vcpu *v;

	for_each_vcpu(d, v)
		if (atomic_load(&v->evtchn->virq_port[chn->value]) == chn->port)
			atomic_store(&v->evtchn->virq_port[chn->value], 0);
}

/* Under the domain's lock and those of both ends. */
static void free_port(struct domain *d, struct evtchn *chn, struct evtchn *peer)
{
	struct evtchn_domain *e = d->evtchn;

	if (peer) {
		peer->state = CHN_UNBOUND;
		peer->remote = NULL;
		peer->value = d->id;
	}
	if (chn->state == CHN_VIRQ)
		unbind_virq(d, chn);
	evtchn_abi(d)->clear_pending(d, chn);
	atomic_store_explicit(&chn->vcpu, 0, memory_order_relaxed);
	chn->state = CHN_FREE;
	e->next_free = MIN(e->next_free, chn->port);
	e->used[chn->port / CHN_PER_PAGE]--;
	e->active--;
}

int evtchn_close(struct domain *d, u32 port)
{
	struct evtchn *chn = evtchn_find(d->evtchn, port), *peer;
	int rc = -EINVAL;

	if (!chn)
		return rc;
	lock(&d->evtchn->lock);
	/* It stays one while we hold the domain's lock; and an interrupt's lock comes before a port's. */
	if (chn->state == CHN_PIRQ)
		pirq_unbind(d, chn->value, port);
	peer = evtchn_lock_both_ends(chn);
	if (chn->state > CHN_RESERVED) {
		free_port(d, chn, peer);
		rc = 0;
	}
	evtchn_unlock_both_ends(chn, peer);
	unlock(&d->evtchn->lock);
	return rc;
}

/* From @next on, where it stopped last time. 0 or -ERESTART. */
static int close_all(struct domain *d, u32 *next)
{
	while (evtchn_port_is_valid(d, *next)) {
		evtchn_close(d, (*next)++);
		if (*next % 64 == 0 && preempt_pending())
			return -ERESTART;
	}
	return 0;
}

/* --- binding ----------------------------------------------------------------------------------- */

int evtchn_get_target(domid_t id, struct domain **out)
{
	struct domain *d = domain_get(id);

	if (!d || !d->evtchn) {
		if (d)
			domain_put(d);
		return -ESRCH;
	}
	if (d != current->domain && !current->domain->is_privileged) {
		domain_put(d);
		return -EPERM;
	}
	*out = d;
	return 0;
}

int evtchn_alloc_unbound_for(struct domain *d, domid_t remote, u32 *port)
{
	int rc;

	lock(&d->evtchn->lock);
	rc = new_port(d, CHN_UNBOUND, remote, 0, port);
	unlock(&d->evtchn->lock);
	return rc;
}

int evtchn_alloc_unbound(struct evtchn_alloc_unbound *op)
{
	domid_t remote = op->remote_dom == DOMID_SELF ? current->domain->id : op->remote_dom;
	struct domain *d;
	int rc = evtchn_get_target(op->dom, &d);

	if (rc)
		return rc;
	rc = evtchn_alloc_unbound_for(d, remote, &op->port);
	domain_put(d);
	return rc;
}

static int connect(struct domain *ld, struct domain *rd, u32 rport, u32 *lport)
{
	struct evtchn *lchn, *rchn;
	int rc = find_free_port(ld, &lchn);

	if (rc)
		return rc;
	rchn = evtchn_find(rd->evtchn, rport);
	if (!rchn || rchn == lchn)
		return -EINVAL;
	lock_in_order(lchn, rchn);
	if (rchn->state != CHN_UNBOUND || rchn->value != ld->id) {
		rc = -EINVAL;
	} else {
		use_port(ld, lchn, CHN_INTERDOMAIN, 0);
		lchn->remote = rd;
		lchn->peer = rchn;
		rchn->state = CHN_INTERDOMAIN;
		rchn->remote = ld;
		rchn->peer = lchn;
		*lport = lchn->port;
		/* What was sent while nobody was connected is lost: so tell the newcomer to look. */
		evtchn_set_pending(ld, lchn);
	}
	evtchn_unlock_both_ends(lchn, rchn);
	return rc;
}

int evtchn_bind_interdomain(struct evtchn_bind_interdomain *op)
{
	struct domain *ld = current->domain, *rd = domain_get(op->remote_dom);
	int rc = -ESRCH;

	if (!rd)
		return rc;
	if (rd->evtchn) {
		lock(&ld->evtchn->lock);
		rc = connect(ld, rd, op->remote_port, &op->local_port);
		unlock(&ld->evtchn->lock);
	}
	domain_put(rd);
	return rc;
}

/* A global VIRQ may be bound by anybody, as on Xen; it is sent to the control domain only. */
int evtchn_bind_virq(struct evtchn_bind_virq *op)
{
	struct domain *d = current->domain;
	struct vcpu *v = evtchn_vcpu_of(d, op->vcpu);
	int rc = -EEXIST;

	if (op->virq >= NR_VIRQS || (virq_is_global(op->virq) && op->vcpu))
		return -EINVAL;
	if (!v)
		return -ENOENT;
	lock(&d->evtchn->lock);
	if (!atomic_load(&v->evtchn->virq_port[op->virq]))
		rc = new_port(d, CHN_VIRQ, op->virq, op->vcpu, &op->port);
	if (!rc)
		atomic_store(&v->evtchn->virq_port[op->virq], op->port);
	unlock(&d->evtchn->lock);
	return rc;
}

int evtchn_bind_ipi(struct evtchn_bind_ipi *op)
{
	struct domain *d = current->domain;
	int rc;

	if (!evtchn_vcpu_of(d, op->vcpu))
		return -ENOENT;
	lock(&d->evtchn->lock);
	rc = new_port(d, CHN_IPI, 0, op->vcpu, &op->port);
	unlock(&d->evtchn->lock);
	return rc;
}

static int bind_pirq(struct domain *d, u32 pirq, u32 *port)
{
	int rc = new_port(d, CHN_PIRQ, pirq, 0, port);
	struct evtchn *chn;

	if (rc)
		return rc;
	rc = pirq_bind(d, pirq, *port);
	if (rc) {
		chn = evtchn_find(d->evtchn, *port);
		byte_lock(&chn->lock);
		free_port(d, chn, NULL);
		byte_unlock(&chn->lock);
	}
	return rc;
}

int evtchn_bind_pirq(struct evtchn_bind_pirq *op)
{
	struct domain *d = current->domain;
	int rc;

	if (!pirq_is_mapped(d, op->pirq))
		return op->pirq < PIRQ_LINES && !rangeset_contains(d->irqs, op->pirq, op->pirq) ?
		       -EPERM : -EINVAL;
	lock(&d->evtchn->lock);
	rc = bind_pirq(d, op->pirq, &op->port);
	unlock(&d->evtchn->lock);
	return rc;
}

int evtchn_bind_vcpu(u32 port, u32 vcpu)
{
	struct domain *d = current->domain;
	struct evtchn *chn = evtchn_find(d->evtchn, port);
	int rc = 0;

	if (!evtchn_vcpu_of(d, vcpu))
		return -ENOENT;
	if (!chn)
		return -EINVAL;
	byte_lock(&chn->lock);
	if (chn->state == CHN_UNBOUND || chn->state == CHN_INTERDOMAIN || chn->state == CHN_PIRQ ||
	    (chn->state == CHN_VIRQ && virq_is_global(chn->value)))
		atomic_store_explicit(&chn->vcpu, vcpu, memory_order_relaxed);
	else
		rc = -EINVAL;
	byte_unlock(&chn->lock);
	return rc;
}

/* --- sending ----------------------------------------------------------------------------------- */

void evtchn_set_pending(struct domain *d, struct evtchn *chn)
{
	struct vcpu *v = d->vcpu[atomic_load_explicit(&chn->vcpu, memory_order_relaxed)];

	/* A domain that is still being built has nobody to tell. */
	if (likely(v) && evtchn_abi(d)->set_pending(v, chn))
		sched_poll_wake(d, chn->port);	/* pending first: see sched_poll() */
}

int evtchn_send(struct domain *d, u32 port)
{
	struct evtchn *chn = evtchn_find(d->evtchn, port);
	int rc = 0;

	if (unlikely(!chn))
		return -EINVAL;
	byte_lock(&chn->lock);
	if (likely(chn->state == CHN_INTERDOMAIN))
		evtchn_set_pending(chn->remote, chn->peer);
	else if (chn->state == CHN_IPI)
		evtchn_set_pending(d, chn);
	else if (chn->state != CHN_UNBOUND)
		rc = -EINVAL;
	byte_unlock(&chn->lock);
	return rc;
}

/* The port is what it was a moment ago; it may be something else by now. */
static void send_bound(struct domain *d, u32 port, enum evtchn_state state, u32 value)
{
	struct evtchn *chn = evtchn_find(d->evtchn, port);

	byte_lock(&chn->lock);
	if (chn->state == state && chn->value == value)
		evtchn_set_pending(d, chn);
	byte_unlock(&chn->lock);
}

void evtchn_send_pirq(struct domain *d, u32 port, u32 pirq)
{
	send_bound(d, port, CHN_PIRQ, pirq);
}

void send_vcpu_virq(struct vcpu *v, u32 virq)
{
	u32 port = atomic_load_explicit(&v->evtchn->virq_port[virq], memory_order_acquire);

	if (port)
		send_bound(v->domain, port, CHN_VIRQ, virq);
}

void send_global_virq(u32 virq)
{
	struct domain *d = dom0;

	if (d && d->vcpu[0])
		send_vcpu_virq(d->vcpu[0], virq);
}

/* --- the rest ---------------------------------------------------------------------------------- */

int evtchn_unmask(u32 port)
{
	struct domain *d = current->domain;
	struct evtchn *chn = evtchn_find(d->evtchn, port);
	struct vcpu *v;

	if (unlikely(!chn))
		return -EINVAL;
	byte_lock(&chn->lock);
	v = d->vcpu[atomic_load_explicit(&chn->vcpu, memory_order_relaxed)];
	if (chn->state > CHN_RESERVED && v)
		evtchn_abi(d)->unmask(v, chn);
	byte_unlock(&chn->lock);
	return 0;
}

int evtchn_set_priority(u32 port, u32 priority)
{
	struct domain *d = current->domain;
	struct evtchn *chn = evtchn_find(d->evtchn, port);
	int rc;

	if (!chn)
		return -EINVAL;
	byte_lock(&chn->lock);
	if (!evtchn_abi(d)->set_priority)
		rc = -ENOSYS;
	else if (chn->state <= CHN_RESERVED)
		rc = -EACCES;
	else
		rc = evtchn_abi(d)->set_priority(chn, priority);
	byte_unlock(&chn->lock);
	return rc;
}

bool evtchn_is_masked(struct domain *d, u32 port)
{
	struct evtchn *chn = evtchn_find(d->evtchn, port);
	bool masked;

	if (!chn)
		return true;
	byte_lock(&chn->lock);
	masked = chn->state <= CHN_RESERVED || evtchn_abi(d)->is_masked(d, chn);
	byte_unlock(&chn->lock);
	return masked;
}

int evtchn_reset(struct domain *d, bool goes_on)
{
	struct evtchn_domain *e = d->evtchn;
	u32 next;
	int rc;

	if (d != current->domain && !d->pause_by_control)
		return -EINVAL;
	lock(&e->lock);
	next = goes_on ? e->next_reset : !e->next_reset;
	e->next_reset = MAX(e->next_reset, next);
	unlock(&e->lock);
	if (!next)
		return -EBUSY;
	rc = close_all(d, &next);
	lock(&e->lock);
	e->next_reset = rc ? next : 0;
	/* Another vCPU may have bound a port meanwhile: it is the domain's own contradiction. */
	if (!rc && e->active)
		rc = -EAGAIN;
	else if (!rc)
		evtchn_fifo_leave(d);
	unlock(&e->lock);
	return rc;
}

int evtchn_any_pending(struct domain *d, const u32 *ports, unsigned nr)
{
	struct evtchn *chn;
	bool found;

	for (unsigned i = 0; i < nr; i++) {
		chn = evtchn_find(d->evtchn, ports[i]);
		if (!chn)
			return -EINVAL;
		byte_lock(&chn->lock);
		found = chn->state > CHN_RESERVED && evtchn_abi(d)->is_pending(d, chn);
		byte_unlock(&chn->lock);
		if (found)
			return 1;
	}
	return 0;
}

/* Whoever looked at the old place may have told it; so the vCPU looks at everything once. */
void evtchn_vcpu_info_moved(struct vcpu *v)
{
	void *selector = vcpu_info_pending_sel(v);

	if (v->domain->is_pv32)
		atomic_store((_Atomic u32 *)selector, ~0u);
	else
		atomic_store((_Atomic u64 *)selector, ~0ull);
	evtchn_upcall(v);
}

/* --- a domain's life --------------------------------------------------------------------------- */

static void destroy_hook(struct domain *d)
{
	struct evtchn_domain *e = d->evtchn;

	for (u32 port = 0; evtchn_port_is_valid(d, port); port += CHN_PER_PAGE)
		free_page(evtchn_find(e, port));
	for (u32 i = 0; i < CHN_GROUPS; i++)
		if (e->groups[i])
			free_page(e->groups[i]);
	kfree(e);
	d->evtchn = NULL;
}

static int create_hook(struct domain *d)
{
	struct evtchn_domain *e = kalloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	spin_init(&e->lock, "evtchn", RANK_EVTCHN);
	e->max_port = ~0u;
	atomic_init(&e->abi, &evtchn_2l);
	d->evtchn = e;
	if (add_channels(e)) {
		destroy_hook(d);
		return -ENOMEM;
	}
	evtchn_find(e, 0)->state = CHN_RESERVED;
	e->next_free = 1;
	return 0;
}

static int vcpu_create_hook(struct vcpu *v)
{
	v->evtchn = kalloc(sizeof(*v->evtchn));
	return v->evtchn ? 0 : -ENOMEM;
}

static int kill_hook(struct domain *d)
{
	int rc = close_all(d, &d->evtchn->next_kill);

	if (rc)
		return rc;
	lock(&d->evtchn->lock);
	evtchn_fifo_leave(d);
	unlock(&d->evtchn->lock);
	return 0;
}

static void vcpu_destroy_hook(struct vcpu *v)
{
	kfree(v->evtchn);
	v->evtchn = NULL;
}

const struct domain_hooks evtchn_hooks = {
	.domain_create = create_hook,
	.vcpu_create = vcpu_create_hook,
	.domain_kill = kill_hook,
	.vcpu_destroy = vcpu_destroy_hook,
	.domain_destroy = destroy_hook,
};
