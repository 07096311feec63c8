/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op in both widths: counts of partial success, continuation, who may, and no frame lost. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/arch/machine.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/hypercall/memory.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "pvabi/compat/memory.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_control.h"

static struct domain *control, *guest;
static bool narrow;

/* Arguments stand at the start of guest memory, lists 4 KiB and 8 KiB into it. */
#define LIST	4096
#define LIST2	8192

static void setup_width(bool is_pv32)
{
	fake_reset();
	narrow = is_pv32;
	control = fake_domain(0, true, is_pv32, ~0u);
	guest = fake_domain(1, false, is_pv32, 1024);
	fake_run(guest);
}

static u64 arg(void)
{
	return (u64)fake_guest;
}

static void put_pfn(unsigned list, unsigned i, u64 value)
{
	if (narrow)
		((u32 *)(fake_guest + list))[i] = (u32)value;
	else
		((u64 *)(fake_guest + list))[i] = value;
}

static u64 pfn_at(unsigned list, unsigned i)
{
	return narrow ? ((u32 *)(fake_guest + list))[i] : ((u64 *)(fake_guest + list))[i];
}

static void fill(void *at, u64 list, u64 nr, unsigned order, unsigned flags, domid_t id)
{
	struct compat_xen_memory_reservation *c = at;
	struct xen_memory_reservation *w = at;

	if (narrow)
		*c = (struct compat_xen_memory_reservation){ { (u32)list }, (u32)nr, order, flags,
							     id };
	else
		*w = (struct xen_memory_reservation){ { (void *)list }, nr, order, flags, id };
}

static long reserve_flags(u32 op, u64 nr, unsigned order, unsigned flags, domid_t id)
{
	fill(fake_guest, arg() + LIST, nr, order, flags, id);
	return do_memory_op(op, arg());
}

static long reserve(u32 op, u64 nr, unsigned order)
{
	return reserve_flags(op, nr, order, 0, DOMID_SELF);
}

static void each_width(void (*test)(void))
{
	setup_width(false);
	test();
	setup_width(true);
	test();
	fake_reset();
}

/* --- populate, increase, decrease ------------------------------------------------------------ */

static void check_populate(void)
{
	for (unsigned i = 0; i < 10; i++)
		put_pfn(LIST, i, 1000 + 4 * i);
	ck_assert_int_eq(reserve(XENMEM_populate_physmap, 10, 2), 10);
	ck_assert_uint_eq(guest->tot_pages, 40);
	for (unsigned i = 0; i < 10; i++) {
		mfn_t mfn = pfn_at(LIST, i);

		ck_assert_uint_eq(mfn & 3, 0);
		for (unsigned j = 0; j < 4; j++) {
			ck_assert_uint_eq(fake_m2p(mfn + j), 1000 + 4 * i + j);
			ck_assert_ptr_eq(mfn_to_frame(mfn + j)->owner, guest);
		}
	}
}

START_TEST(populates)
{
	each_width(check_populate);
}
END_TEST

/* What one domain wrote, the next never sees. */
static void check_scrubbed(void)
{
	guest->serial = 7;
	ck_assert_int_eq(reserve(XENMEM_populate_physmap, 1000, 0), 1000);
	for (unsigned i = 0; i < 1000; i++)
		memset(mfn_to_virt(pfn_at(LIST, i)), 0x5a, PAGE_SIZE);
	ck_assert_int_eq(reserve(XENMEM_decrease_reservation, 1000, 0), 1000);
	ck_assert_uint_eq(guest->tot_pages, 0);
	guest->serial = 8;	/* born under the same id */
	ck_assert_int_eq(reserve(XENMEM_increase_reservation, 1000, 0), 1000);
	for (unsigned i = 0; i < 1000; i++) {
		const u64 *page = mfn_to_virt(pfn_at(LIST, i));

		for (unsigned j = 0; j < 512; j++)
			ck_assert_uint_eq(page[j], 0);
	}
}

START_TEST(frames_are_scrubbed)
{
	each_width(check_scrubbed);
}
END_TEST

