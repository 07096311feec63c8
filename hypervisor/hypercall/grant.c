/* SPDX-License-Identifier: GPL-2.0-only */
/* grant_table_op: arrays of elements, one command for all; the work in services/grant*.c. */
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/domain/domain.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/services/grant.h"
#include "pvabi/compat/grant_table.h"

/* --- commands on an array ---------------------------------------------------------------------- */

union element {
	struct gnttab_map_grant_ref map;
	struct gnttab_unmap_grant_ref unmap;
	struct gnttab_unmap_and_replace replace;
	struct gnttab_copy copy;
	struct gnttab_query_size query;
	struct gnttab_swap_grant_ref swap;
	struct gnttab_cache_flush flush;
	struct gnttab_set_version set;
	struct gnttab_get_version get;
	struct compat_gnttab_copy compat_copy;
};

/*
 * What an array's command is: the layout of an element in each width, which bytes of it are results,
 * and what to do with one. An element's own outcome stands in its status; run() returns an error
 * only if the whole call ends with it.
 */
struct layout {
	u16 size, result, result_size;
};

struct command {
	u32 cmd;
	bool alone;				/* an array of exactly one */
	bool no_error_result;			/* results are written with success only */
	bool slow;				/* others are looked for before each element */
	struct layout native, compat;
	void (*widen)(union element *el);	/* from the compat layout; NULL: the same in both */
	int (*run)(union element *el, struct grant_unmap_batch *batch);
};

#define RESULT(type, first, last)						\
	{ sizeof(struct type), offsetof(struct type, first),			\
	  offsetof(struct type, last) + sizeof(((struct type *)0)->last) -	\
	  offsetof(struct type, first) }
