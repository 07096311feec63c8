/* SPDX-License-Identifier: GPL-2.0-only */
/* Credit scheduling across queues: what all have burnt is collected and given back by weights. */
#include "hypervisor/services/sched_credit.h"

#define DEBT_NEGLIGIBLE		((s64)MS(1))
#define CREDIT_BELOW_FULL	((s64)CREDIT_PERIOD / 2)

void runq_collect(struct runq *q, ns_t t, struct credit_account *acct)
{
	struct entity *e;

	runq_burn(q, t);
	acct->burnt += q->burnt;
	q->burnt = 0;
	acct->weight += q->active_weight;
	list_for_each(e, &q->active, active_link) {
		if (e->credit + (s64)e->ran >= CREDIT_MAX) {
			acct->some_are_full = true;
		} else {
			acct->drift += e->credit + (s64)e->ran / 2;
			acct->below += CREDIT_BELOW_FULL;
		}
	}
}

#define PER_WEIGHT_SHIFT	16

static bool share_out(struct credit_account *acct, s64 amount, u64 weight)
{
	acct->left = 0;
	acct->left_weight = 0;
	if (amount <= 0 || !weight)
		return false;
	acct->amount = amount;
	acct->per_weight = ((u64)amount << PER_WEIGHT_SHIFT) / weight;
	return acct->per_weight != 0;
}

/*
 * What was burnt, and a part of what keeps the sum of credit from where it should be in the middle of a
 * period. That is zero, since only there does its sign say who is before the others and who behind.
 * Where some began the period at their upper bound (who sleep a lot, or are held by a cap), it is a
 * little less for the others, so that those go before them and can use up what they may. Not more: at
 * the lower bound what the others had beyond their shares would be forgotten.
 */
bool credit_first_round(struct credit_account *acct)
{
	s64 drift = acct->drift + (acct->some_are_full ? acct->below : 0);

	return share_out(acct, acct->burnt - drift / 8, acct->weight);
}

/* Again with what is left, if that is worth it. */
bool credit_next_round(struct credit_account *acct)
{
	if (acct->left < acct->burnt / 64)
		return false;
	acct->round++;
	return share_out(acct, acct->left, acct->left_weight);
}

/*
 * Who is at its bound and ran all the time, as much as it liked or as its cap allows, cannot use
 * its share: the others get it. Who had to wait could: giving its share away would only let the
 * others go on before it.
 */
static bool was_held_back(const struct entity *e, const struct credit_account *acct)
{
	return e->has_waited && !e->was_parked && e->ran < acct->length - acct->length / 8;
}

void runq_grant(struct runq *q, struct credit_account *acct)
{
	struct entity *e;

	list_for_each(e, &q->active, active_link) {
		if (acct->round && e->credit >= CREDIT_MAX)
			continue;
		e->credit += e->weight * acct->per_weight >> PER_WEIGHT_SHIFT;
		if (e->credit < CREDIT_MAX) {
			acct->left_weight += e->weight;
			continue;
		}
		if (!was_held_back(e, acct))
			acct->left += e->credit - CREDIT_MAX;
		e->credit = CREDIT_MAX;
	}
}

static void fill_bucket(struct credit_group *g, const struct credit_account *acct)
{
	s64 full = (s64)(CREDIT_PERIOD / 100 * g->cap);
	s64 add = (s64)(MIN(acct->length, CREDIT_PERIOD) / 100 * g->cap);
	s64 was;

	if (!g->cap || g->filled_in == acct->period)
		return;
	g->filled_in = acct->period;
	was = atomic_fetch_add_explicit(&g->budget, add, memory_order_relaxed);
	if (was + add > full)
		atomic_fetch_sub_explicit(&g->budget, was + add - full, memory_order_relaxed);
}

static void reclassify(struct runq *q, struct entity *e)
{
	enum credit_class class = entity_class(e);

	if (e->class == CLASS_BOOST || e->class == class)
		return;
	if (e->state == ENTITY_WAITING) {
		runq_remove(q, e);
		e->class = class;
		runq_insert(q, e);
	} else if (e->state == ENTITY_RUNNING) {
		e->class = class;
	}
}

void runq_settle(struct runq *q, const struct credit_account *acct)
{
	struct entity *e, *tmp;

	list_for_each_safe(e, tmp, &q->active, active_link) {
		e->credit = MAX(e->credit, -CREDIT_DEBT_MAX);
		fill_bucket(e->group, acct);
		reclassify(q, e);
		/* Slept all the time and owes nothing (worth the name): it competes no more. */
		if (e->state == ENTITY_SLEEPING && !e->ran && e->credit > -DEBT_NEGLIGIBLE)
			runq_retire(q, e);
		e->ran = 0;
		e->has_waited = e->state == ENTITY_WAITING;
		e->was_parked = e->state == ENTITY_PARKED;
	}
	list_for_each_safe(e, tmp, &q->parked, parked_link) {
		fill_bucket(e->group, acct);
		if (entity_is_capped_out(e))
			continue;
		e->was_parked = false;
		runq_unpark(q, e);
	}
}