static void check_maximum(void)
{
	guest->max_pages = 6;
	ck_assert_int_eq(reserve(XENMEM_populate_physmap, 10, 1), 3);
	ck_assert_uint_eq(guest->tot_pages, 6);
	ck_assert_int_eq(reserve(XENMEM_populate_physmap, 1, 0), 0);
	/* Beyond what a guest may ask for at once. */
	guest->max_pages = 4096;
	ck_assert_int_eq(reserve(XENMEM_populate_physmap, 1, 10), 0);
	ck_assert_int_eq(reserve(XENMEM_populate_physmap, 1, 9), 1);
	ck_assert_int_eq(reserve(XENMEM_decrease_reservation, 1, 10), 0);
}

START_TEST(stops_at_the_maximum)
{
	each_width(check_maximum);
}
END_TEST

static void check_pointers(void)
{
	u64 end = arg() + FAKE_GUEST_SIZE - (narrow ? 4 : 8) * 2;

	ck_assert_int_eq(do_memory_op(XENMEM_populate_physmap, FAKE_BAD_ADDR), 0);
	ck_assert_int_eq(do_memory_op(XENMEM_populate_physmap | 5 << 6, FAKE_BAD_ADDR), 5);
	fill(fake_guest, FAKE_BAD_ADDR, 1, 0, 0, DOMID_SELF);
	ck_assert_int_eq(do_memory_op(XENMEM_populate_physmap, arg()), 0);
	ck_assert_int_eq(do_memory_op(XENMEM_decrease_reservation, arg()), 0);
	/* The list must be the guest's as a whole before anything is done. */
	fill(fake_guest, end, 3, 0, 0, DOMID_SELF);
	ck_assert_int_eq(do_memory_op(XENMEM_populate_physmap, arg()), 0);
	fill(fake_guest, end, 2, 0, 0, DOMID_SELF);
	ck_assert_int_eq(do_memory_op(XENMEM_populate_physmap, arg()), 2);
	/* No list: the guest does not want to know. */
	fill(fake_guest, 0, 3, 0, 0, DOMID_SELF);
	ck_assert_int_eq(do_memory_op(XENMEM_increase_reservation, arg()), 3);
	ck_assert_uint_eq(guest->tot_pages, 5);
	/* More than a continuation can count. */
	fill(fake_guest, 0, narrow ? ~0u : ~0ul, 0, 0, DOMID_SELF);
	ck_assert_int_eq(do_memory_op(XENMEM_increase_reservation, arg()), 0);
}

START_TEST(checks_pointers)
{
	each_width(check_pointers);
}
END_TEST

static void check_continuation(void)
{
	long rc;

	fake_preempt_after(1);
	ck_assert_int_eq(reserve(XENMEM_populate_physmap, 100, 0), FAKE_CONTINUED);
	ck_assert_uint_eq(fake_args[1], arg());
	ck_assert_uint_eq(fake_args[0] & 63, XENMEM_populate_physmap);
	ck_assert_uint_eq(fake_args[0] >> 6, guest->tot_pages);
	ck_assert_uint_lt(guest->tot_pages, 100);
	do {
		fake_preempt_after(0);
		rc = do_memory_op(fake_args[0], fake_args[1]);
	} while (rc == FAKE_CONTINUED);
	ck_assert_int_eq(rc, 100);
	ck_assert_uint_eq(guest->tot_pages, 100);
	ck_assert_int_eq(do_memory_op(XENMEM_populate_physmap | 100 << 6, arg()), 100);
}

START_TEST(continues)
{
	each_width(check_continuation);
}
END_TEST

static void check_who(void)
{
	ck_assert_int_eq(reserve_flags(XENMEM_populate_physmap, 1, 0, 0, 0), 0);
	ck_assert_int_eq(reserve_flags(XENMEM_populate_physmap, 1, 0, 0, 5), 0);
	ck_assert_uint_eq(control->tot_pages, 0);
	fake_run(control);
	ck_assert_int_eq(reserve_flags(XENMEM_populate_physmap, 2, 0, 0, 1), 2);
	ck_assert_uint_eq(guest->tot_pages, 2);
	ck_assert_int_eq(reserve_flags(XENMEM_decrease_reservation, 2, 0, 0, 1), 2);
	ck_assert_int_eq(reserve_flags(XENMEM_decrease_reservation, 2, 0, 0, 1), 0);
}

START_TEST(asks_who_may)
{
	each_width(check_who);
}
END_TEST