#define BOTH(type, first, last)							\
	.native = RESULT(type, first, last), .compat = RESULT(compat_##type, first, last)
/* Same layout in both widths, as is asserted. */
#define SAME(type, first, last)							\
	.native = RESULT(type, first, last), .compat = RESULT(type, first, last)

#define ASSERT_SAME(type)							\
	_Static_assert(sizeof(struct type) == sizeof(struct compat_##type),	\
		       "one layout for both widths")
ASSERT_SAME(gnttab_map_grant_ref);
ASSERT_SAME(gnttab_unmap_grant_ref);
ASSERT_SAME(gnttab_unmap_and_replace);
ASSERT_SAME(gnttab_query_size);
ASSERT_SAME(gnttab_swap_grant_ref);
ASSERT_SAME(gnttab_cache_flush);

#define DEFINE_RUN(name, member)						\
	static int run_##name(union element *el, struct grant_unmap_batch *batch) \
	{									\
		(void)batch;							\
		grant_##name(&el->member);					\
		return 0;							\
	}
DEFINE_RUN(map, map)
DEFINE_RUN(copy, copy)
DEFINE_RUN(query_size, query)
DEFINE_RUN(swap, swap)

static int run_unmap(union element *el, struct grant_unmap_batch *batch)
{
	grant_unmap(&el->unmap, batch);
	return 0;
}

static int run_replace(union element *el, struct grant_unmap_batch *batch)
{
	grant_unmap_and_replace(&el->replace, batch);
	return 0;
}

static int run_cache_flush(union element *el, struct grant_unmap_batch *batch)
{
	(void)batch;
	return grant_cache_flush(&el->flush);
}

static int run_set_version(union element *el, struct grant_unmap_batch *batch)
{
	(void)batch;
	return grant_set_version(&el->set);
}

static int run_get_version(union element *el, struct grant_unmap_batch *batch)
{
	(void)batch;
	return grant_get_version(&el->get);
}

static struct gnttab_copy_ptr wide_ptr(const struct compat_gnttab_copy_ptr *c, bool by_grant)
{
	struct gnttab_copy_ptr p = { .domid = c->domid, .offset = c->offset };

	if (by_grant)
		p.u.ref = c->u.ref;
	else
		p.u.gmfn = c->u.gmfn;
	return p;
}

static void widen_copy(union element *el)
{
	struct compat_gnttab_copy c = el->compat_copy;

	el->copy = (struct gnttab_copy){
		.source = wide_ptr(&c.source, c.flags & GNTCOPY_source_gref),
		.dest = wide_ptr(&c.dest, c.flags & GNTCOPY_dest_gref),
		.len = c.len, .flags = c.flags, .status = c.status,
	};
}

static const struct command commands[] = {
	{ GNTTABOP_map_grant_ref, SAME(gnttab_map_grant_ref, status, dev_bus_addr),
	  .run = run_map },
	{ GNTTABOP_unmap_grant_ref, SAME(gnttab_unmap_grant_ref, status, status),
	  .run = run_unmap },
	{ GNTTABOP_copy, BOTH(gnttab_copy, status, status), .widen = widen_copy, .run = run_copy },
	{ GNTTABOP_unmap_and_replace, SAME(gnttab_unmap_and_replace, status, status),
	  .run = run_replace },
	/* Refused, as by a Xen that was told gnttab=no-transfer: frames do not change hands here. */
	{ GNTTABOP_transfer, BOTH(gnttab_transfer, status, status), .run = NULL },
	{ GNTTABOP_query_size, .alone = true, SAME(gnttab_query_size, nr_frames, status),
	  .run = run_query_size },
	{ GNTTABOP_set_version, .alone = true, SAME(gnttab_set_version, version, version),
	  .run = run_set_version },
	{ GNTTABOP_get_version, .alone = true, .no_error_result = true,
	  SAME(gnttab_get_version, version, version), .run = run_get_version },
	{ GNTTABOP_swap_grant_ref, SAME(gnttab_swap_grant_ref, status, status), .run = run_swap },
	{ GNTTABOP_cache_flush, .slow = true, .native = { sizeof(struct gnttab_cache_flush), 0, 0 },
	  .compat = { sizeof(struct gnttab_cache_flush), 0, 0 }, .run = run_cache_flush },
};

static int run_element(const struct command *c, const struct layout *l, u64 addr,
		       struct grant_unmap_batch *batch)
{
	u16 result = c->native.result, size = l->result_size;
	union element el;
	int rc;

	if (copy_from_guest(&el, addr, l->size))
		return -EFAULT;
	if (l == &c->compat && c->widen)
		c->widen(&el);
	rc = c->run(&el, batch);
	if (rc && c->no_error_result)
		return rc;
	if (size && copy_to_guest(addr + l->result, (const u8 *)&el + result, size))
		return -EFAULT;
	return rc;
}

/* Unmaps finish by the batch: when it is full, and whenever the loop is left. */
static long run_array(const struct command *c, u64 array, u32 count)
{
	const struct layout *l = guest_is_pv32() ? &c->compat : &c->native;
	struct grant_unmap_batch batch;
	int rc = 0;
	u32 i;

	if (!guest_range_ok(array, (u64)count * l->size))
		return -EFAULT;
	if (!c->run)
		return -EOPNOTSUPP;
	batch.nr = 0;
	for (i = 0; i < count && !rc; i++) {
		if (i && (c->slow || i % GRANT_UNMAP_BATCH == 0)) {
			grant_unmap_finish(&batch);
			if (preempt_needed())
				break;
		}
		rc = run_element(c, l, array + (u64)i * l->size, &batch);
	}
	if (batch.nr)
		grant_unmap_finish(&batch);
	if (rc || i == count)
		return rc;
	return HYPERCALL_CONTINUE(c->cmd, array + (u64)i * l->size, count - i);
}

/* --- commands that fill a list of frames ------------------------------------------------------- */

/* Where the fields of setup_table and get_status_frames stand, and how wide an element is. */
struct list_layout {
	u8 size, dom, nr_frames, status, list, list_size, width;
};

#define LIST(type, element_width)						\
	{ sizeof(struct type), offsetof(struct type, dom), offsetof(struct type, nr_frames),	\
	  offsetof(struct type, status), offsetof(struct type, frame_list),	\
	  sizeof(((struct type *)0)->frame_list), element_width }

static const struct list_command {
	u32 cmd;
	bool status;
	struct list_layout native, compat;
} list_commands[] = {
	{ GNTTABOP_setup_table, false, LIST(gnttab_setup_table, 8),
	  LIST(compat_gnttab_setup_table, 4) },
	{ GNTTABOP_get_status_frames, true, LIST(gnttab_get_status_frames, 8),
	  LIST(compat_gnttab_get_status_frames, 8) },
};

static int put_frames(const struct list_command *c, struct domain *d, u64 list, u32 nr, u8 width)
{
	for (u32 i = 0; i < nr; i++) {
		u64 mfn = grant_mfn(d, c->status, i);

		if (copy_to_guest(list + (u64)i * width, &mfn, width))
			return GNTST_bad_virt_addr;
	}
	return GNTST_okay;
}

static __attribute__((noinline)) long run_list(const struct list_command *c, u64 arg)
{
	const struct list_layout *l = guest_is_pv32() ? &c->compat : &c->native;
	u8 op[sizeof(struct gnttab_setup_table)];
	struct domain *d;
	u32 nr_frames;
	u64 list = 0;
	domid_t dom;
	s16 status;

	if (copy_from_guest(op, arg, l->size))
		return -EFAULT;
	memcpy(&dom, op + l->dom, sizeof(dom));
	memcpy(&nr_frames, op + l->nr_frames, sizeof(nr_frames));
	memcpy(&list, op + l->list, l->list_size);
	if (!guest_range_ok(list, (u64)nr_frames * l->width))
		return -EFAULT;
	status = grant_need_frames(dom, c->status, nr_frames, &d);
	if (!status) {
		status = put_frames(c, d, list, nr_frames, l->width);
		domain_put(d);
	}
	return copy_to_guest(arg + l->status, &status, sizeof(status));
}

/* ----------------------------------------------------------------------------------------------- */

static __attribute__((noinline)) long run_other(u32 cmd, u64 ops, u32 nr)
{
	for (unsigned i = 0; i < ARRAY_SIZE(list_commands); i++)
		if (list_commands[i].cmd == cmd)
			return nr == 1 ? run_list(&list_commands[i], ops) : -EINVAL;
	return -ENOSYS;
}

long do_grant_table_op(u64 cmd_and_state, u64 ops, u64 count)
{
	u32 cmd = (u32)cmd_and_state & 0xfff, nr = (u32)count;

	if ((s32)nr < 0)
		return -EINVAL;
	/* The upper bits carry what Xen remembers of a preempted cache flush; we need none. */
	if ((u32)cmd_and_state != cmd && cmd != GNTTABOP_cache_flush)
		return -EINVAL;
	for (const struct command *c = commands; c < commands + ARRAY_SIZE(commands); c++)
		if (c->cmd == cmd)
			return c->alone && nr != 1 ? -EINVAL : run_array(c, ops, nr);
	return run_other(cmd, ops, nr);
}
