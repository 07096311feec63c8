/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants between two domains. The peer, the domain created before this one, lends its pages and does
 * with them what it is told, by a page that it lends for that; this one uses them, and judges.
 */
#include <string.h>
#include <minios/arch/priv.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/grant_table.h"
#include "pvabi/sched.h"

const char test_title[] = "grants between two domains";

/* --- both ------------------------------------------------------------------------------------- */

enum order {
	GRANT_PAGE,		/* entry, flags */
	GRANT_PART,		/* entry, offset, length */
	GRANT_GRANT,		/* entry, entry of ours */
	END_GRANT,		/* entry: its status, if it is in use; else it ends */
	SET_VERSION,		/* version: now */
	CHANGE_VERSION,		/* version: when nobody has a mapping any more */
	SWAP,			/* two entries */
	MAKE_TABLE, MAKE_MEMORY,
	READ_BYTE, WRITE_BYTE,	/* offset, byte */
};

/* The page of orders. One is answered when `given` is 0 again. */
struct orders {
	unsigned int given;
	enum order order;
	unsigned int args[3];
	int answer;
};

#define ORDERS	8		/* the entry of that page: the first that is not reserved */
#define LENT	9		/* entries that the peer is told to fill */

static void *entries;		/* our own table's first page */
static domid_t other;
static unsigned int version = 1;

static void set_up(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	static xen_pfn_t frame[1];
	uintptr_t va = scratch_address();

	set_xen_guest_handle(setup.frame_list, frame);
	NEED(!hypercall_grant_table_op(GNTTABOP_setup_table, &setup, 1));
	NEED(setup.status == GNTST_okay);
	NEED(!map_set((void *)va, make_pte(frame[0], PTE_KERNEL)));
	entries = (void *)va;
}

/* An entry for the other one, of the version in force; its flags last. */
static void set_entry(unsigned int ref, union grant_entry_v2 entry, uint16_t flags)
{
	struct grant_entry_v1 *v1 = (struct grant_entry_v1 *)entries + ref;
	union grant_entry_v2 *v2 = (union grant_entry_v2 *)entries + ref;

	if (version == 1) {
		v1->domid = other;
		v1->frame = entry.full_page.frame;
		__atomic_store_n(&v1->flags, flags, __ATOMIC_SEQ_CST);
		return;
	}
	entry.hdr.flags = 0;
	entry.hdr.domid = other;
	*v2 = entry;
	__atomic_store_n(&v2->hdr.flags, flags, __ATOMIC_SEQ_CST);
}

static void lend(unsigned int ref, void *page, uint16_t flags)
{
	set_entry(ref, (union grant_entry_v2){ .full_page.frame = virt_to_mfn(page) },
		  GTF_permit_access | flags);
}

static long set_version(unsigned int to)
{
	struct gnttab_set_version op = { .version = to };
	long ret = hypercall_grant_table_op(GNTTABOP_set_version, &op, 1);

	if (!ret)
		version = to;
	return ret;
}

/* --- the peer --------------------------------------------------------------------------------- */

static unsigned char *lent;	/* the page */
static volatile grant_status_t *status;

static uint16_t uses(unsigned int ref)
{
	return (version == 1 ? ((volatile struct grant_entry_v1 *)entries)[ref].flags : status[ref]) &
	       (GTF_reading | GTF_writing);
}

static void map_status(void)
{
	static uint64_t frame[1];
	struct gnttab_get_status_frames op = { .dom = DOMID_SELF, .nr_frames = 1 };
	uintptr_t va = scratch_address();

	set_xen_guest_handle(op.frame_list, frame);
	NEED(!hypercall_grant_table_op(GNTTABOP_get_status_frames, &op, 1) && !op.status);
	NEED(!map_set((void *)va, make_pte(frame[0], PTE_KERNEL)));
	status = (void *)va;
}

static long swap(unsigned int a, unsigned int b)
{
	struct gnttab_swap_grant_ref op = { .ref_a = a, .ref_b = b };

	NEED(!hypercall_grant_table_op(GNTTABOP_swap_grant_ref, &op, 1));
	return op.status;
}

static void change_version(struct orders *o)
{
	unsigned int to = o->args[0];

	/* Xen keeps the version while a status frame is mapped. */
	if (status)
		NEED(!pt_set_level((uintptr_t)status, 1, 0));
	priv_tlb_flush();
	while (set_version(to))
		hypercall_sched_op(SCHEDOP_yield, NULL);
	if (to == 2)
		map_status();
	lend(ORDERS, o, 0);
}

