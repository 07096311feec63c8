/* SPDX-License-Identifier: GPL-2.0-only */
/* Credit scheduling within one queue: order, burning, and the choice of who runs next. */
#include "hypervisor/services/sched_credit.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/lib/bitmap.h"

#define VTIME_SHIFT	24	/* fraction bits of vtime_rate */
#define VTIME_UNIT	16	/* weight at which vtime is running time */
#define SLICE_MIN	US(500)
/* An entity brings at most so much lag from another queue, in ns of its own running time. */
#define LAG_MAX		MS(100)
#define BURN_MAX	(1ull << 33)	/* keeps ns * vtime_rate within 64 bits */

static u64 to_vtime(const struct entity *e, u64 ns)
{
	return MIN(ns, BURN_MAX) * e->vtime_rate >> VTIME_SHIFT;
}

static void set_weight(struct entity *e, u16 weight)
{
	e->weight = weight;
	e->vtime_rate = (VTIME_UNIT << VTIME_SHIFT) / weight;
}

void runq_init(struct runq *q, unsigned cpu)
{
	*q = (struct runq){ .cpu_mask = BIT(cpu) };
	list_init(&q->stealable);
	list_init(&q->parked);
	list_init(&q->active);
}

void entity_init(struct entity *e, struct credit_group *group)
{
	*e = (struct entity){ .group = group, .hard = ~0ull, .soft = ~0ull, .class = CLASS_UNDER };
	list_init(&e->stealable_link);
	list_init(&e->parked_link);
	list_init(&e->active_link);
	set_weight(e, group->weight);
}

/* --- who competes ----------------------------------------------------------------------------- */

static void activate(struct runq *q, struct entity *e)
{
	if (e->is_active)
		return;
	e->is_active = true;
	q->active_weight += e->weight;
	list_append(&e->active_link, &q->active);
}

void runq_retire(struct runq *q, struct entity *e)
{
	if (!e->is_active)
		return;
	e->is_active = false;
	q->active_weight -= e->weight;
	list_remove(&e->active_link);
}

void entity_set_weight(struct runq *q, struct entity *e, u16 weight)
{
	if (e->is_active)
		q->active_weight += weight - e->weight;
	set_weight(e, weight);
}

/* --- order ------------------------------------------------------------------------------------ */

/* The queue's own vtime follows the least of those that wait or run. */
static void advance_vtime(struct runq *q)
{
	u64 least = q->running ? q->running->vtime : ~0ull;

	for (u32 left = q->classes; left; left &= left - 1)
		least = MIN(least, q->waiting[lowest_bit(left)].root->key);
	if (least != ~0ull && least > q->vtime)
		q->vtime = least;
}

static bool is_stealable(const struct entity *e)
{
	return e->hard & (e->hard - 1);
}

