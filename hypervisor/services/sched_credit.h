/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arithmetic of credit scheduling: pure functions of one queue, its entities and a time.
 *
 * An entity (a vCPU, as far as this file knows it) burns one credit for each nanosecond it runs.
 * Once in a period what all have burnt is given back to those that compete, by weight. So credit
 * says who has had less (UNDER), more (OVER) or much more (FAR_OVER) than its share of the whole
 * machine, and a queue runs them in this order. One that wakes with credit left is BOOSTed: it goes
 * before all for a short while, which is what keeps those that sleep a lot responsive. Within a
 * class the one goes first that has run least on this queue in relation to its weight (vtime); that
 * alone makes shares on one CPU exact, while credit evens them out between CPUs: one that has none
 * better to run than OVER takes better ones from others. Near the end of a period all may be OVER,
 * and only FAR_OVER tells.
 *
 * Credit stays between -CREDIT_DEBT_MAX and CREDIT_MAX. What an entity at the upper bound cannot
 * take goes to the others (a weight may ask for more than one CPU), see runq_grant().
 *
 * A cap is apart from that: a bucket of running time of the whole domain, filled once in a period.
 * Who is found without any is parked until it is filled.
 *
 * No locks, clocks or CPUs here: who calls holds the queue's lock.
 */
#ifndef HV_SERVICES_SCHED_CREDIT_H
#define HV_SERVICES_SCHED_CREDIT_H

#include <stdatomic.h>

#include "hypervisor/lib/list.h"
#include "hypervisor/lib/pheap.h"
#include "hypervisor/lib/types.h"
#include "hypervisor/mm/tlb.h"

#define MS(n)			((ns_t)(n) * 1000000)
#define US(n)			((ns_t)(n) * 1000)
#define CREDIT_PERIOD		MS(30)
#define CREDIT_MAX		(2 * (s64)CREDIT_PERIOD)
#define CREDIT_DEBT_MAX		(4 * (s64)CREDIT_PERIOD)
#define CREDIT_FAR		((s64)CREDIT_PERIOD)
#define BOOST_TIME		MS(10)		/* how long a wake-up goes before others */
#define WEIGHT_DEFAULT		256

enum credit_class {
	CLASS_BOOST, CLASS_UNDER, CLASS_OVER, CLASS_FAR_OVER, NR_CLASSES, CLASS_IDLE = NR_CLASSES
};

enum entity_state {
	ENTITY_SLEEPING,	/* not runnable */
	ENTITY_WAITING,		/* in a queue */
	ENTITY_PARKED,		/* runnable, but its domain has used up its cap */
	ENTITY_RUNNING,		/* its queue's CPU runs it, or is about to */
	ENTITY_MOVING,		/* left its CPU, which will put it in another's queue */
};

/* What the vCPUs of a domain have in common. */
struct credit_group {
	u16 weight;
	u16 cap;		/* percent of one CPU; 0: none */
	_Atomic s64 budget;	/* ns they may run until the next period; only with a cap */
	u32 filled_in;		/* number of the period in which it was filled last */
};

struct entity {
	struct pheap_node node;		/* WAITING: in waiting[class], by vtime */
	struct list stealable_link;	/* WAITING, and may run on more than one CPU */
	struct list parked_link;	/* PARKED */
	struct list active_link;	/* is_active */
	struct credit_group *group;
	cpumask_t hard, soft;		/* where it may and where it should run */
	s64 credit;
	u64 vtime;			/* ns run, times 16 / weight */
	u32 vtime_rate;			/* 16 / weight, 24 bits of fraction */
	u16 weight;
	u8 class;
	u8 state;
	bool is_active;			/* competes, so it gets its share of each period */
	bool has_waited;		/* in this period */
	bool was_parked;		/* in this period */
	ns_t ran;			/* in this period */
	ns_t began;			/* RUNNING: since when */
	ns_t burnt_to;			/* RUNNING: what was run before this is accounted */
};

/* One CPU's queue. */
struct runq {
	struct pheap waiting[NR_CLASSES];
	u32 classes;			/* bit n: waiting[n] has some */
	u32 nr_waiting;
	struct list stealable;		/* those that others may take, longest waiting first */
	_Atomic u32 nr_stealable[NR_CLASSES];	/* read by others as a hint, without the lock */
	struct list parked;
	struct list active;
	u64 active_weight;
	u64 vtime;			/* below nobody's who waits or runs here; never goes back */
	s64 burnt;			/* since the last runq_collect() */
	struct entity *running;		/* NULL: idle */
	ns_t slice_end;			/* when the running one is to make room; 0: never */
	u64 cpu_mask;			/* this CPU's bit */
};