static long obey(struct orders *o)
{
	unsigned int *a = o->args;
	union grant_entry_v2 part = { .sub_page = {
		.page_off = (uint16_t)a[1], .length = (uint16_t)a[2], .frame = virt_to_mfn(lent) } };

	switch (o->order) {
	case GRANT_PAGE:
		lend(a[0], lent, (uint16_t)a[1]);
		return 0;
	case GRANT_PART:
		set_entry(a[0], part, GTF_permit_access | GTF_sub_page);
		return 0;
	case GRANT_GRANT:
		set_entry(a[0], (union grant_entry_v2){ .transitive = {
			.trans_domid = other, .gref = a[1] } }, GTF_transitive);
		return 0;
	case END_GRANT:
		if (!uses(a[0]))
			set_entry(a[0], (union grant_entry_v2){ .full_page.frame = 0 }, 0);
		return uses(a[0]);
	case SET_VERSION:
		return set_version(a[0]);
	case SWAP:
		return swap(a[0], a[1]);
	case MAKE_TABLE:
		return page_protect(lent) ?: mmuext_frame(PIN(1), virt_to_mfn(lent));
	case MAKE_MEMORY:
		return mmuext_frame(MMUEXT_UNPIN_TABLE, virt_to_mfn(lent)) ?: page_unprotect(lent);
	case READ_BYTE:
		return lent[a[0]];
	case WRITE_BYTE:
		lent[a[0]] = (unsigned char)a[1];
		return 0;
	default:
		return -1;
	}
}

/* To the end of the domain, which is the tester's. */
static void serve(void)
{
	struct orders *o = page_alloc_zero();

	lent = page_alloc_zero();
	lend(ORDERS, o, 0);
	for (;;) {
		while (!__atomic_load_n(&o->given, __ATOMIC_SEQ_CST))
			hypercall_sched_op(SCHEDOP_yield, NULL);
		/* Or the other one would have it again before the version can change. */
		if (o->order == CHANGE_VERSION)
			set_entry(ORDERS, (union grant_entry_v2){ .full_page.frame = 0 }, 0);
		else
			o->answer = (int)obey(o);
		__atomic_store_n(&o->given, 0, __ATOMIC_SEQ_CST);
		if (o->order == CHANGE_VERSION)
			change_version(o);
	}
}

/* --- this one --------------------------------------------------------------------------------- */

static uintptr_t at, second_at;
static struct orders *orders;
static grant_handle_t orders_handle;

static int map(uintptr_t va, grant_ref_t ref, uint32_t flags, grant_handle_t *handle)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = va, .flags = GNTMAP_host_map | flags, .ref = ref, .dom = other,
	};

	NEED(!hypercall_grant_table_op(GNTTABOP_map_grant_ref, &op, 1));
	*handle = op.handle;
	return op.status;
}

static int unmap(uintptr_t va, grant_handle_t handle)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = va, .handle = handle };

	NEED(!hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1));
	return op.status;
}

/* The peer may not be there yet, or be changing its table's version. */
static void find_orders(void)
{
	unsigned int tries = 1000000;

	while (map((uintptr_t)orders, ORDERS, 0, &orders_handle) != GNTST_okay) {
		NEED(--tries);
		hypercall_sched_op(SCHEDOP_yield, NULL);
	}
}

static long tell(enum order order, unsigned int a, unsigned int b, unsigned int c)
{
	orders->order = order;
	orders->args[0] = a;
	orders->args[1] = b;
	orders->args[2] = c;
	__atomic_store_n(&orders->given, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&orders->given, __ATOMIC_SEQ_CST))
		hypercall_sched_op(SCHEDOP_yield, NULL);
	return orders->answer;
}

static void refused(unsigned int line, int status)
{
	test_answer("line %u: status %d", line, status);
	if (status == GNTST_okay)
		test_failure("line %u: it was granted", line);
}

#define REFUSED(status) refused(__LINE__, status)

