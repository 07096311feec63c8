/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FIFO ABI: a word for each port in pages of the guest's, linked into queues by priority.
 *
 * A queue's head stands in the vCPU's control block, its tail is ours. An event that is pending,
 * unmasked and not yet linked is appended: LINKED is set in its word, the former tail's word gets
 * its port, or the head does when the queue was empty. The guest unlinks from the head. It is empty
 * when the tail's word is not linked any more, which only the tail's word can tell, atomically.
 *
 * The guest writes all of these words. Whatever it writes, we follow no link of its: we read flags
 * and write ports, so rubbish costs the guest its own events and nothing else.
 *
 * Order: a channel's fifo_lock makes "pending, then link" one step among senders; a queue's lock
 * guards its tail. An event may be the tail of the queue it was in last while it goes into another
 * (its priority or vCPU has changed): that tail is cleared first, since the word is about to be
 * linked elsewhere and would make the old queue look as if it were not empty.
 */
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/services/evtchn_impl.h"

#define PENDING		(1u << EVTCHN_FIFO_PENDING)
#define MASKED		(1u << EVTCHN_FIFO_MASKED)
#define LINKED		(1u << EVTCHN_FIFO_LINKED)
#define BUSY		(1u << EVTCHN_FIFO_BUSY)

typedef _Atomic event_word_t word_t;

static word_t *word_of(const struct domain *d, u32 port)
{
	struct evtchn_domain *e = d->evtchn;
	u32 page = port / FIFO_WORDS_PER_PAGE;

	if (page >= atomic_load_explicit(&e->fifo_pages, memory_order_acquire))
		return NULL;
	return &e->words[page][port % FIFO_WORDS_PER_PAGE];
}

/* One locked instruction each, which a guest that writes the word at the same time cannot delay. */
static bool set_flag(word_t *word, u32 flag)
{
	return atomic_fetch_or(word, flag) & flag;
}

static void clear_flag(word_t *word, u32 flag)
{
	atomic_fetch_and(word, ~flag);
}

static u32 max_ports(const struct domain *d)
{
	(void)d;
	return EVTCHN_FIFO_NR_CHANNELS;
}

static void init(struct domain *d, struct evtchn *chn)
{
	(void)d;
	chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
}

/*
 * Links @port behind the tail unless the guest has unlinked that. To a linked word the guest may
 * only clear PENDING, set MASKED, unlink it, and, as long as it is not BUSY, clear MASKED; so four
 * attempts are enough. One that needs more has broken its own queue.
 */
static bool link_behind(word_t *tail, u32 port)
{
	u32 old;

	set_flag(tail, BUSY);
	old = atomic_load(tail);
	for (int tries = 0; tries < 4; tries++) {
		if (!(old & LINKED)) {
			clear_flag(tail, BUSY);
			return false;
		}
		if (atomic_compare_exchange_strong(tail, &old,
						   (old & ~(BUSY | EVTCHN_FIFO_LINK_MASK)) | port))
			return true;
	}
	clear_flag(tail, BUSY);
	return true;
}

static void append(struct vcpu *v, struct evtchn *chn, word_t *word,
		   struct evtchn_fifo_control_block *control)
{
	struct vcpu *last = evtchn_vcpu_of(v->domain, chn->last_vcpu) ?: v;
	struct fifo_queue *old = &last->evtchn->queue[chn->last_priority];
	struct fifo_queue *q = &v->evtchn->queue[chn->priority];
	bool linked;

	byte_lock(&old->lock);
	if (old->tail == chn->port)
		old->tail = 0;
	if (old != q) {
		byte_unlock(&old->lock);
		byte_lock(&q->lock);
	}
	chn->last_vcpu = v->id;
	chn->last_priority = chn->priority;
	linked = set_flag(word, LINKED);	/* already? only by a guest gone astray */
	if (!linked) {
		linked = q->tail && link_behind(word_of(v->domain, q->tail), chn->port);
		if (!linked)
			atomic_store((word_t *)&control->head[chn->priority], chn->port);
		q->tail = chn->port;
	}
	byte_unlock(&q->lock);
	if (!linked && !set_flag((word_t *)&control->ready, 1u << chn->last_priority))
		evtchn_upcall(v);
}

