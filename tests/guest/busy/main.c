/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What guests do often, all of it over and over: a page-table entry is changed, an event sent, a grant
 * mapped and unmapped. Says each second how many turns that were, and when; by the word `forever` without
 * end.
 */
#include <minios/event.h>
#include <minios/time.h>
#include "tests/guest/lib/clock.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/event_channel.h"
#include "pvabi/grant_table.h"

const char test_title[] = "page-table updates, events and grants go on together";

#define GRANT_REF 30

static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uintptr_t window;
static evtchn_port_t port;
static domid_t self;

static void set_up_grant(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	static xen_pfn_t frames[64];
	struct grant_entry_v1 *table = (void *)window;

	set_xen_guest_handle(setup.frame_list, frames);
	NEED(!hypercall_grant_table_op(GNTTABOP_setup_table, &setup, 1));
	NEED(setup.status == GNTST_okay);
	NEED(!map_set(table, make_pte(frames[0], PTE_KERNEL)));
	table[GRANT_REF].frame = virt_to_mfn(page);
	table[GRANT_REF].domid = self;
	__atomic_store_n(&table[GRANT_REF].flags, GTF_permit_access, __ATOMIC_SEQ_CST);
	NEED(!map_set(table, 0));
}

static void set_up(void)
{
	struct evtchn_bind_ipi bind = { .vcpu = 0 };

	self = test_own_id();
	window = scratch_address();
	set_up_grant();
	NEED(!hypercall_event_channel_op(EVTCHNOP_bind_ipi, &bind));
	port = bind.port;
	event_mask(port);
}

static void change_entry(void)
{
	NEED(!map_set((void *)window, make_pte(virt_to_mfn(page), PTE_KERNEL)));
	*(volatile char *)window = 1;
	NEED(!map_set((void *)window, 0));
}

static void map_and_unmap(void)
{
	struct gnttab_map_grant_ref map = {
		.host_addr = window, .flags = GNTMAP_host_map, .ref = GRANT_REF, .dom = self,
	};
	struct gnttab_unmap_grant_ref unmap = { .host_addr = window };

	NEED(!hypercall_grant_table_op(GNTTABOP_map_grant_ref, &map, 1));
	NEED(map.status == GNTST_okay);
	unmap.handle = map.handle;
	NEED(!hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1));
	CHECK_EQUAL(unmap.status, GNTST_okay);
}

static unsigned long turns_in_a_second(void)
{
	uint64_t end = clock_read(0) + SEC(1);
	unsigned long turns = 0;

	for (; clock_read(0) < end; turns++) {
		change_entry();
		NEED(!event_notify(port));
		map_and_unmap();
	}
	return turns;
}

void test_main(void)
{
	set_up();
	do {
		unsigned long turns = turns_in_a_second();

		printk("turns %lu until %lu ms\n", turns, (unsigned long)(clock_read(0) / NS_PER_MSEC));
		CHECK(turns > 10);
	} while (test_variant_is("forever"));
}