static void try_maps(void)
{
	grant_handle_t writable, readable, third;

	tell(GRANT_PAGE, LENT, 0, 0);
	CHECK_EQUAL(map(at, LENT, 0, &writable), GNTST_okay);
	*(volatile unsigned char *)(at + 7) = 42;
	CHECK_EQUAL(tell(READ_BYTE, 7, 0, 0), 42);
	CHECK_EQUAL(map(second_at, LENT, GNTMAP_readonly, &readable), GNTST_okay);
	tell(WRITE_BYTE, 7, 43, 0);
	CHECK_EQUAL(*(volatile unsigned char *)(second_at + 7), 43);
	CHECK_EQUAL(fault_of_write(second_at), FAULT_PF);
	/* In use it cannot be ended, swapped, nor its page be a table, nor the table change. */
	CHECK_EQUAL(tell(END_GRANT, LENT, 0, 0), GTF_reading | GTF_writing);
	test_answer("swapped while in use: %ld", tell(SWAP, LENT, LENT + 1, 0));
	CHECK_EQUAL(tell(SET_VERSION, version == 1 ? 2 : 1, 0, 0), -XEN_EBUSY);
	CHECK(tell(MAKE_TABLE, 0, 0, 0) < 0);
	CHECK_EQUAL(unmap(at, writable), GNTST_okay);
	CHECK_EQUAL(fault_of_read(at), FAULT_PF);
	CHECK_EQUAL(tell(END_GRANT, LENT, 0, 0), GTF_reading);
	/* Nobody writes any more. */
	CHECK_EQUAL(tell(MAKE_TABLE, 0, 0, 0), 0);
	REFUSED(map(at, LENT, 0, &third));
	CHECK_EQUAL(fault_of_read(second_at), NO_FAULT);
	CHECK_EQUAL(unmap(second_at, readable), GNTST_okay);
	CHECK_EQUAL(tell(MAKE_MEMORY, 0, 0, 0), 0);
	CHECK_EQUAL(tell(SWAP, LENT, LENT + 1, 0), GNTST_okay);
	REFUSED(map(at, LENT, 0, &third));
	CHECK_EQUAL(map(at, LENT + 1, 0, &third), GNTST_okay);
	CHECK_EQUAL(unmap(at, third), GNTST_okay);
	CHECK_EQUAL(tell(END_GRANT, LENT + 1, 0, 0), 0);
	REFUSED(map(at, LENT + 1, 0, &third));
	tell(GRANT_PAGE, LENT, GTF_readonly, 0);
	REFUSED(map(at, LENT, 0, &third));
	CHECK_EQUAL(map(at, LENT, GNTMAP_readonly, &third), GNTST_okay);
	CHECK_EQUAL(unmap(at, third), GNTST_okay);
}

/* By the machine address of the entry, and with a page of our own in the mapping's place afterwards. */
static void try_places(void)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = pt_machine(pt_walk(at, 1)), .ref = LENT, .dom = other,
		.flags = GNTMAP_host_map | GNTMAP_contains_pte,
	};
	struct gnttab_unmap_and_replace replace = { .host_addr = at, .new_addr = second_at };
	char *page = page_alloc_zero();
	grant_handle_t handle;

	tell(GRANT_PAGE, LENT, 0, 0);
	NEED(!hypercall_grant_table_op(GNTTABOP_map_grant_ref, &op, 1));
	CHECK_EQUAL(op.status, GNTST_okay);
	CHECK_EQUAL(op.dev_bus_addr >> PAGE_SHIFT, (*pt_walk(at, 1) & PTE_FRAME) >> PAGE_SHIFT);
	CHECK_EQUAL(fault_of_write(at), NO_FAULT);
	REFUSED(unmap(at, op.handle));
	CHECK_EQUAL(unmap(op.host_addr, op.handle), GNTST_okay);
	op.host_addr += 1;
	NEED(!hypercall_grant_table_op(GNTTABOP_map_grant_ref, &op, 1));
	REFUSED(op.status);
	memcpy(page, "ours", 5);
	CHECK_EQUAL(map(at, LENT, 0, &handle), GNTST_okay);
	NEED(!pt_set_level(second_at, 1, make_pte(virt_to_mfn(page), PTE_KERNEL)));
	replace.handle = handle + 1000;
	NEED(!hypercall_grant_table_op(GNTTABOP_unmap_and_replace, &replace, 1));
	REFUSED(replace.status);
	replace.handle = handle;
	NEED(!hypercall_grant_table_op(GNTTABOP_unmap_and_replace, &replace, 1));
	CHECK_EQUAL(replace.status, GNTST_okay);
	CHECK(!strcmp((char *)at, "ours"));
	CHECK_EQUAL(fault_of_read(second_at), FAULT_PF);
	CHECK_EQUAL(tell(END_GRANT, LENT, 0, 0), 0);
	NEED(!pt_set_level(at, 1, 0));
	priv_tlb_flush();
	page_free(page);
}