/* All memory here lies below 2^23 bytes; the zone below 2^20 holds frames 16 to 255. */
static void check_address_bits(void)
{
	ck_assert_int_eq(reserve_flags(XENMEM_increase_reservation, 4, 0, 23, DOMID_SELF), 4);
	ck_assert_int_eq(reserve_flags(XENMEM_increase_reservation, 1, 0, 12, DOMID_SELF), 0);
	ck_assert_int_eq(reserve_flags(XENMEM_decrease_reservation, 4, 0, 0, DOMID_SELF), 4);
	ck_assert_int_le(reserve_flags(XENMEM_increase_reservation, 1000, 0, 20, DOMID_SELF), 240);
	ck_assert_uint_gt(guest->tot_pages, 100);
	for (u32 mfn = guest->pages; mfn != NO_FRAME; mfn = frame_table[mfn].next)
		ck_assert_uint_lt(mfn, 256);
}

START_TEST(keeps_address_limits)
{
	each_width(check_address_bits);
}
END_TEST

static void check_decrease(void)
{
	mfn_t mfn;

	ck_assert_int_eq(reserve(XENMEM_increase_reservation, 3, 0), 3);
	mfn = pfn_at(LIST, 1);
	/* Somebody still maps the second: it goes with the last reference. */
	ck_assert(get_frame(mfn_to_frame(mfn), guest));
	ck_assert_int_eq(reserve(XENMEM_decrease_reservation, 2, 0), 2);
	ck_assert_uint_eq(guest->tot_pages, 2);
	put_frame(mfn_to_frame(mfn));
	ck_assert_uint_eq(guest->tot_pages, 1);
	/* Not its own: freed before, beyond memory, another's, the hypervisor's. */
	put_pfn(LIST, 0, mfn);
	ck_assert_int_eq(reserve(XENMEM_decrease_reservation, 1, 0), 0);
	put_pfn(LIST, 0, 1ull << 31);
	ck_assert_int_eq(reserve(XENMEM_decrease_reservation, 1, 0), 0);
	put_pfn(LIST, 0, virt_to_mfn(control->shared));
	ck_assert_int_eq(reserve(XENMEM_decrease_reservation, 1, 0), 0);
	put_pfn(LIST, 0, virt_to_mfn(guest->shared));
	ck_assert_int_eq(reserve(XENMEM_decrease_reservation, 1, 0), 0);
	ck_assert_uint_eq(guest->tot_pages, 1);
}

START_TEST(decreases)
{
	each_width(check_decrease);
}
END_TEST

/* --- exchange -------------------------------------------------------------------------------- */

static u64 done_at(void)
{
	struct compat_xen_memory_exchange *c = (void *)fake_guest;
	struct xen_memory_exchange *w = (void *)fake_guest;

	return narrow ? c->nr_exchanged : w->nr_exchanged;
}

static long exchange(u64 in_nr, unsigned in_order, u64 out_nr, unsigned out_order)
{
	struct compat_xen_memory_exchange *c = (void *)fake_guest;
	struct xen_memory_exchange *w = (void *)fake_guest;

	fill(&w->in, arg() + LIST, in_nr, in_order, 0, DOMID_SELF);
	fill(narrow ? (void *)&c->out : (void *)&w->out, arg() + LIST2, out_nr, out_order, 0,
	     DOMID_SELF);
	if (narrow)
		c->nr_exchanged = 0;
	else
		w->nr_exchanged = 0;
	return do_memory_op(XENMEM_exchange, arg());
}

static void check_exchange(void)
{
	guest->max_pages = 16;
	ck_assert_int_eq(reserve(XENMEM_increase_reservation, 16, 0), 16);
	put_pfn(LIST2, 0, 100);
	put_pfn(LIST2, 1, 200);
	/* At its maximum, sixteen single pages for two blocks of eight. */
	ck_assert_int_eq(exchange(16, 0, 2, 3), 0);
	ck_assert_uint_eq(done_at(), 16);
	ck_assert_uint_eq(guest->tot_pages, 16);
	ck_assert_uint_eq(fake_m2p(pfn_at(LIST2, 1) + 7), 207);
	/* And back. */
	put_pfn(LIST, 0, pfn_at(LIST2, 0));
	put_pfn(LIST, 1, pfn_at(LIST2, 1));
	for (unsigned i = 0; i < 16; i++)
		put_pfn(LIST2, i, i);
	ck_assert_int_eq(exchange(2, 3, 16, 0), 0);
	ck_assert_uint_eq(done_at(), 2);
	ck_assert_uint_eq(guest->tot_pages, 16);
	ck_assert_uint_eq(fake_m2p(pfn_at(LIST2, 15)), 15);
}