struct credit_limits {
	ns_t tslice, ratelimit;
};

static inline enum credit_class class_of_credit(s64 credit)
{
	if (credit >= 0)
		return CLASS_UNDER;
	return credit >= -CREDIT_FAR ? CLASS_OVER : CLASS_FAR_OVER;
}

static inline enum credit_class entity_class(const struct entity *e)
{
	return class_of_credit(e->credit);
}

/* Its domain's bucket holds no more than @ns. */
static inline bool entity_reaches_cap(const struct entity *e, ns_t ns)
{
	struct credit_group *g = e->group;

	return g->cap && atomic_load_explicit(&g->budget, memory_order_relaxed) <= (s64)ns;
}

static inline bool entity_is_capped_out(const struct entity *e)
{
	return entity_reaches_cap(e, 0);
}

void runq_init(struct runq *q, unsigned cpu);
void entity_init(struct entity *e, struct credit_group *group);
void entity_set_weight(struct runq *q, struct entity *e, u16 weight);
/* Takes it out of everything (it does not run): before it is freed. */
void entity_leave(struct runq *q, struct entity *e);

/* In and out of the classes. The entity is not running; insert makes it WAITING. */
void runq_insert(struct runq *q, struct entity *e);
void runq_remove(struct runq *q, struct entity *e);	/* WAITING or PARKED, becomes SLEEPING */
/* PARKED, and its domain may run again. */
void runq_unpark(struct runq *q, struct entity *e);
/* It competes no more until it wakes. */
void runq_retire(struct runq *q, struct entity *e);
/* For one that wakes: boosted if it has credit left. */
void runq_wake(struct runq *q, struct entity *e);
/* Class of what runs here now, and the best class that waits. */
enum credit_class runq_running_class(const struct runq *q);
enum credit_class runq_best_class(const struct runq *q);
/* The best class of those that others may take. Without the lock: a hint. */
enum credit_class runq_best_stealable(const struct runq *q);

/* Takes what the running one ran up to @t from its credit. */
void runq_burn(struct runq *q, ns_t t);

/*
 * Who runs from @t on: the running one again, another, or NULL for nobody. @stays: the running one
 * can go on; @yields: it would rather not. Updates running, slice_end, and the states of both; a
 * running one that does not stay becomes SLEEPING. The running one was burnt up to @t.
 */
struct entity *runq_next(struct runq *q, ns_t t, bool stays, bool yields,
			 const struct credit_limits *limits);

/*
 * An entity here that may run on @cpu_mask, of class @worst or better, for which @free() is true; one
 * that should run there before others.
 */
struct entity *runq_find_stealable(struct runq *q, u64 cpu_mask, enum credit_class worst,
				   bool (*is_free)(const struct entity *e));
/* Where those that others may take could run. */
cpumask_t runq_stealable_mask(const struct runq *q);
/* Hands a SLEEPING or MOVING entity over: with both queues locked. */
void entity_move(struct runq *from, struct runq *to, struct entity *e);

/* --- sched_grant.c: once in a period, collect from all queues, then grant to all -------------- */

struct credit_account {
	u32 period;		/* its number */
	u32 round;
	ns_t length;
	u64 weight;		/* of those that compete */
	s64 burnt;		/* by all */
	bool some_are_full;	/* began the period at their upper bound */
	s64 drift;		/* sum of the credit of the others, in the middle of the period */
	s64 below;		/* zero that it should be if some are full */
	s64 amount;		/* to be given in this round */
	u64 per_weight;		/* ... for each unit of weight, 16 bits of fraction */
	s64 left;		/* what those at the upper bound did not take */
	u64 left_weight;	/* weight of the others */
};

void runq_collect(struct runq *q, ns_t t, struct credit_account *acct);
/* Between the rounds: how much for each. False when there is nothing to give, or nobody to take. */
bool credit_first_round(struct credit_account *acct);
bool credit_next_round(struct credit_account *acct);
void runq_grant(struct runq *q, struct credit_account *acct);
/* After the last round: classes follow credit, buckets are filled, the parked come back. */
void runq_settle(struct runq *q, const struct credit_account *acct);

#endif