static bool set_pending(struct vcpu *v, struct evtchn *chn)
{
	struct evtchn_fifo_control_block *control = atomic_load(&v->evtchn->control);
	word_t *word;

	byte_lock(&chn->fifo_lock);
	word = word_of(v->domain, chn->port);
	if (!word) {
		chn->pending = true;	/* evtchn_expand_array() makes up for it */
	} else {
		set_flag(word, PENDING);
		/* Without a control block the vCPU may not unmask: nothing to be told. */
		if (control && !(atomic_load(word) & (MASKED | LINKED)))
			append(v, chn, word, control);
	}
	byte_unlock(&chn->fifo_lock);
	return word && control;
}

/* A linked event stays linked: the guest passes over those that are not pending. */
static void clear_pending(struct domain *d, struct evtchn *chn)
{
	word_t *word = word_of(d, chn->port);

	chn->pending = false;
	if (word)
		clear_flag(word, PENDING);
}

static void unmask(struct vcpu *v, struct evtchn *chn)
{
	word_t *word = word_of(v->domain, chn->port);

	if (!word)
		return;
	clear_flag(word, MASKED);
	if (atomic_load(word) & PENDING)
		evtchn_set_pending(v->domain, chn);
}

static bool has_flag(struct domain *d, struct evtchn *chn, u32 flag, bool without_word)
{
	word_t *word = word_of(d, chn->port);

	return word ? atomic_load(word) & flag : without_word;
}

static bool is_pending(struct domain *d, struct evtchn *chn)
{
	return has_flag(d, chn, PENDING, false);
}

static bool is_masked(struct domain *d, struct evtchn *chn)
{
	return has_flag(d, chn, MASKED, true);
}

static bool is_busy(struct domain *d, struct evtchn *chn)
{
	return has_flag(d, chn, LINKED, false);
}

/* Counts from the next event on. */
static int set_priority(struct evtchn *chn, u32 priority)
{
	if (priority > EVTCHN_FIFO_PRIORITY_MIN)
		return -EINVAL;
	byte_lock(&chn->fifo_lock);
	chn->priority = priority;
	byte_unlock(&chn->fifo_lock);
	return 0;
}

const struct evtchn_abi evtchn_fifo = {
	.max_ports = max_ports,
	.init = init,
	.set_pending = set_pending,
	.clear_pending = clear_pending,
	.unmask = unmask,
	.is_pending = is_pending,
	.is_masked = is_masked,
	.is_busy = is_busy,
	.set_priority = set_priority,
};

/* --- changing from one ABI to the other -------------------------------------------------------- */

/* A page of the guest's that stays writable memory of its as long as we use it. */
static void *take_guest_page(struct domain *d, u64 gfn)
{
	if (!mfn_valid(gfn) || get_frame_and_type(mfn_to_frame(gfn), d, FT_WRITABLE))
		return NULL;
	return mfn_to_virt(gfn);
}

static void give_back_page(void *virt)
{
	put_frame_and_type(mfn_to_frame(virt_to_mfn(virt)));
}

/*
 * From here on every event goes the new way. Whoever read the old pointer holds a lock of the
 * channel; so once we have had the locks of both its ends, its two-level bit tells the truth.
 */
static void switch_to_fifo(struct domain *d)
{
	struct evtchn_domain *e = d->evtchn;
	struct evtchn *chn, *peer;

	atomic_store(&e->abi, &evtchn_fifo);
	for (u32 port = 1; (chn = evtchn_find(e, port)) != NULL; port++) {
		peer = evtchn_lock_both_ends(chn);
		if (chn->state > CHN_RESERVED) {
			chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
			chn->pending |= evtchn_2l.is_pending(d, chn);
		}
		evtchn_unlock_both_ends(chn, peer);
	}
}