START_TEST(exchanges)
{
	each_width(check_exchange);
}
END_TEST

static void check_exchange_refusals(void)
{
	mfn_t mfn[8];
	u32 before;

	ck_assert_int_eq(reserve(XENMEM_increase_reservation, 8, 0), 8);
	for (unsigned i = 0; i < 8; i++)
		mfn[i] = pfn_at(LIST, i);
	ck_assert_int_eq(exchange(8, 0, 1, 2), -EINVAL);
	ck_assert_int_eq(exchange(8, 10, 8, 10), -EPERM);
	/* A frame that somebody maps cannot go; those taken before it come back. */
	ck_assert(get_frame(mfn_to_frame(mfn[6]), guest));
	ck_assert_int_eq(exchange(8, 0, 2, 2), -EINVAL);
	ck_assert_uint_eq(done_at(), 4);
	ck_assert_uint_eq(guest->tot_pages, 8);
	put_frame(mfn_to_frame(mfn[6]));
	for (unsigned i = 4; i < 8; i++)
		ck_assert_ptr_eq(mfn_to_frame(mfn[i])->owner, guest);
	/* No memory is left, and what was taken for the exchange is not free: all is as before. */
	guest->max_pages = 4096;
	for (int order = 9; order >= 0; order--)
		while (reserve(XENMEM_increase_reservation, 1, (unsigned)order) == 1)
			;
	ck_assert_uint_eq(free_frame_count(), 0);
	for (unsigned i = 0; i < 4; i++)
		put_pfn(LIST, i, mfn[4 + i]);
	before = guest->tot_pages;
	ck_assert_int_eq(exchange(4, 0, 1, 2), -ENOMEM);
	ck_assert_uint_eq(done_at(), 0);
	ck_assert_uint_eq(guest->tot_pages, before);
	ck_assert_ptr_eq(mfn_to_frame(mfn[7])->owner, guest);
	ck_assert_int_eq(do_memory_op(XENMEM_exchange | 1 << 6, arg()), -EINVAL);
	ck_assert_int_eq(do_memory_op(XENMEM_exchange, FAKE_BAD_ADDR), -EFAULT);
}

START_TEST(exchange_refuses_and_undoes)
{
	each_width(check_exchange_refusals);
}
END_TEST

/* --- what another vCPU does meanwhile --- */

static mfn_t taken;
static void *shared_page;

/* Gives up the first output frame, which becomes a page of its own grant table, and uses its limit up. */
static void share_output(gva_t addr)
{
	static unsigned flushes;

	if (addr || ++flushes % 2)
		return;
	fake_meanwhile = NULL;
	taken = guest->pages;
	ck_assert(free_by_owner(mfn_to_frame(taken)));
	shared_page = alloc_page();
	ck_assert_uint_eq(virt_to_mfn(shared_page), taken);
	share_page(shared_page, guest, true);
	guest->max_pages = guest->tot_pages;
}

static void check_exchange_keeps_off_shared(void)
{
	ck_assert_int_eq(reserve(XENMEM_increase_reservation, 1, 2), 1);
	atomic_store(&cpu_table[1]->in_domain, true);
	fake_meanwhile = share_output;
	ck_assert_int_eq(exchange(1, 2, 4, 0), -ENOMEM);
	atomic_store(&cpu_table[1]->in_domain, false);
	ck_assert_ptr_null(fake_meanwhile);
	ck_assert(atomic_load(&mfn_to_frame(taken)->count) & FC_ALLOCATED);
	unshare_and_free_page(shared_page);
}

START_TEST(exchange_keeps_off_shared)
{
	each_width(check_exchange_keeps_off_shared);
}
END_TEST

