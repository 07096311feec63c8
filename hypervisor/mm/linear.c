/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linear page tables: an entry that names a table of the level it stands in itself shows the tables
 * below that one as memory. It is read-only, so it lets nobody write what is not checked.
 *
 * Only a table that is whole can be named: waiting for one that is being checked might be waiting
 * for oneself. And a table either has such entries or is named by them, never both; so chains and
 * circles cannot come to be, and undoing one table stays as bounded as without them. The signed
 * count in the type word tells: above zero the entries that the table has, below zero those that
 * name it. An entry by which a table names itself is not counted, and takes nothing.
 */
#include "hypervisor/mm/linear.h"

#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/type.h"

bool opt_pv_linear_pt = true;

static bool add_linear_entry(struct frame *table)
{
	u64 old = atomic_load(&table->type), with;

	do {
		if (!type_add_linear_entry(old, &with))
			return false;
	} while (!atomic_compare_exchange_weak(&table->type, &old, with));
	return true;
}

void drop_linear_entry(struct frame *table)
{
	u64 old = atomic_load(&table->type);

	while (!atomic_compare_exchange_weak(&table->type, &old, type_drop_linear_entry(old)))
		;
}

static bool get_linear_use(struct frame *frame, u64 type)
{
	u64 old = atomic_load(&frame->type), used;

	do {
		if (!type_get_linear(old, type, &used))
			return false;
	} while (!atomic_compare_exchange_weak(&frame->type, &old, used));
	return true;
}

int get_linear_table(mfn_t mfn, struct frame *table, const struct domain *d)
{
	struct frame *frame;

	if (!mfn_valid(mfn))
		return -EINVAL;
	frame = mfn_to_frame(mfn);
	if (!get_frame(frame, d))
		return -EINVAL;
	if (!add_linear_entry(table))
		goto put;
	if (!get_linear_use(frame, frame_type(table)))
		goto drop;
	return 0;
drop:
	drop_linear_entry(table);
put:
	put_frame(frame);
	return -EINVAL;
}

int put_linear_table(struct frame *frame, struct frame *table, bool preemptible)
{
	int rc = put_linear_use(frame, preemptible);

	if (rc)
		return rc;
	drop_linear_entry(table);
	put_frame(frame);
	return 0;
}