static int copy(bool from, unsigned int ref, unsigned int offset, void *ours, unsigned int len)
{
	struct gnttab_copy_ptr theirs = { .u.ref = ref, .domid = other, .offset = (uint16_t)offset };
	struct gnttab_copy_ptr mine = {
		.u.gmfn = virt_to_mfn(ours), .domid = DOMID_SELF,
		.offset = (uintptr_t)ours & (PAGE_SIZE - 1),
	};
	struct gnttab_copy op = {
		.source = from ? theirs : mine, .dest = from ? mine : theirs, .len = (uint16_t)len,
		.flags = from ? GNTCOPY_source_gref : GNTCOPY_dest_gref,
	};

	NEED(!hypercall_grant_table_op(GNTTABOP_copy, &op, 1));
	return op.status;
}

static void try_copies(char *page)
{
	struct gnttab_copy op = {
		.source = { .u.ref = LENT, .domid = other }, .dest = { .u.ref = LENT, .domid = other },
		.len = 16, .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
	};

	tell(GRANT_PAGE, LENT, 0, 0);
	memset(page, 'a', 100);
	CHECK_EQUAL(copy(false, LENT, 500, page, 100), GNTST_okay);
	CHECK_EQUAL(tell(READ_BYTE, 599, 0, 0), 'a');
	CHECK(tell(READ_BYTE, 600, 0, 0) != 'a' && tell(READ_BYTE, 499, 0, 0) != 'a');
	tell(WRITE_BYTE, 510, 'b', 0);
	CHECK_EQUAL(copy(true, LENT, 510, page + 1000, 2), GNTST_okay);
	CHECK(page[1000] == 'b' && page[1001] == 'a' && !page[1002]);
	REFUSED(copy(true, LENT, 4000, page, 97));
	REFUSED(copy(true, 100000, 0, page, 1));
	/* Within the peer's page, and what cannot be named by its number. */
	op.source.offset = 500;
	NEED(!hypercall_grant_table_op(GNTTABOP_copy, &op, 1));
	CHECK_EQUAL(op.status, GNTST_okay);
	CHECK_EQUAL(tell(READ_BYTE, 10, 0, 0), 'b');
	op.flags = GNTCOPY_source_gref;
	NEED(!hypercall_grant_table_op(GNTTABOP_copy, &op, 1));
	REFUSED(op.status);
	tell(GRANT_PAGE, LENT, GTF_readonly, 0);
	REFUSED(copy(false, LENT, 0, page, 1));
	CHECK_EQUAL(copy(true, LENT, 0, page, 1), GNTST_okay);
	CHECK_EQUAL(tell(END_GRANT, LENT, 0, 0), 0);
	REFUSED(copy(true, LENT, 0, page, 1));
}

/* Parts of pages, and grants of grants: ours, lent back to us by the peer. */
static void try_parts(char *page)
{
	char *lent_by_us = page_alloc_zero();
	grant_handle_t handle;

	tell(GRANT_PART, LENT, 200, 100);
	CHECK_EQUAL(copy(false, LENT, 200, page, 100), GNTST_okay);
	REFUSED(copy(false, LENT, 199, page, 2));
	REFUSED(copy(true, LENT, 299, page, 2));
	REFUSED(map(at, LENT, 0, &handle));
	lend(LENT, lent_by_us, 0);
	tell(GRANT_GRANT, LENT, LENT, 0);
	memcpy(page, "through two", 12);
	CHECK_EQUAL(copy(false, LENT, 30, page, 12), GNTST_okay);
	CHECK(!strcmp(lent_by_us + 30, "through two"));
	REFUSED(map(at, LENT, 0, &handle));
	lend(LENT, lent_by_us, GTF_readonly);
	REFUSED(copy(false, LENT, 30, page, 12));
	CHECK_EQUAL(copy(true, LENT, 30, page + 50, 12), GNTST_okay);
	set_entry(LENT, (union grant_entry_v2){ .full_page.frame = 0 }, 0);
	REFUSED(copy(true, LENT, 30, page, 12));
	CHECK_EQUAL(tell(END_GRANT, LENT, 0, 0), 0);
	page_free(lent_by_us);
}

static void change_peers_version(unsigned int to)
{
	tell(CHANGE_VERSION, to, 0, 0);
	CHECK_EQUAL(unmap((uintptr_t)orders, orders_handle), GNTST_okay);
	find_orders();
}

void test_main(void)
{
	char *page = page_alloc_zero();

	set_up();
	if (test_variant_is("peer")) {
		other = test_own_id() + 1;
		serve();
	}
	other = test_own_id() - 1;
	orders = (void *)scratch_address();
	at = scratch_address();
	second_at = scratch_address();
	find_orders();
	try_maps();
	try_places();
	try_copies(page);
	change_peers_version(2);
	try_copies(page);
	try_parts(page);
	change_peers_version(1);
	CHECK_EQUAL(unmap((uintptr_t)orders, orders_handle), GNTST_okay);
}