static void hint_add(_Atomic u32 *hint, s32 n)
{
	atomic_store_explicit(hint, atomic_load_explicit(hint, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static void offer(struct runq *q, struct entity *e)
{
	if (!is_stealable(e))
		return;
	list_append(&e->stealable_link, &q->stealable);
	hint_add(&q->nr_stealable[e->class], 1);
}

static void withdraw(struct runq *q, struct entity *e)
{
	if (list_empty(&e->stealable_link))
		return;
	list_remove(&e->stealable_link);
	hint_add(&q->nr_stealable[e->class], -1);
}

void runq_insert(struct runq *q, struct entity *e)
{
	ASSERT(e->state != ENTITY_WAITING && e->state != ENTITY_PARKED);
	activate(q, e);
	/* Sleeping earns no claim on the queue: that is what credit and boost are for. */
	e->vtime = MAX(e->vtime, q->vtime);
	e->state = ENTITY_WAITING;
	e->has_waited = true;
	pheap_insert(&q->waiting[e->class], &e->node, e->vtime);
	q->classes |= 1u << e->class;
	q->nr_waiting++;
	offer(q, e);
}

static void take_out(struct runq *q, struct entity *e)
{
	pheap_remove(&q->waiting[e->class], &e->node);
	if (!q->waiting[e->class].root)
		q->classes &= ~(1u << e->class);
	q->nr_waiting--;
	withdraw(q, e);
}

void runq_remove(struct runq *q, struct entity *e)
{
	if (e->state == ENTITY_WAITING)
		take_out(q, e);
	else
		list_remove(&e->parked_link);
	e->state = ENTITY_SLEEPING;
}

void entity_leave(struct runq *q, struct entity *e)
{
	ASSERT(e->state != ENTITY_RUNNING);
	if (e->state == ENTITY_WAITING || e->state == ENTITY_PARKED)
		runq_remove(q, e);
	runq_retire(q, e);
}

static void park(struct runq *q, struct entity *e)
{
	e->state = ENTITY_PARKED;
	e->was_parked = true;
	list_append(&e->parked_link, &q->parked);
}

void runq_unpark(struct runq *q, struct entity *e)
{
	list_remove(&e->parked_link);
	e->state = ENTITY_SLEEPING;
	e->class = entity_class(e);
	runq_insert(q, e);
}

void runq_wake(struct runq *q, struct entity *e)
{
	e->class = e->credit >= 0 ? CLASS_BOOST : entity_class(e);
	runq_insert(q, e);
}

enum credit_class runq_running_class(const struct runq *q)
{
	return q->running ? q->running->class : CLASS_IDLE;
}

enum credit_class runq_best_class(const struct runq *q)
{
	u32 classes = READ_ONCE(q->classes);

	return classes ? lowest_bit(classes) : CLASS_IDLE;
}

enum credit_class runq_best_stealable(const struct runq *q)
{
	struct runq *r = (struct runq *)q;

	for (unsigned c = 0; c < NR_CLASSES; c++)
		if (atomic_load_explicit(&r->nr_stealable[c], memory_order_relaxed))
			return c;
	return CLASS_IDLE;
}

/* --- running ---------------------------------------------------------------------------------- */

void runq_burn(struct runq *q, ns_t t)
{
	struct entity *e = q->running;
	u64 ns;

	if (!e || t <= e->burnt_to)
		return;
	ns = t - e->burnt_to;
	e->burnt_to = t;
	e->credit -= ns;
	e->ran += ns;
	e->vtime += to_vtime(e, ns);
	q->burnt += ns;
	activate(q, e);
	if (e->group->cap)
		atomic_fetch_sub_explicit(&e->group->budget, ns, memory_order_relaxed);
	if (e->class != CLASS_BOOST || t - e->began >= BOOST_TIME)
		e->class = entity_class(e);
}

/* Who waits and may run; the capped are parked on the way. */
static struct entity *best_waiting(struct runq *q)
{
	while (q->classes) {
		struct pheap_node *first = q->waiting[lowest_bit(q->classes)].root;
		struct entity *e = container_of(first, struct entity, node);

		if (!entity_is_capped_out(e))
			return e;
		take_out(q, e);
		park(q, e);
	}
	return NULL;
}

/*
 * How long @e may run undisturbed: to the end of its credit, so that it is never far from its
 * share, but long enough to be worth the switch; to the end of its domain's bucket. Alone: for
 * ever.
 */
static ns_t slice_length(const struct runq *q, const struct entity *e,
			 const struct credit_limits *limits)
{
	ns_t least = MAX(limits->ratelimit, SLICE_MIN), length = 0;

	if (q->nr_waiting) {
		length = limits->tslice;
		if (e->class == CLASS_BOOST)
			length = MIN(length, BOOST_TIME);
		else if (e->class == CLASS_UNDER)
			length = MIN(length, (ns_t)e->credit);
		length = MAX(length, MIN(least, limits->tslice));
	}
	if (e->group->cap) {
		s64 budget = atomic_load_explicit(&e->group->budget, memory_order_relaxed);
		ns_t left = budget > (s64)SLICE_MIN / 5 ? (ns_t)budget : SLICE_MIN / 5;

		length = length ? MIN(length, left) : left;
	}
	return length;
}

static void set_slice(struct runq *q, ns_t t, const struct credit_limits *limits)
{
	ns_t length = slice_length(q, q->running, limits);

	q->slice_end = length ? t + length : 0;
}

/* Whether the running one makes room for @best. */
static bool gives_way(const struct runq *q, const struct entity *best, ns_t t)
{
	const struct entity *e = q->running;

	if (best->class != e->class)
		return best->class < e->class;
	return q->slice_end && t >= q->slice_end && best->vtime < e->vtime;
}

static struct entity *go_on(struct runq *q, ns_t t, const struct credit_limits *limits)
{
	if (!q->slice_end || t >= q->slice_end)
		set_slice(q, t, limits);
	return q->running;
}

/* Too early for another switch: the better one that waits gets its turn when the limit is over. */
static struct entity *go_on_limited(struct runq *q, ns_t t, const struct credit_limits *limits)
{
	if (!q->slice_end || t >= q->slice_end)
		set_slice(q, t, limits);
	if (runq_best_class(q) < q->running->class)
		q->slice_end = MIN(q->slice_end, q->running->began + limits->ratelimit);
	return q->running;
}

static struct entity *start(struct runq *q, struct entity *e, ns_t t,
			    const struct credit_limits *limits)
{
	q->running = e;
	q->slice_end = 0;
	if (!e)
		return NULL;
	take_out(q, e);
	e->state = ENTITY_RUNNING;
	e->began = e->burnt_to = t;
	advance_vtime(q);
	set_slice(q, t, limits);
	return e;
}

/* The running one leaves the CPU for the queue, its parking place, or sleep. */
static void stop_running(struct runq *q, bool stays)
{
	struct entity *e = q->running;

	q->running = NULL;
	e->state = ENTITY_SLEEPING;
	if (!stays)
		return;
	e->class = entity_class(e);
	if (entity_is_capped_out(e))
		park(q, e);
	else
		runq_insert(q, e);
}

struct entity *runq_next(struct runq *q, ns_t t, bool stays, bool yields,
			 const struct credit_limits *limits)
{
	struct entity *e = q->running, *best;
	bool may_go_on = e && stays && !entity_is_capped_out(e);

	if (may_go_on && !yields && t - e->began < limits->ratelimit)
		return go_on_limited(q, t, limits);
	best = best_waiting(q);
	if (may_go_on && (!best || !(yields || gives_way(q, best, t))))
		return go_on(q, t, limits);
	if (e)
		stop_running(q, stays);
	return start(q, best, t, limits);
}

/* --- between queues --------------------------------------------------------------------------- */

#define STEAL_SCAN_MAX	64

struct entity *runq_find_stealable(struct runq *q, u64 cpu_mask, enum credit_class worst,
				   bool (*is_free)(const struct entity *e))
{
	struct entity *e, *other = NULL;
	unsigned seen = 0;

	/* The CPU that idles here has been told of it, and will run it. */
	if (!q->running && q->nr_waiting == 1)
		return NULL;
	list_for_each(e, &q->stealable, stealable_link) {
		if (++seen > STEAL_SCAN_MAX)
			break;
		if (e->class > worst || !(e->hard & cpu_mask) || entity_is_capped_out(e) ||
		    !is_free(e))
			continue;
		if (e->soft & cpu_mask)
			return e;
		if (!other)
			other = e;
	}
	return other;
}

cpumask_t runq_stealable_mask(const struct runq *q)
{
	unsigned seen = 0;
	cpumask_t mask = 0;
	struct entity *e;

	list_for_each(e, &q->stealable, stealable_link) {
		if (++seen > STEAL_SCAN_MAX)
			break;
		mask |= e->hard;
	}
	return mask;
}

void entity_move(struct runq *from, struct runq *to, struct entity *e)
{
	bool was_active = e->is_active;
	u64 lag = e->vtime > from->vtime ? e->vtime - from->vtime : 0;

	ASSERT(e->state == ENTITY_SLEEPING || e->state == ENTITY_MOVING);
	runq_retire(from, e);
	e->vtime = to->vtime + MIN(lag, to_vtime(e, LAG_MAX));
	if (was_active)
		activate(to, e);
}