static void check_exchange_continues(void)
{
	long rc;

	ck_assert_int_eq(reserve(XENMEM_increase_reservation, 64, 0), 64);
	fake_preempt_after(2);
	rc = exchange(64, 0, 8, 3);
	ck_assert_int_eq(rc, FAKE_CONTINUED);
	ck_assert_uint_eq(done_at(), 24);
	ck_assert_uint_eq(fake_args[0], XENMEM_exchange);
	ck_assert_int_eq(do_memory_op(fake_args[0], fake_args[1]), 0);
	ck_assert_uint_eq(done_at(), 64);
	ck_assert_uint_eq(guest->tot_pages, 64);
}

START_TEST(exchange_continues)
{
	each_width(check_exchange_continues);
}
END_TEST

/* --- questions ------------------------------------------------------------------------------- */

static long ask(u32 op, domid_t id)
{
	memcpy(fake_guest, &id, sizeof(id));
	return do_memory_op(op, arg());
}

static void check_questions(void)
{
	ck_assert_int_eq(reserve(XENMEM_increase_reservation, 7, 0), 7);
	ck_assert_int_eq(ask(XENMEM_current_reservation, DOMID_SELF), 7);
	ck_assert_int_eq(ask(XENMEM_maximum_reservation, 1), 1024);
	ck_assert_int_eq(ask(XENMEM_current_reservation, 0), -EPERM);
	ck_assert_int_eq(ask(XENMEM_current_reservation, 6), -ESRCH);
	ck_assert_int_eq(do_memory_op(XENMEM_current_reservation, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_int_eq(do_memory_op(XENMEM_current_reservation | 64, arg()), -EINVAL);
	ck_assert_int_eq(do_memory_op(XENMEM_maximum_ram_page, 0), 2048);
	ck_assert_int_eq(ask(XENMEM_maximum_gpfn, DOMID_SELF), 0);
	if (narrow)
		((struct compat_shared_info *)guest->shared)->arch.max_pfn = 77;
	else
		guest->shared->arch.max_pfn = 77;
	ck_assert_int_eq(ask(XENMEM_maximum_gpfn, DOMID_SELF), 76);
	ck_assert_int_eq(do_memory_op(63, arg()), -ENOSYS);
	ck_assert_int_eq(do_memory_op(XENMEM_sharing_op, arg()), -ENOSYS);
	fake_run(control);
	ck_assert_int_eq(ask(XENMEM_current_reservation, 1), 7);
}

START_TEST(answers_questions)
{
	each_width(check_questions);
}
END_TEST

static void check_physmap(void)
{
	struct xen_add_to_physmap *op = (void *)fake_guest;

	op->domid = DOMID_SELF;
	op->space = XENMAPSPACE_grant_table;
	ck_assert_int_eq(do_memory_op(XENMEM_add_to_physmap, arg()), -EACCES);
	op->domid = 0;
	ck_assert_int_eq(do_memory_op(XENMEM_add_to_physmap, arg()), -EACCES);
	ck_assert_int_eq(do_memory_op(XENMEM_add_to_physmap | 0xffff << 6, arg()), -EACCES);
	ck_assert_int_eq(do_memory_op(XENMEM_add_to_physmap | 0x10000 << 6, arg()), -EDOM);
	op->domid = 5;
	ck_assert_int_eq(do_memory_op(XENMEM_add_to_physmap, arg()), -ESRCH);
	op->space = XENMAPSPACE_gmfn_foreign;
	ck_assert_int_eq(do_memory_op(XENMEM_add_to_physmap, arg()), -ENOSYS);
}

START_TEST(refuses_physmap)
{
	each_width(check_physmap);
}
END_TEST

/* --- what the hypervisor keeps for a domain --------------------------------------------------- */

static long acquire(domid_t id, u32 res, u32 nr, u64 frame, u64 list)
{
	struct compat_xen_mem_acquire_resource *c = (void *)fake_guest;
	struct xen_mem_acquire_resource *w = (void *)fake_guest;

	if (narrow)
		*c = (struct compat_xen_mem_acquire_resource){
			.domid = id, .type = XENMEM_resource_grant_table, .id = res,
			.nr_frames = nr, .frame = frame, .frame_list = { (u32)list },
		};
	else
		*w = (struct xen_mem_acquire_resource){
			.domid = id, .type = XENMEM_resource_grant_table, .id = res,
			.nr_frames = nr, .frame = frame, .frame_list = { (void *)list },
		};
	return do_memory_op(XENMEM_acquire_resource, arg());
}

static u32 size_told(void)
{
	return ((struct xen_mem_acquire_resource *)fake_guest)->nr_frames;
}

static void check_resources(void)
{
	ck_assert_int_eq(do_memory_op(XENMEM_acquire_resource, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_int_eq(acquire(0, 0, 1, 0, arg() + LIST), -EPERM);
	ck_assert_int_eq(acquire(DOMID_SELF, 0, 1, 0, arg() + LIST), -ESRCH);
	fake_run(control);
	ck_assert_int_eq(acquire(3, 0, 1, 0, arg() + LIST), -ESRCH);
	ck_assert_int_eq(acquire(0, 0, 1, 0, arg() + LIST), -EPERM);
	ck_assert_int_eq(acquire(1, 2, 1, 0, arg() + LIST), -EINVAL);
	/* How many there may be. */
	ck_assert_int_eq(acquire(1, 0, 1, 0, 0), -EINVAL);
	ck_assert_int_eq(acquire(1, 0, 0, 0, 0), 0);
	ck_assert_uint_eq(size_told(), FAKE_GRANT_FRAMES);
	ck_assert_int_eq(acquire(1, 1, 0, 0, 0), 0);
	ck_assert_uint_eq(size_told(), 1);
	/* Some of them. */
	ck_assert_int_eq(acquire(1, 0, 2, 1, arg() + LIST), 0);
	ck_assert_uint_eq(fake_calls.grant_frames, 3);
	ck_assert_uint_eq(pfn_at(LIST, 0), FAKE_GRANT_MFN + 1);
	ck_assert_uint_eq(pfn_at(LIST, 1), FAKE_GRANT_MFN + 2);
	ck_assert_int_eq(acquire(1, 0, 1, 0, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_int_eq(acquire(1, 0, 2, FAKE_GRANT_FRAMES - 1, arg() + LIST), -EINVAL);
	ck_assert_int_eq(acquire(1, 0, ~0u, 1, arg() + LIST), -EINVAL);
	ck_assert_int_eq(acquire(1, 0, 1, 1ull << 32, arg() + LIST), -EINVAL);
	/* Version 1 has no status frames. */
	ck_assert_int_eq(acquire(1, 1, 1, 0, arg() + LIST), -EINVAL);
	ck_assert_uint_eq(atomic_load(&guest->refs), 1);
}

START_TEST(names_resources)
{
	each_width(check_resources);
}
END_TEST

static void check_targets(void)
{
	struct xen_pod_target *op = (void *)fake_guest;

	*op = (struct xen_pod_target){ .target_pages = 5, .domid = 1 };
	ck_assert_int_eq(do_memory_op(XENMEM_set_pod_target, arg()), -EPERM);
	fake_run(control);
	ck_assert_int_eq(do_memory_op(XENMEM_set_pod_target, arg()), 0);
	ck_assert_uint_eq(op->tot_pages, guest->tot_pages);
	op->target_pages = guest->max_pages + 1;
	ck_assert_int_eq(do_memory_op(XENMEM_set_pod_target, arg()), -EINVAL);
	ck_assert_int_eq(do_memory_op(XENMEM_get_pod_target, arg()), 0);
	op->domid = 3;
	ck_assert_int_eq(do_memory_op(XENMEM_get_pod_target, arg()), -ESRCH);
	ck_assert_int_eq(do_memory_op(XENMEM_get_pod_target, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_uint_eq(atomic_load(&guest->refs), 1);
}

START_TEST(meets_any_target)
{
	each_width(check_targets);
}
END_TEST

/* --- maps ------------------------------------------------------------------------------------ */

static long set_map(domid_t id, u32 nr, u64 buffer)
{
	struct compat_xen_foreign_memory_map *c = (void *)fake_guest;
	struct xen_foreign_memory_map *w = (void *)fake_guest;

	if (narrow)
		*c = (struct compat_xen_foreign_memory_map){ id, { nr, { (u32)buffer } } };
	else
		*w = (struct xen_foreign_memory_map){ id, { nr, { (void *)buffer } } };
	return do_memory_op(XENMEM_set_memory_map, arg());
}

static long get_map(u32 op, u32 nr, u64 buffer)
{
	struct compat_xen_memory_map *c = (void *)fake_guest;
	struct xen_memory_map *w = (void *)fake_guest;

	if (narrow)
		*c = (struct compat_xen_memory_map){ nr, { (u32)buffer } };
	else
		*w = (struct xen_memory_map){ nr, { (void *)buffer } };
	return do_memory_op(op, arg());
}

static void check_map(void)
{
	static const struct e820_entry map[2] = { { 0, 0xa0000, 1 }, { MiB(1), MiB(15), 1 } };

	ck_assert_int_eq(get_map(XENMEM_memory_map, 10, arg() + LIST), -ENOSYS);
	memcpy(fake_guest + LIST, map, sizeof(map));
	ck_assert_int_eq(set_map(DOMID_SELF, 129, arg() + LIST), -EINVAL);
	ck_assert_int_eq(set_map(DOMID_SELF, 2, FAKE_BAD_ADDR), -EFAULT);
	ck_assert_int_eq(set_map(0, 2, arg() + LIST), -EPERM);
	ck_assert_int_eq(set_map(3, 2, arg() + LIST), -ESRCH);
	ck_assert_int_eq(set_map(DOMID_SELF, 2, arg() + LIST), 0);
	ck_assert_int_eq(get_map(XENMEM_memory_map, 10, arg() + LIST2), 0);
	ck_assert_uint_eq(*(u32 *)fake_guest, 2);
	ck_assert_mem_eq(fake_guest + LIST2, map, sizeof(map));
	memset(fake_guest + LIST2, 0, 64);
	ck_assert_int_eq(get_map(XENMEM_memory_map, 1, arg() + LIST2), 0);
	ck_assert_uint_eq(*(u32 *)fake_guest, 1);
	ck_assert_uint_eq(fake_guest[LIST2 + 28], 0);
	ck_assert_int_eq(get_map(XENMEM_memory_map, 1, FAKE_BAD_ADDR), -EFAULT);
	/* Replaced, and with the domain gone: the sanitizer would see what is left behind. */
	ck_assert_int_eq(set_map(DOMID_SELF, 1, arg() + LIST), 0);
}

START_TEST(keeps_a_memory_map)
{
	each_width(check_map);
}
END_TEST

static void check_machine_map(void)
{
	struct e820_entry *e = (void *)(fake_guest + LIST);

	machine_map.nr = 2;
	machine_map.region[0] = (struct machine_region){ 0, GiB(1), RAM_USABLE };
	machine_map.region[1] = (struct machine_region){ GiB(4), GiB(1), RAM_USABLE };
	ck_assert_int_eq(get_map(XENMEM_machine_memory_map, 9, arg() + LIST), -EPERM);
	fake_run(control);
	ck_assert_int_eq(get_map(XENMEM_machine_memory_map, 2, arg() + LIST), -EINVAL);
	ck_assert_int_eq(get_map(XENMEM_machine_memory_map, 9, arg() + LIST), 0);
	ck_assert_uint_eq(*(u32 *)fake_guest, 3);
	ck_assert_uint_eq(e[1].start, 0xfee00000);
	ck_assert_uint_eq(e[1].type, RAM_RESERVED);
	ck_assert_uint_eq(e[2].start, GiB(4));
	/* A region that holds the local APIC tells of it already. */
	machine_map.region[1] = (struct machine_region){ 0xfec00000, 0x1400000, RAM_RESERVED };
	ck_assert_int_eq(get_map(XENMEM_machine_memory_map, 9, arg() + LIST), 0);
	ck_assert_uint_eq(*(u32 *)fake_guest, 2);
}

START_TEST(tells_the_machine_map)
{
	each_width(check_machine_map);
}
END_TEST

START_TEST(tells_where_the_m2p_is)
{
	struct compat_xen_machphys_mapping *c;
	struct xen_machphys_mapping *w;
	struct xen_machphys_mfn_list *list;

	setup_width(false);
	w = (void *)fake_guest;
	ck_assert_int_eq(do_memory_op(XENMEM_machphys_mapping, arg()), 0);
	ck_assert_uint_eq(w->v_start, 0xffff800000000000);
	ck_assert_uint_eq(w->v_end, 0xffff804000000000);
	ck_assert_uint_eq(w->max_mfn, (1ull << 35) - 1);
	fake_run(control);
	ck_assert_int_eq(do_memory_op(XENMEM_machphys_mapping, arg()), 0);
	ck_assert_uint_eq(w->max_mfn, 2047);
	list = (void *)fake_guest;
	*list = (struct xen_machphys_mfn_list){ 8, { (void *)(arg() + LIST) }, 99 };
	ck_assert_int_eq(do_memory_op(XENMEM_machphys_mfn_list, arg()), 0);
	ck_assert_uint_eq(list->nr_extents, 1);
	ck_assert_uint_eq(pfn_at(LIST, 0), MiB(64) >> 12);
	ck_assert_int_eq(do_memory_op(XENMEM_machphys_compat_mfn_list, arg()), 0);
	ck_assert_uint_eq(pfn_at(LIST, 0), MiB(66) >> 12);
	setup_width(true);
	c = (void *)fake_guest;
	ck_assert_int_eq(do_memory_op(XENMEM_machphys_mapping, arg()), 0);
	ck_assert_uint_eq(c->v_start, 0xf5800000);
	ck_assert_uint_eq(c->v_end, 0xffe00000);
	ck_assert_uint_eq(c->max_mfn, (0xffe00000 - 0xf5800000) / 4 - 1);
	fake_reset();
}
END_TEST

/* --- claims ---------------------------------------------------------------------------------- */

static long claim(u64 pages, domid_t id)
{
	fill(fake_guest, 0, pages, 0, 0, id);
	return do_memory_op(XENMEM_claim_pages, arg());
}

static void check_claims(void)
{
	struct domain *other = fake_domain(2, false, narrow, 4096);
	u64 free = free_frame_count();

	guest->max_pages = 4096;
	ck_assert_int_eq(claim(100, 1), -EPERM);
	fake_run(control);
	ck_assert_int_eq(claim(100, 5), -EINVAL);
	ck_assert_int_eq(claim(5000, 1), -EINVAL);
	ck_assert_int_eq(claim(free + 1, 1), -ENOMEM);
	ck_assert_int_eq(claim(free - 10, 1), 0);
	ck_assert_int_eq(claim(50, 1), -EINVAL);
	ck_assert_uint_eq(claims_total(), free - 10);
	/* Others get what is not claimed. */
	ck_assert_int_eq(reserve_flags(XENMEM_populate_physmap, 100, 0, 0, 2), 10);
	ck_assert_int_eq(claim(20, 2), -ENOMEM);
	/* The claimer gets its part, and its claim shrinks. */
	ck_assert_int_eq(reserve_flags(XENMEM_populate_physmap, 200, 0, 0, 1), 200);
	ck_assert_uint_eq(claims_total(), free - 210);
	ck_assert_int_eq(claim(0, 1), 0);
	ck_assert_uint_eq(claims_total(), 0);
	ck_assert_int_eq(reserve_flags(XENMEM_populate_physmap, 100, 0, 0, 2), 100);
	/* A claim ends with its domain: each_width() starts with none. */
	ck_assert_int_eq(claim(500, 1), 0);
	ck_assert_uint_eq(other->tot_pages, 110);
	fake_reset();
	ck_assert_uint_eq(claims_total(), 0);
}

START_TEST(claims)
{
	each_width(check_claims);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("memory_op");
	TCase *t = tcase_create("memory_op");

	tcase_add_test(t, populates);
	tcase_add_test(t, frames_are_scrubbed);
	tcase_add_test(t, stops_at_the_maximum);
	tcase_add_test(t, checks_pointers);
	tcase_add_test(t, continues);
	tcase_add_test(t, asks_who_may);
	tcase_add_test(t, keeps_address_limits);
	tcase_add_test(t, decreases);
	tcase_add_test(t, exchanges);
	tcase_add_test(t, exchange_refuses_and_undoes);
	tcase_add_test(t, exchange_continues);
	tcase_add_test(t, exchange_keeps_off_shared);
	tcase_add_test(t, answers_questions);
	tcase_add_test(t, refuses_physmap);
	tcase_add_test(t, names_resources);
	tcase_add_test(t, meets_any_target);
	tcase_add_test(t, keeps_a_memory_map);
	tcase_add_test(t, tells_the_machine_map);
	tcase_add_test(t, tells_where_the_m2p_is);
	tcase_add_test(t, claims);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