static int ensure_fifo(struct domain *d)
{
	struct evtchn_domain *e = d->evtchn;

	if (evtchn_abi(d) == &evtchn_fifo)
		return 0;
	e->words = kalloc(FIFO_PAGES * sizeof(*e->words));
	if (!e->words)
		return -ENOMEM;
	switch_to_fifo(d);
	return 0;
}

/* A guest whose first page is refused goes on with two levels. */
static int set_control(struct domain *d, struct vcpu *v, u64 gfn, u32 offset)
{
	char *page;
	int rc;

	if (atomic_load(&v->evtchn->control))
		return -EINVAL;
	page = take_guest_page(d, gfn);
	if (!page)
		return -EINVAL;
	rc = ensure_fifo(d);
	if (rc) {
		give_back_page(page);
		return rc;
	}
	atomic_store(&v->evtchn->control, (struct evtchn_fifo_control_block *)(page + offset));
	return 0;
}

int evtchn_init_control(struct evtchn_init_control *op)
{
	struct domain *d = current->domain;
	struct vcpu *v = evtchn_vcpu_of(d, op->vcpu);
	int rc;

	op->link_bits = EVTCHN_FIFO_LINK_BITS;
	if (!v)
		return -ENOENT;
	if (op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || op->offset % 8)
		return -EINVAL;
	lock(&d->evtchn->lock);
	rc = set_control(d, v, op->control_gfn, op->offset);
	unlock(&d->evtchn->lock);
	return rc;
}

/* Events that came before their words did. */
static void raise_early_events(struct domain *d, u32 page)
{
	struct evtchn *chn, *peer;

	for (u32 i = 0; i < FIFO_WORDS_PER_PAGE; i++) {
		chn = evtchn_find(d->evtchn, page * FIFO_WORDS_PER_PAGE + i);
		if (!chn)
			return;
		peer = evtchn_lock_both_ends(chn);
		if (chn->state > CHN_RESERVED && chn->pending) {
			chn->pending = false;
			evtchn_set_pending(d, chn);
		}
		evtchn_unlock_both_ends(chn, peer);
	}
}

static int add_words(struct domain *d, u64 gfn)
{
	struct evtchn_domain *e = d->evtchn;
	u32 page = atomic_load(&e->fifo_pages);
	void *virt;

	if (page == FIFO_PAGES)
		return -ENOSPC;
	virt = take_guest_page(d, gfn);
	if (!virt)
		return -EINVAL;
	e->words[page] = virt;
	atomic_store_explicit(&e->fifo_pages, page + 1, memory_order_release);
	raise_early_events(d, page);
	return 0;
}

int evtchn_expand_array(u64 gfn)
{
	struct domain *d = current->domain;
	int rc = -EOPNOTSUPP;

	lock(&d->evtchn->lock);
	if (evtchn_abi(d) == &evtchn_fifo)
		rc = add_words(d, gfn);
	unlock(&d->evtchn->lock);
	return rc;
}

void evtchn_fifo_leave(struct domain *d)
{
	struct evtchn_domain *e = d->evtchn;
	struct evtchn_fifo_control_block *control;
	struct vcpu *v;
	u32 pages = atomic_load(&e->fifo_pages);

	if (evtchn_abi(d) != &evtchn_fifo)
		return;
	atomic_store(&e->abi, &evtchn_2l);
	atomic_store(&e->fifo_pages, 0);
	for_each_vcpu(d, v) {
		control = atomic_exchange(&v->evtchn->control, NULL);
		if (control)
			give_back_page((void *)((uintptr_t)control & PAGE_MASK));
		for (u32 i = 0; i < ARRAY_SIZE(v->evtchn->queue); i++)
			v->evtchn->queue[i].tail = 0;
	}
	while (pages-- > 0)
		give_back_page((void *)e->words[pages]);
	kfree(e->words);
	e->words = NULL;
}
