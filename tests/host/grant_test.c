/* SPDX-License-Identifier: GPL-2.0-only */
/* Grants: every call and every refusal, both versions, deaths, a random model, and races. */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/services/grant.h"
#include "hypervisor/services/grant_impl.h"
#include "pvabi/compat/grant_table.h"
#include "tests/host/check_main.h"
#include "tests/host/fake_services.h"

static struct domain *a, *b, *c;	/* control domain (the usual mapper), and two guests */

static struct domain *new_domain(domid_t id, bool pv32)
{
	struct domain *d = fake_domain(id, id == 0, pv32, 1, &grant_hooks);

	ck_assert_ptr_nonnull(d);
	return d;
}

static void set_up(void)
{
	a = new_domain(0, false);
	b = new_domain(1, false);
	c = new_domain(2, false);
	fake_run(a->vcpu[0]);
	memset(fake_guest, 0, FAKE_GUEST_SIZE);
}

static void tear_down(void)
{
	fake_kill(a);
	if (b)
		fake_kill(b);
	fake_kill(c);
	fake_assert_clean();
}

static struct grant_entry_v1 *v1(struct domain *d, u32 ref)
{
	return (struct grant_entry_v1 *)mfn_to_virt(grant_mfn(d, false, ref / 512)) + ref % 512;
}

static union grant_entry_v2 *v2(struct domain *d, u32 ref)
{
	return (union grant_entry_v2 *)mfn_to_virt(grant_mfn(d, false, ref / 256)) + ref % 256;
}

static u16 *status2(struct domain *d, u32 ref)
{
	return (u16 *)mfn_to_virt(grant_mfn(d, true, ref / 2048)) + ref % 2048;
}

/* @d lets @to use a new frame. */
static mfn_t grant(struct domain *d, u32 ref, domid_t to, u16 flags)
{
	mfn_t mfn = fake_give_frame(d);

	*v1(d, ref) = (struct grant_entry_v1){ GTF_permit_access | flags, to, mfn };
	return mfn;
}

static struct gnttab_map_grant_ref map(struct domain *mapper, struct domain *d, u32 ref, u32 flags,
				       u64 addr)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = addr, .flags = flags, .ref = ref, .dom = d->id, .handle = ~0u,
	};

	fake_run(mapper->vcpu[0]);
	grant_map(&op);
	return op;
}

static int unmap(struct domain *mapper, u32 handle, u64 host, u64 dev)
{
	struct gnttab_unmap_grant_ref op = {
		.handle = handle, .host_addr = host, .dev_bus_addr = dev,
	};
	struct grant_unmap_batch batch = { 0 };

	fake_run(mapper->vcpu[0]);
	grant_unmap(&op, &batch);
	grant_unmap_finish(&batch);
	return op.status;
}

static u32 pins(struct domain *d, u32 ref)
{
	struct grant_active *act = grant_active(d->grant, ref);

	return act->readers + act->writers;
}

/* --- map and unmap ------------------------------------------------------------------------------ */

START_TEST(map_and_unmap)
{
	mfn_t mfn = grant(b, 9, 0, 0);
	struct gnttab_map_grant_ref op = map(a, b, 9, GNTMAP_host_map, 0x1000);
	u64 flags;

	ck_assert_int_eq(op.status, GNTST_okay);
	ck_assert_uint_eq(op.handle, 0);
	ck_assert_uint_eq(op.dev_bus_addr, mfn << 12);
	ck_assert_uint_eq(fake_mapped(a, 0x1000, &flags), mfn);
	ck_assert_uint_eq(flags, PTE_RW);
	ck_assert_uint_eq(fake_refs(mfn), 2);
	ck_assert_uint_eq(fake_writers(mfn), 1);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);

	ck_assert_int_eq(unmap(a, op.handle, 0x1000, 0), GNTST_okay);
	ck_assert_uint_eq(fake_mapped(a, 0x1000, NULL), INVALID_MFN);
	ck_assert_uint_eq(fake_refs(mfn), 1);
	ck_assert_uint_eq(fake_writers(mfn), 0);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access);
	ck_assert_uint_eq(fake_flushes(), 1);
	ck_assert_int_eq(unmap(a, op.handle, 0x1000, 0), GNTST_bad_handle);
	ck_assert_uint_eq(fake_flushes(), 0);
}
END_TEST

START_TEST(map_refusals)
{
	mfn_t mfn = grant(b, 9, 0, GTF_readonly);

	ck_assert_int_eq(map(a, b, 9, GNTMAP_readonly, 0x1000).status, GNTST_bad_gntref);
	ck_assert_int_eq(map(a, b, 512, GNTMAP_host_map, 0x1000).status, GNTST_bad_gntref);
	ck_assert_int_eq(map(a, b, ~0u, GNTMAP_host_map, 0x1000).status, GNTST_bad_gntref);
	ck_assert_int_eq(map(a, b, 10, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
	ck_assert_int_eq(map(a, b, 9, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
	ck_assert_int_eq(map(c, b, 9, GNTMAP_host_map | GNTMAP_readonly, 0x1000).status,
			 GNTST_general_error);
	struct gnttab_map_grant_ref op = { .flags = GNTMAP_host_map, .dom = 9 };

	grant_map(&op);
	ck_assert_int_eq(op.status, GNTST_bad_domain);
	op.dom = DOMID_SELF;
	grant_map(&op);
	ck_assert_int_eq(op.status, GNTST_bad_domain);
	v1(b, 9)->flags = GTF_accept_transfer;
	ck_assert_int_eq(map(a, b, 9, GNTMAP_host_map | GNTMAP_readonly, 0x1000).status,
			 GNTST_general_error);
	/* Not the granter's frame; no frame at all. */
	*v1(b, 9) = (struct grant_entry_v1){ GTF_permit_access, 0, fake_give_frame(c) };
	ck_assert_int_eq(map(a, b, 9, GNTMAP_host_map, 0x1000).status, GNTST_bad_page);
	v1(b, 9)->frame = 0xfffffff0;
	ck_assert_int_eq(map(a, b, 9, GNTMAP_host_map, 0x1000).status, GNTST_bad_page);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access);
	/* A page table may be mapped for reading only. */
	v1(b, 9)->frame = mfn;
	fake_set_table(mfn, true);
	ck_assert_int_eq(map(a, b, 9, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
	op = map(a, b, 9, GNTMAP_host_map | GNTMAP_readonly, 0x1000);
	ck_assert_int_eq(op.status, GNTST_okay);
	ck_assert_int_eq(unmap(a, op.handle, 0x1000, 0), GNTST_okay);
	fake_set_table(mfn, false);
	/* The page tables refuse: everything is undone. */
	fake_fail_map();
	op = map(a, b, 9, GNTMAP_host_map | GNTMAP_device_map, 0x1000);
	ck_assert_int_eq(op.status, GNTST_general_error);
	ck_assert_uint_eq(fake_refs(mfn), 1);
	ck_assert_uint_eq(fake_writers(mfn), 0);
	ck_assert_uint_eq(pins(b, 9), 0);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access);
	ck_assert_uint_eq(map(a, b, 9, GNTMAP_host_map, 0x1000).handle, 0);
}
END_TEST

START_TEST(pte_flags)
{
	mfn_t mfn = grant(b, 9, 0, 0);
	u64 flags;

	map(a, b, 9, GNTMAP_host_map | GNTMAP_readonly | GNTMAP_application_map, 0x1000);
	fake_mapped(a, 0x1000, &flags);
	ck_assert_uint_eq(flags, PTE_USER);
	map(a, b, 9, GNTMAP_host_map | GNTMAP_contains_pte | 5u << 16 | 1u << 31, 0x2008);
	ck_assert_uint_eq(fake_mapped(a, 0x2008, &flags), mfn);
	ck_assert_uint_eq(flags, PTE_RW | 5 << 9 | 1ull << 60);
	ck_assert_int_eq(unmap(a, 1, 0x2008, 0), GNTST_okay);
	ck_assert_int_eq(unmap(a, 0, 0x1000, 0), GNTST_okay);
}
END_TEST

START_TEST(readers_and_writers)
{
	mfn_t mfn = grant(b, 9, 0, 0);
	u32 ro = GNTMAP_host_map | GNTMAP_readonly;

	map(a, b, 9, ro, 0x1000);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_reading);
	map(a, b, 9, GNTMAP_host_map, 0x2000);
	map(a, b, 9, ro, 0x3000);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	ck_assert_uint_eq(fake_refs(mfn), 4);
	ck_assert_uint_eq(fake_writers(mfn), 1);
	/* Pinned by a; the guest may not hand it on, nor make it read-only for the next one. */
	v1(b, 9)->domid = 2;
	ck_assert_int_eq(map(c, b, 9, ro, 0x1000).status, GNTST_general_error);
	ck_assert_int_eq(map(a, b, 9, ro, 0x4000).status, GNTST_okay);
	ck_assert_int_eq(unmap(a, 1, 0x2000, 0), GNTST_okay);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_reading);
	v1(b, 9)->flags |= GTF_readonly;
	ck_assert_int_eq(map(a, b, 9, GNTMAP_host_map, 0x5000).status, GNTST_general_error);
	ck_assert_int_eq(unmap(a, 0, 0x1000, 0), GNTST_okay);
	ck_assert_int_eq(unmap(a, 2, 0x3000, 0), GNTST_okay);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_reading | GTF_readonly);
	ck_assert_int_eq(unmap(a, 3, 0x4000, 0), GNTST_okay);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_readonly);
}
END_TEST

START_TEST(both_kinds)
{
	mfn_t mfn = grant(b, 9, 0, 0);
	struct gnttab_map_grant_ref op =
		map(a, b, 9, GNTMAP_host_map | GNTMAP_device_map, 0x1000);

	ck_assert_int_eq(op.status, GNTST_okay);
	ck_assert_uint_eq(fake_refs(mfn), 3);
	ck_assert_uint_eq(fake_writers(mfn), 2);
	ck_assert_uint_eq(pins(b, 9), 2);
	ck_assert_int_eq(unmap(a, op.handle, 0, 0), GNTST_okay);	/* neither: nothing */
	ck_assert_int_eq(unmap(a, op.handle, 0, 0x5000), GNTST_bad_dev_addr);
	ck_assert_int_eq(unmap(a, op.handle, 0x9000, op.dev_bus_addr), GNTST_general_error);
	ck_assert_uint_eq(fake_refs(mfn), 3);
	ck_assert_int_eq(unmap(a, op.handle, 0x1000, 0), GNTST_okay);
	ck_assert_uint_eq(fake_refs(mfn), 2);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	ck_assert_int_eq(unmap(a, op.handle, 0x1000, 0), GNTST_okay);	/* gone already */
	ck_assert_int_eq(unmap(a, op.handle, 0, op.dev_bus_addr), GNTST_okay);
	ck_assert_uint_eq(fake_refs(mfn), 1);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access);
	ck_assert_int_eq(unmap(a, op.handle, 0, op.dev_bus_addr), GNTST_bad_handle);
	ck_assert_int_eq(unmap(a, 5, 0x1000, 0), GNTST_bad_handle);
	ck_assert_int_eq(unmap(a, ~0u, 0x1000, 0), GNTST_bad_handle);
	/* Both halves in one batch. */
	op = map(a, b, 9, GNTMAP_host_map | GNTMAP_device_map, 0x1000);
	struct gnttab_unmap_grant_ref u = { .handle = op.handle, .host_addr = 0x1000 };
	struct grant_unmap_batch batch = { 0 };

	grant_unmap(&u, &batch);
	u = (struct gnttab_unmap_grant_ref){ .handle = op.handle, .dev_bus_addr = op.dev_bus_addr };
	grant_unmap(&u, &batch);
	ck_assert_int_eq(u.status, GNTST_okay);
	grant_unmap(&u, &batch);
	ck_assert_int_eq(u.status, GNTST_bad_handle);
	ck_assert_uint_eq(fake_refs(mfn), 3);		/* not before the flush */
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	grant_unmap_finish(&batch);
	ck_assert_uint_eq(fake_refs(mfn), 1);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access);
}
END_TEST

START_TEST(replace)
{
	mfn_t first = grant(b, 9, 0, 0), second = grant(b, 10, 0, 0);
	struct gnttab_unmap_and_replace op = { .host_addr = 0x1000, .new_addr = 0x2000 };
	struct grant_unmap_batch batch = { 0 };

	map(a, b, 9, GNTMAP_host_map, 0x1000);
	map(a, b, 10, GNTMAP_host_map, 0x2000);
	grant_unmap_and_replace(&op, &batch);
	grant_unmap_finish(&batch);
	ck_assert_int_eq(op.status, GNTST_okay);
	ck_assert_uint_eq(fake_mapped(a, 0x1000, NULL), second);
	ck_assert_uint_eq(fake_mapped(a, 0x2000, NULL), INVALID_MFN);
	ck_assert_uint_eq(fake_refs(first), 1);
	ck_assert_uint_eq(fake_refs(second), 2);
	/* Not for an entry named by its machine address. */
	op.handle = map(a, b, 9, GNTMAP_host_map | GNTMAP_contains_pte, 0x3000).handle;
	op.host_addr = 0x3000;
	grant_unmap_and_replace(&op, &batch);
	ck_assert_int_eq(op.status, GNTST_general_error);
	ck_assert_uint_eq(batch.nr, 0);
}
END_TEST

START_TEST(handles_run_out)
{
	u32 ro = GNTMAP_host_map | GNTMAP_readonly | GNTMAP_device_map;

	ck_assert_int_eq(grant_set_limits(a, 4, 1), 0);
	grant(b, 9, 0, 0);
	for (u32 i = 0; i < 256; i++)
		ck_assert_uint_eq(map(a, b, 9, ro, 0x1000 * (i + 1)).handle, i);
	ck_assert_int_eq(map(a, b, 9, ro, 0x200000).status, GNTST_no_space);
	ck_assert_int_eq(unmap(a, 77, 0x1000 * 78, (u64)v1(b, 9)->frame << 12), GNTST_okay);
	ck_assert_uint_eq(map(a, b, 9, ro, 0x200000).handle, 77);
	/* And when there is no memory for them. */
	grant(a, 9, 2, 0);
	fake_fail_alloc(0);
	ck_assert_int_eq(map(c, a, 9, ro, 0x1000).status, GNTST_no_space);
	ck_assert_int_eq(map(c, a, 9, ro, 0x1000).status, GNTST_okay);
}
END_TEST

/* --- death -------------------------------------------------------------------------------------- */

START_TEST(mapper_dies)
{
	struct domain *m = new_domain(5, false);
	mfn_t mfn = grant(b, 9, 5, 0), other = grant(b, 10, 5, 0);

	map(m, b, 9, GNTMAP_host_map | GNTMAP_device_map, 0x1000);
	map(m, b, 9, GNTMAP_host_map | GNTMAP_readonly, 0x2000);
	map(m, b, 10, GNTMAP_device_map, 0);
	fake_overwrite(m, 0x2000);			/* by an ordinary update */
	ck_assert_uint_eq(fake_refs(mfn), 3);
	fake_run(a->vcpu[0]);
	fake_kill(m);
	ck_assert_uint_eq(fake_refs(mfn), 1);
	ck_assert_uint_eq(fake_writers(mfn), 0);
	ck_assert_uint_eq(fake_refs(other), 1);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access);
	ck_assert_uint_eq(v1(b, 10)->flags, GTF_permit_access);
	ck_assert_uint_eq(pins(b, 9), 0);
}
END_TEST

START_TEST(mapper_dies_preempted)
{
	struct domain *m = new_domain(5, false);

	grant(b, 9, 5, 0);
	for (u32 i = 0; i < 300; i++)
		map(m, b, 9, GNTMAP_device_map, 0);
	ck_assert_uint_eq(pins(b, 9), 300);
	fake_run(a->vcpu[0]);
	atomic_store(&this_cpu()->work, 1);
	fake_kill(m);
	atomic_store(&this_cpu()->work, 0);
	ck_assert_uint_eq(pins(b, 9), 0);
}
END_TEST

START_TEST(granter_dies)
{
	mfn_t mfn = grant(b, 9, 0, 0);
	struct gnttab_map_grant_ref op = map(a, b, 9, GNTMAP_host_map, 0x1000);
	struct domain *again, *dead = b;

	domain_hold(dead);
	fake_kill(b);
	b = NULL;
	ck_assert_uint_eq(fake_refs(mfn), 1);		/* the mapping's */
	ck_assert_int_eq(map(a, dead, 9, GNTMAP_host_map, 0x2000).status, GNTST_bad_domain);
	*(u64 *)mfn_to_virt(mfn) = 1;			/* still there */
	/* A new domain of the same id has nothing to do with the old handle. */
	domain_put(dead);
	dead->id = 77;
	again = new_domain(1, false);
	grant(again, 9, 0, 0);
	ck_assert_int_eq(map(a, again, 9, GNTMAP_host_map, 0x2000).status, GNTST_okay);
	ck_assert_int_eq(unmap(a, op.handle, 0x1000, 0), GNTST_okay);
	ck_assert_uint_eq(pins(again, 9), 1);
	ck_assert_uint_eq(v1(again, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	fake_kill(again);
}
END_TEST

START_TEST(dies_mapping_itself)
{
	struct domain *m = new_domain(5, false);

	grant(m, 9, 5, 0);
	ck_assert_int_eq(map(m, m, 9, GNTMAP_host_map | GNTMAP_device_map, 0x1000).status, 0);
	fake_run(a->vcpu[0]);
	fake_kill(m);
}
END_TEST

START_TEST(no_memory_at_birth)
{
	/* A page for shared_info comes first; then the table, four lists, and its pages. */
	for (int nth = 1; nth < 11; nth++) {
		fake_fail_alloc(nth);
		ck_assert_ptr_null(fake_domain(6, false, false, 1, &grant_hooks));
	}
	fake_fail_alloc(11);
	fake_kill(new_domain(6, false));
	fake_fail_alloc(-1);
	/* What comes after grants fails: destroyed without having been killed. */
	fake_stillborn(new_domain(6, false));
}
END_TEST

/* --- copy --------------------------------------------------------------------------------------- */

static int copy(struct domain *by, struct gnttab_copy op)
{
	fake_run(by->vcpu[0]);
	grant_copy(&op);
	return op.status;
}

static struct gnttab_copy_ptr by_ref(domid_t dom, u32 ref, u16 offset)
{
	return (struct gnttab_copy_ptr){ .u.ref = ref, .domid = dom, .offset = offset };
}

static struct gnttab_copy_ptr by_mfn(mfn_t mfn, u16 offset)
{
	return (struct gnttab_copy_ptr){ .u.gmfn = mfn, .domid = DOMID_SELF, .offset = offset };
}

#define SRC	GNTCOPY_source_gref
#define DST	GNTCOPY_dest_gref
#define COPY(src, dst, n, f)	((struct gnttab_copy){ .source = src, .dest = dst, .len = n, .flags = f })

START_TEST(copies)
{
	mfn_t mine = fake_give_frame(a), from = grant(b, 9, 0, GTF_readonly), to = grant(c, 8, 0, 0);
	u8 *p = mfn_to_virt(mine), *q = mfn_to_virt(from), *r = mfn_to_virt(to);

	memset(q, 0x11, 4096);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 9, 100), by_mfn(mine, 4000), 96, SRC)), 0);
	ck_assert(p[3999] == 0 && p[4000] == 0x11 && p[4095] == 0x11);
	ck_assert_int_eq(copy(a, COPY(by_mfn(mine, 3996), by_ref(2, 8, 0), 8, DST)), 0);
	ck_assert(r[3] == 0 && r[4] == 0x11 && r[7] == 0x11 && r[8] == 0);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 9, 0), by_ref(2, 8, 0), 4096, SRC | DST)), 0);
	ck_assert(!memcmp(q, r, 4096));
	ck_assert_int_eq(copy(a, COPY(by_mfn(mine, 4000), by_mfn(mine, 0), 96, 0)), 0);
	ck_assert(p[0] == 0x11 && p[95] == 0x11);
	/* Nothing stays behind. */
	ck_assert_uint_eq(fake_refs(mine), 1);
	ck_assert_uint_eq(fake_refs(from), 1);
	ck_assert_uint_eq(fake_writers(to), 0);
	ck_assert_uint_eq(v1(c, 8)->flags, GTF_permit_access);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_readonly);
}
END_TEST

START_TEST(copy_refusals)
{
	mfn_t mine = fake_give_frame(a), theirs = grant(b, 9, 0, GTF_readonly);
	struct gnttab_copy_ptr m = by_mfn(mine, 0), g = by_ref(1, 9, 0), bad = by_mfn(theirs, 0);

	bad.domid = 1;
	ck_assert_int_eq(copy(a, COPY(bad, m, 8, 0)), GNTST_permission_denied);
	ck_assert_int_eq(copy(a, COPY(m, bad, 8, 0)), GNTST_permission_denied);
	ck_assert_int_eq(copy(a, COPY(by_ref(9, 9, 0), m, 8, SRC)), GNTST_bad_domain);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 512, 0), m, 8, SRC)), GNTST_bad_gntref);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 10, 0), m, 8, SRC)), GNTST_general_error);
	ck_assert_int_eq(copy(c, COPY(g, m, 8, SRC)), GNTST_general_error);
	ck_assert_int_eq(copy(a, COPY(m, g, 8, DST)), GNTST_general_error);	/* read-only */
	ck_assert_int_eq(copy(a, COPY(by_mfn(theirs, 0), m, 8, 0)), GNTST_bad_page);
	ck_assert_int_eq(copy(a, COPY(by_mfn(1ull << 50, 0), m, 8, 0)), GNTST_bad_page);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 9, 1), m, 4096, SRC)), GNTST_bad_copy_arg);
	ck_assert_int_eq(copy(a, COPY(g, by_mfn(mine, 4090), 8, SRC)), GNTST_bad_copy_arg);
	ck_assert_int_eq(copy(a, COPY(g, by_mfn(mine, 0xffff), 0xffff, SRC)), GNTST_bad_copy_arg);
	fake_set_table(mine, true);
	ck_assert_int_eq(copy(a, COPY(g, m, 8, SRC)), GNTST_general_error);
	fake_set_table(mine, false);
	ck_assert_uint_eq(fake_refs(mine), 1);
	ck_assert_uint_eq(fake_refs(theirs), 1);
	ck_assert_uint_eq(pins(b, 9), 0);
}
END_TEST

/* --- the table ---------------------------------------------------------------------------------- */

START_TEST(table_grows)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct domain *d;

	fake_run(b->vcpu[0]);
	grant_query_size(&q);
	ck_assert(q.status == 0 && q.nr_frames == 1 && q.max_nr_frames == 64);
	ck_assert_int_eq(grant_need_frames(DOMID_SELF, false, 65, &d), GNTST_general_error);
	ck_assert_int_eq(grant_need_frames(9, false, 1, &d), GNTST_bad_domain);
	ck_assert_int_eq(grant_need_frames(0, false, 1, &d), GNTST_permission_denied);
	fake_fail_alloc(7);				/* in the second new frame */
	ck_assert_int_eq(grant_need_frames(DOMID_SELF, false, 4, &d), GNTST_general_error);
	grant_query_size(&q);
	ck_assert_uint_eq(q.nr_frames, 2);
	fake_run(a->vcpu[0]);
	ck_assert_int_eq(grant_need_frames(1, false, 64, &d), GNTST_okay);
	ck_assert_ptr_eq(d, b);
	domain_put(d);
	q.dom = 1;
	grant_query_size(&q);
	ck_assert_uint_eq(q.nr_frames, 64);
	ck_assert_ptr_eq(frame_table[grant_mfn(b, false, 63)].owner, b);
	grant(b, 64 * 512 - 1, 0, 0);
	ck_assert_int_eq(map(a, b, 64 * 512 - 1, GNTMAP_host_map, 0x1000).status, 0);
	ck_assert_int_eq(map(a, b, 64 * 512, GNTMAP_host_map, 0x1000).status, GNTST_bad_gntref);
	q.dom = 9;
	grant_query_size(&q);
	ck_assert_int_eq(q.status, GNTST_bad_domain);
	grant_dump(b);
}
END_TEST

START_TEST(limits)
{
	struct domain *d;

	ck_assert_int_eq(grant_set_limits(b, 0, 1), -EINVAL);
	ck_assert_int_eq(grant_set_limits(b, 100000, 1), -EINVAL);
	ck_assert_int_eq(grant_set_limits(b, 2, 0), 0);
	ck_assert_int_eq(grant_need_frames(1, false, 3, &d), GNTST_general_error);
	ck_assert_int_eq(grant_need_frames(1, false, 2, &d), GNTST_okay);
	domain_put(d);
	grant(a, 9, 1, 0);
	ck_assert_int_eq(map(b, a, 9, GNTMAP_host_map, 0x1000).status, GNTST_no_space);
	ck_assert_int_eq(grant_set_limits(b, 1, 1), -EINVAL);	/* in use already */
	for (int nth = 0; nth < 4; nth++) {
		fake_fail_alloc(nth);
		ck_assert_int_eq(grant_set_limits(b, 3, 1), -ENOMEM);
	}
	ck_assert_int_eq(grant_set_limits(b, 3, 1), 0);
	ck_assert_int_eq(map(b, a, 9, GNTMAP_host_map, 0x1000).status, GNTST_okay);
	ck_assert_int_eq(grant_set_limits(b, ~0u, ~0u), 0);
	ck_assert_int_eq(unmap(b, 0, 0x1000, 0), GNTST_okay);
	fake_run(a->vcpu[0]);
	ck_assert_int_eq(grant_need_frames(1, false, 64, &d), GNTST_okay);
	domain_put(d);
}
END_TEST

START_TEST(swap)
{
	struct gnttab_swap_grant_ref op = { .ref_a = 9, .ref_b = 10 };
	mfn_t x = grant(b, 9, 0, 0), y = grant(b, 10, 2, GTF_readonly);

	fake_run(b->vcpu[0]);
	grant_swap(&op);
	ck_assert_int_eq(op.status, GNTST_okay);
	ck_assert(v1(b, 10)->frame == x && v1(b, 9)->frame == y && v1(b, 9)->domid == 2);
	map(a, b, 10, GNTMAP_host_map, 0x1000);
	fake_run(b->vcpu[0]);
	grant_swap(&op);
	ck_assert_int_eq(op.status, GNTST_eagain);
	op.ref_b = 9;
	grant_swap(&op);
	ck_assert_int_eq(op.status, GNTST_okay);
	op.ref_b = 512;
	grant_swap(&op);
	ck_assert_int_eq(op.status, GNTST_bad_gntref);
}
END_TEST

static int flush(u64 addr, u16 offset, u16 length, u32 what)
{
	struct gnttab_cache_flush op = {
		.a.dev_bus_addr = addr, .offset = offset, .length = length, .op = what,
	};

	return grant_cache_flush(&op);
}

START_TEST(cache_flush)
{
	u64 mine = fake_give_frame(a) << 12, theirs = grant(b, 9, 0, 0) << 12;
	u32 clean = GNTTAB_CACHE_CLEAN, inval = GNTTAB_CACHE_INVAL;

	ck_assert_int_eq(flush(mine, 0, 64, GNTTAB_CACHE_SOURCE_GREF), -EOPNOTSUPP);
	ck_assert_int_eq(flush(mine, 4096, 0, clean), -EINVAL);
	ck_assert_int_eq(flush(mine, 1, 4096, clean), -EINVAL);
	ck_assert_int_eq(flush(mine, 0, 64, 4), -EINVAL);
	ck_assert_int_eq(flush(mine, 0, 0, clean), 0);
	ck_assert_int_eq(flush(1ull << 60, 0, 64, clean), -EINVAL);
	ck_assert_int_eq(flush(0, 0, 64, clean), -EPERM);	/* nobody's */
	ck_assert_int_eq(flush(mine, 0, 64, inval), -EOPNOTSUPP);
	ck_assert_int_eq(flush(mine, 3, 4093, clean), 0);
	ck_assert_int_eq(flush(mine, 0, 64, clean | inval), 0);
	ck_assert_int_eq(flush(theirs, 0, 64, clean), -EINVAL);
	map(a, b, 9, GNTMAP_device_map, 0);
	ck_assert_int_eq(flush(theirs, 0, 64, clean), 0);
	ck_assert_uint_eq(fake_refs(theirs >> 12), 2);
}
END_TEST

/* --- version 2 ---------------------------------------------------------------------------------- */

static int set_version(struct domain *d, u32 version)
{
	struct gnttab_set_version op = { .version = version };
	int rc;

	fake_run(d->vcpu[0]);
	rc = grant_set_version(&op);
	ck_assert_uint_eq(op.version, atomic_load(&d->grant->version));
	return rc;
}

static mfn_t grant2(struct domain *d, u32 ref, domid_t to, u16 flags)
{
	mfn_t mfn = fake_give_frame(d);

	v2(d, ref)->full_page.frame = mfn;
	v2(d, ref)->hdr = (struct grant_entry_header){ GTF_permit_access | flags, to };
	return mfn;
}

START_TEST(versions)
{
	struct gnttab_get_version get = { .dom = 1 };
	struct gnttab_map_grant_ref ring, op;
	mfn_t mfn;

	ck_assert_int_eq(set_version(b, 1), 0);
	ck_assert_int_eq(set_version(b, 0), -EINVAL);
	ck_assert_int_eq(set_version(b, 3), -EINVAL);
	grant_set_max_version(b, 1);
	ck_assert_int_eq(set_version(b, 2), -ENOSYS);
	grant_set_max_version(b, 2);
	fake_fail_alloc(0);
	ck_assert_int_eq(set_version(b, 2), -ENOMEM);
	/* In use: not now. The reserved entries may be in use, and stay so. */
	mfn = grant(b, 1, 0, 0);
	grant(b, 9, 0, 0);
	ring = map(a, b, 1, GNTMAP_host_map, 0x1000);
	op = map(a, b, 9, GNTMAP_host_map, 0x2000);
	ck_assert_int_eq(set_version(b, 2), -EBUSY);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access | GTF_reading | GTF_writing);
	unmap(a, op.handle, 0x2000, 0);
	ck_assert_int_eq(set_version(b, 2), 0);
	ck_assert_uint_eq(v2(b, 1)->full_page.frame, mfn);
	ck_assert_uint_eq(v2(b, 1)->hdr.flags, GTF_permit_access);
	ck_assert_uint_eq(*status2(b, 1), GTF_reading | GTF_writing);
	ck_assert_uint_eq(v2(b, 9)->hdr.flags, 0);
	ck_assert_int_eq(unmap(a, ring.handle, 0x1000, 0), GNTST_okay);
	ck_assert_uint_eq(*status2(b, 1), 0);
	fake_run(a->vcpu[0]);
	ck_assert_int_eq(grant_get_version(&get), 0);
	ck_assert_uint_eq(get.version, 2);
	get.dom = 9;
	ck_assert_int_eq(grant_get_version(&get), -ESRCH);
	get.dom = 0;
	fake_run(b->vcpu[0]);
	ck_assert_int_eq(grant_get_version(&get), -EPERM);
	/* And back, but not with what version 1 cannot say. */
	v2(b, 0)->full_page.frame = 1ull << 32;
	v2(b, 0)->hdr.flags = GTF_permit_access;
	ck_assert_int_eq(set_version(b, 1), -ERANGE);
	v2(b, 0)->full_page.frame = 0;
	v2(b, 0)->hdr.flags = GTF_transitive;
	ck_assert_int_eq(set_version(b, 1), -ERANGE);
	ck_assert_uint_eq(v2(b, 1)->full_page.frame, mfn);
	v2(b, 0)->hdr.flags = GTF_invalid;
	ck_assert_int_eq(set_version(b, 1), 0);
	ck_assert_uint_eq(v1(b, 0)->flags, 0);
	ck_assert(v1(b, 1)->frame == mfn && v1(b, 1)->flags == GTF_permit_access);
	ck_assert_int_eq(map(a, b, 1, GNTMAP_host_map, 0x1000).status, GNTST_okay);
}
END_TEST

START_TEST(v2_map)
{
	struct gnttab_map_grant_ref op;
	struct domain *d;
	mfn_t mfn;

	ck_assert_int_eq(grant_need_frames(1, true, 1, &d), GNTST_general_error);
	ck_assert_int_eq(set_version(b, 2), 0);
	fake_run(a->vcpu[0]);
	ck_assert_int_eq(grant_need_frames(1, true, 1, &d), GNTST_okay);
	domain_put(d);
	ck_assert_int_eq(grant_need_frames(1, true, 2, &d), GNTST_general_error);
	ck_assert_int_eq(grant_need_frames(1, false, 9, &d), GNTST_okay);
	domain_put(d);
	ck_assert_int_eq(grant_need_frames(1, true, 2, &d), GNTST_okay);
	domain_put(d);
	ck_assert_int_eq(grant_need_frames(9, true, 1, &d), GNTST_bad_domain);

	mfn = grant2(b, 2100, 0, 0);
	op = map(a, b, 2100, GNTMAP_host_map, 0x1000);
	ck_assert_int_eq(op.status, GNTST_okay);
	ck_assert_uint_eq(*status2(b, 2100), GTF_reading | GTF_writing);
	ck_assert_uint_eq(v2(b, 2100)->hdr.flags, GTF_permit_access);
	v2(b, 2100)->hdr.flags |= GTF_readonly;
	ck_assert_int_eq(map(a, b, 2100, GNTMAP_host_map | GNTMAP_readonly, 0x2000).status, 0);
	ck_assert_int_eq(unmap(a, op.handle, 0x1000, 0), GNTST_okay);
	ck_assert_uint_eq(*status2(b, 2100), GTF_reading);
	ck_assert_int_eq(map(a, b, 2100, GNTMAP_host_map, 0x1000).status, GNTST_general_error);
	ck_assert_uint_eq(*status2(b, 2100), GTF_reading);
	ck_assert_uint_eq(fake_refs(mfn), 2);

	/* Refused: parts of pages, grants of grants, frames that no machine has. */
	grant2(b, 10, 0, GTF_sub_page);
	ck_assert_int_eq(map(a, b, 10, GNTMAP_host_map, 0x3000).status, GNTST_general_error);
	v2(b, 10)->hdr.flags = GTF_transitive;
	ck_assert_int_eq(map(a, b, 10, GNTMAP_host_map, 0x3000).status, GNTST_general_error);
	v2(b, 10)->hdr.flags = GTF_permit_access;
	v2(b, 10)->full_page.frame |= 1ull << 32;
	ck_assert_int_eq(map(a, b, 10, GNTMAP_host_map, 0x3000).status, GNTST_bad_page);
	ck_assert_uint_eq(*status2(b, 10), 0);
	ck_assert_int_eq(map(a, b, 9 * 256, GNTMAP_host_map, 0x3000).status, GNTST_bad_gntref);
}
END_TEST

START_TEST(v2_sub_page)
{
	mfn_t mine = fake_give_frame(a), part;
	struct gnttab_copy_ptr m = by_mfn(mine, 0);

	ck_assert_int_eq(set_version(b, 2), 0);
	part = grant2(b, 9, 0, GTF_sub_page);
	v2(b, 9)->sub_page.page_off = 100;
	v2(b, 9)->sub_page.length = 50;
	memset(mfn_to_virt(part), 7, 4096);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 9, 100), m, 50, SRC)), GNTST_okay);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 9, 99), m, 50, SRC)), GNTST_general_error);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 9, 100), m, 51, SRC)), GNTST_general_error);
	ck_assert_int_eq(copy(a, COPY(m, by_ref(1, 9, 149), 1, DST)), GNTST_okay);
	ck_assert_int_eq(copy(a, COPY(m, by_ref(1, 9, 150), 1, DST)), GNTST_general_error);
	v2(b, 9)->sub_page.page_off = 4000;
	v2(b, 9)->sub_page.length = 0xffff;
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 9, 4000), m, 97, SRC)), GNTST_bad_copy_arg);
	ck_assert_int_eq(copy(a, COPY(by_ref(1, 9, 4000), m, 96, SRC)), GNTST_okay);
	ck_assert_uint_eq(*status2(b, 9), 0);
}
END_TEST

START_TEST(v2_transitive)
{
	mfn_t mine = fake_give_frame(a), deep = grant(c, 20, 1, GTF_readonly);
	struct gnttab_copy_ptr m = by_mfn(mine, 0), g = by_ref(1, 9, 0);
	union grant_entry_v2 *e;

	ck_assert_int_eq(set_version(b, 2), 0);
	e = v2(b, 9);
	e->transitive.trans_domid = 2;
	e->transitive.gref = 20;
	e->hdr = (struct grant_entry_header){ GTF_transitive, 0 };
	memset(mfn_to_virt(deep), 5, 4096);
	ck_assert_int_eq(copy(a, COPY(g, m, 4096, SRC)), GNTST_okay);
	ck_assert_uint_eq(((u8 *)mfn_to_virt(mine))[4095], 5);
	ck_assert_int_eq(copy(a, COPY(m, g, 8, DST)), GNTST_general_error);	/* read-only there */
	e->transitive.gref = 21;
	ck_assert_int_eq(copy(a, COPY(g, m, 8, SRC)), GNTST_general_error);
	e->transitive.gref = 512;
	ck_assert_int_eq(copy(a, COPY(g, m, 8, SRC)), GNTST_bad_gntref);
	e->transitive.trans_domid = 9;
	ck_assert_int_eq(copy(a, COPY(g, m, 8, SRC)), GNTST_general_error);
	e->transitive.trans_domid = 1;
	ck_assert_int_eq(copy(a, COPY(g, m, 8, SRC)), GNTST_general_error);
	/* One step only. */
	ck_assert_int_eq(set_version(c, 2), 0);
	*v2(c, 20) = (union grant_entry_v2){ 0 };
	v2(c, 20)->transitive.trans_domid = 0;
	v2(c, 20)->hdr = (struct grant_entry_header){ GTF_transitive, 1 };
	e->transitive.trans_domid = 2;
	e->transitive.gref = 20;
	ck_assert_int_eq(copy(a, COPY(g, m, 8, SRC)), GNTST_general_error);
	ck_assert_uint_eq(*status2(b, 9), 0);
	ck_assert_uint_eq(*status2(c, 20), 0);
	ck_assert_uint_eq(fake_refs(deep), 1);
	ck_assert_uint_eq(pins(b, 9) + pins(c, 20), 0);
}
END_TEST

START_TEST(v2_swap)
{
	struct gnttab_swap_grant_ref op = { .ref_a = 9, .ref_b = 10 };
	mfn_t x;

	ck_assert_int_eq(set_version(b, 2), 0);
	x = grant2(b, 9, 0, 0);
	*status2(b, 9) = 8;
	grant_swap(&op);
	ck_assert_int_eq(op.status, GNTST_okay);
	ck_assert(v2(b, 10)->full_page.frame == x && *status2(b, 10) == 8 && !*status2(b, 9));
	op.ref_b = 256;
	grant_swap(&op);
	ck_assert_int_eq(op.status, GNTST_bad_gntref);
	*status2(b, 10) = 0;
}
END_TEST

/* --- the hypercall ------------------------------------------------------------------------------ */

START_TEST(decode_arrays)
{
	struct gnttab_map_grant_ref *m = (void *)fake_guest;
	struct gnttab_unmap_grant_ref *u = (void *)fake_guest;
	u64 arg = (uintptr_t)fake_guest;

	grant(b, 9, 0, 0);
	for (u32 i = 0; i < 100; i++)
		m[i] = (struct gnttab_map_grant_ref){
			.host_addr = 0x1000 * (i + 1), .flags = GNTMAP_host_map, .ref = 9, .dom = 1,
			.handle = ~0u, .status = 1,
		};
	m[50].dom = 9;
	/* Preempted between batches, the rest of the array is left for the next call. */
	atomic_store(&this_cpu()->work, 1);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_map_grant_ref, arg, 100), -ERESTART);
	atomic_store(&this_cpu()->work, 0);
	ck_assert_uint_eq(fake_continued_nr, 3);
	ck_assert_uint_eq(fake_continued[0], GNTTABOP_map_grant_ref);
	ck_assert_uint_eq(fake_continued[1], arg + 32 * sizeof(*m));
	ck_assert_uint_eq(fake_continued[2], 68);
	ck_assert(m[31].status == 0 && m[32].status == 1);
	ck_assert_int_eq(do_grant_table_op(fake_continued[0], fake_continued[1], 68), 0);
	ck_assert(m[99].handle == 98 && m[50].status == GNTST_bad_domain);

	for (u32 i = 0; i < 99; i++)
		u[i] = (struct gnttab_unmap_grant_ref){
			.host_addr = 0x1000 * (i + 1 + (i >= 50)), .handle = i, .status = 1,
		};
	fake_flushes();
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_unmap_grant_ref, arg, 99), 0);
	ck_assert(u[0].status == 0 && u[98].status == 0);
	ck_assert_uint_eq(fake_flushes(), 4);
	ck_assert_uint_eq(pins(b, 9), 0);

	/* The array ends in nowhere: what was done is finished. */
	*m = (struct gnttab_map_grant_ref){
		.host_addr = 0x1000, .flags = GNTMAP_host_map, .ref = 9, .dom = 1,
	};
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_map_grant_ref, arg, 1), 0);
	*u = (struct gnttab_unmap_grant_ref){ .host_addr = 0x1000, .handle = m->handle };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_unmap_grant_ref, arg, 0x7fffffff), -EFAULT);
	ck_assert_uint_eq(pins(b, 9), 1);
	fake_guest_mapped = arg + sizeof(*u);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_unmap_grant_ref, arg, 2), -EFAULT);
	ck_assert_uint_eq(pins(b, 9), 0);
	/* A list of frames that ends in nowhere. */
	struct gnttab_setup_table *s = (void *)fake_guest;

	fake_guest_mapped = arg + 256 + 16;
	*s = (struct gnttab_setup_table){ .dom = DOMID_SELF, .nr_frames = 3,
					  .frame_list.p = (void *)(arg + 256) };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_setup_table, arg, 1), 0);
	ck_assert_int_eq(s->status, GNTST_bad_virt_addr);
	fake_guest_mapped = ~0ull;
}
END_TEST

START_TEST(decode_rest)
{
	u64 arg = (uintptr_t)fake_guest;
	struct gnttab_query_size *q = (void *)fake_guest;
	struct gnttab_set_version *sv = (void *)fake_guest;
	struct gnttab_swap_grant_ref *sw = (void *)fake_guest;
	struct gnttab_unmap_and_replace *r = (void *)fake_guest;
	struct gnttab_cache_flush *cf = (void *)fake_guest;
	struct gnttab_get_version *gv = (void *)fake_guest;

	ck_assert_int_eq(do_grant_table_op(GNTTABOP_dump_table, arg, 1), -ENOSYS);
	ck_assert_int_eq(do_grant_table_op(13, arg, 1), -ENOSYS);
	ck_assert_int_eq(do_grant_table_op(1 << 12, arg, 1), -EINVAL);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_copy, arg, 0x80000000), -EINVAL);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_copy, arg, 0), 0);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_query_size, arg, 2), -EINVAL);
	*q = (struct gnttab_query_size){ .dom = DOMID_SELF };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_query_size, arg, 1), 0);
	ck_assert(q->nr_frames == 1 && q->max_nr_frames == 64);
	sv->version = 7;
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_set_version, arg, 1), -EINVAL);
	ck_assert_uint_eq(sv->version, 1);
	*gv = (struct gnttab_get_version){ .dom = 1, .version = 9 };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_get_version, arg, 1), 0);
	ck_assert_uint_eq(gv->version, 1);
	*sw = (struct gnttab_swap_grant_ref){ .ref_a = 1, .ref_b = 9999 };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_swap_grant_ref, arg, 1), 0);
	ck_assert_int_eq(sw->status, GNTST_bad_gntref);
	*r = (struct gnttab_unmap_and_replace){ .handle = 3 };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_unmap_and_replace, arg, 1), 0);
	ck_assert_int_eq(r->status, GNTST_bad_handle);
	*cf = (struct gnttab_cache_flush){ .op = 4 };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_cache_flush, arg, 1), -EINVAL);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_transfer, arg, 1), -EOPNOTSUPP);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_transfer, arg, 0), -EOPNOTSUPP);
}
END_TEST

START_TEST(decode_lists)
{
	u64 arg = (uintptr_t)fake_guest, *frames = (u64 *)(fake_guest + 256);
	struct gnttab_setup_table *s = (void *)fake_guest;
	struct gnttab_get_status_frames *g = (void *)fake_guest;

	*s = (struct gnttab_setup_table){ .dom = 1, .nr_frames = 3, .frame_list.p = (void *)frames };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_setup_table, arg, 2), -EINVAL);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_setup_table, 8, 1), -EFAULT);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_setup_table, arg, 1), 0);
	ck_assert_int_eq(s->status, GNTST_okay);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(frames[i], grant_mfn(b, false, i));
	ck_assert_uint_eq(frames[3], 0);
	s->nr_frames = 65;
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_setup_table, arg, 1), 0);
	ck_assert_int_eq(s->status, GNTST_general_error);
	s->nr_frames = 1 << 30;
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_setup_table, arg, 1), -EFAULT);
	ck_assert_int_eq(set_version(a, 2), 0);
	*g = (struct gnttab_get_status_frames){ .nr_frames = 1, .dom = DOMID_SELF,
						.frame_list.p = frames };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_get_status_frames, arg, 1), 0);
	ck_assert_int_eq(g->status, GNTST_okay);
	ck_assert_uint_eq(frames[0], grant_mfn(a, true, 0));
}
END_TEST

START_TEST(decode_narrow)
{
	struct domain *n = new_domain(7, true);
	u64 arg = (uintptr_t)fake_guest;
	u32 *frames = (u32 *)(fake_guest + 256);
	struct compat_gnttab_setup_table *s = (void *)fake_guest;
	struct compat_gnttab_get_status_frames *g = (void *)fake_guest;
	struct compat_gnttab_copy *cp = (void *)fake_guest;
	mfn_t mine = fake_give_frame(n), from = grant(b, 9, 7, 0);

	fake_run(n->vcpu[0]);
	*s = (struct compat_gnttab_setup_table){ .dom = DOMID_SELF, .nr_frames = 2,
						 .frame_list.c = (u32)(uintptr_t)frames };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_setup_table, arg, 1), 0);
	ck_assert_int_eq(s->status, GNTST_okay);
	ck_assert(frames[0] == grant_mfn(n, false, 0) && frames[1] == grant_mfn(n, false, 1));
	*g = (struct compat_gnttab_get_status_frames){ .nr_frames = 1, .dom = DOMID_SELF,
						       .frame_list.c = (u32)(uintptr_t)frames };
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_get_status_frames, arg, 1), 0);
	ck_assert_int_eq(g->status, GNTST_general_error);

	memset(mfn_to_virt(from), 3, 4096);
	memset(fake_guest, 0, 2 * sizeof(*cp));
	for (int i = 0; i < 2; i++) {
		cp[i].source.u.ref = 9;
		cp[i].source.domid = 1;
		cp[i].source.offset = 10;
		cp[i].dest.u.gmfn = mine;
		cp[i].dest.domid = DOMID_SELF;
		cp[i].dest.offset = i * 4090;
		cp[i].len = 16;
		cp[i].flags = GNTCOPY_source_gref;
		cp[i].status = 1;
	}
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_copy, arg, 2), 0);
	ck_assert(cp[0].status == GNTST_okay && cp[1].status == GNTST_bad_copy_arg);
	ck_assert_uint_eq(((u8 *)mfn_to_virt(mine))[15], 3);
	ck_assert_uint_eq(((u8 *)mfn_to_virt(mine))[16], 0);
	ck_assert_int_eq(do_grant_table_op(GNTTABOP_transfer, arg, 1), -EOPNOTSUPP);
	fake_run(a->vcpu[0]);
	fake_kill(n);
}
END_TEST

/* --- a model under random calls ----------------------------------------------------------------- */

#define M_DOMS	3
#define M_REFS	6		/* from 8 on */
#define M_MAPS	64

static struct m_map {
	bool live, readonly;
	u32 mapper, granter, ref, handle, host, device;	/* host, device: 0 or 1 */
	u64 addr;
	mfn_t mfn;
} maps[M_MAPS];

static struct m_grant {
	mfn_t mfn;
	domid_t to;
	bool readonly, open;
} grants[M_DOMS][M_REFS];

static mfn_t m_frames[M_DOMS][M_REFS];

static u32 m_pins(u32 d, u32 ref, bool writers_only)
{
	u32 n = 0;

	for (int i = 0; i < M_MAPS; i++)
		if (maps[i].live && maps[i].granter == d && maps[i].ref == ref &&
		    !(writers_only && maps[i].readonly))
			n += maps[i].host + maps[i].device;
	return n;
}

static void m_check(struct domain **ds)
{
	for (u32 d = 0; d < M_DOMS; d++) {
		for (u32 r = 0; r < M_REFS; r++) {
			u16 flags = v1(ds[d], r + 8)->flags;
			u32 users = 0, writers = 0;

			ck_assert_uint_eq(pins(ds[d], r + 8), m_pins(d, r, false));
			ck_assert_uint_eq(!!(flags & GTF_reading), !!m_pins(d, r, false));
			ck_assert_uint_eq(!!(flags & GTF_writing), !!m_pins(d, r, true));
			for (int i = 0; i < M_MAPS; i++) {
				if (!maps[i].live || maps[i].mfn != m_frames[d][r])
					continue;
				users += maps[i].host + maps[i].device;
				writers += maps[i].readonly ? 0 : maps[i].host + maps[i].device;
			}
			ck_assert_uint_eq(fake_refs(m_frames[d][r]), 1 + users);
			ck_assert_uint_eq(fake_writers(m_frames[d][r]), writers);
		}
	}
}

/* The guest opens a grant, or ends it if nobody uses it. */
static void m_change(struct domain **ds, u32 d, u32 r)
{
	struct m_grant *g = &grants[d][r];
	struct grant_entry_v1 *e = v1(ds[d], r + 8);

	if (e->flags & (GTF_reading | GTF_writing))
		return;
	e->flags = 0;
	g->open = rand() % 4;
	if (!g->open)
		return;
	g->to = rand() % M_DOMS;
	g->readonly = rand() % 3 == 0;
	g->mfn = m_frames[d][rand() % M_REFS];
	*e = (struct grant_entry_v1){ GTF_permit_access | (g->readonly ? GTF_readonly : 0), g->to,
				      g->mfn };
}

static void m_map(struct domain **ds, u32 mapper, u32 d, u32 r)
{
	struct m_grant *g = &grants[d][r];
	struct gnttab_map_grant_ref op;
	bool readonly = rand() % 2;
	u32 kinds = 1 + rand() % 3, flags = (readonly ? GNTMAP_readonly : 0), i = 0;
	bool expect = g->open && g->to == mapper && (readonly || !g->readonly);

	while (i < M_MAPS && maps[i].live)
		i++;
	if (i == M_MAPS)
		return;
	flags |= (kinds & 1 ? GNTMAP_host_map : 0) | (kinds & 2 ? GNTMAP_device_map : 0);
	op = map(ds[mapper], ds[d], r + 8, flags, 0x1000 * (i + 1));
	ck_assert_int_eq(op.status, expect ? GNTST_okay : GNTST_general_error);
	if (expect)
		maps[i] = (struct m_map){
			.live = true, .readonly = readonly, .mapper = mapper, .granter = d,
			.ref = r, .handle = op.handle, .host = kinds & 1, .device = kinds >> 1,
			.addr = 0x1000 * (i + 1), .mfn = g->mfn,
		};
}

static void m_unmap(struct domain **ds, struct m_map *m, u32 kinds)
{
	u64 host = kinds & 1 ? m->addr : 0, device = kinds & 2 ? m->mfn << 12 : 0;

	ck_assert_int_eq(unmap(ds[m->mapper], m->handle, host, device), GNTST_okay);
	if (kinds & 1)
		m->host = 0;
	if (kinds & 2)
		m->device = 0;
	m->live = m->host || m->device;
}

/* A domain that maps others' frames, but is itself not mapped, dies and is born again. */
static void m_rebirth(struct domain **ds, u32 d)
{
	for (int i = 0; i < M_MAPS; i++)
		if (maps[i].live && maps[i].granter == d && maps[i].mapper != d)
			m_unmap(ds, &maps[i], 3);
	for (int i = 0; i < M_MAPS; i++)
		if (maps[i].mapper == d)
			maps[i].live = false;
	fake_run(ds[(d + 1) % M_DOMS]->vcpu[0]);
	fake_kill(ds[d]);
	ds[d] = new_domain(d, false);
	memset(grants[d], 0, sizeof(grants[d]));
	for (u32 r = 0; r < M_REFS; r++)
		m_frames[d][r] = fake_give_frame(ds[d]);
}

START_TEST(random_model)
{
	struct domain *ds[M_DOMS] = { a, b, c };

	srand(20);
	memset(maps, 0, sizeof(maps));
	memset(grants, 0, sizeof(grants));
	for (u32 d = 0; d < M_DOMS; d++)
		for (u32 r = 0; r < M_REFS; r++)
			m_frames[d][r] = fake_give_frame(ds[d]);
	for (int i = 0; i < 60000; i++) {
		u32 what = rand() % 8, d = rand() % M_DOMS, r = rand() % M_REFS;
		struct m_map *m = &maps[rand() % M_MAPS];

		if (what < 2)
			m_change(ds, d, r);
		else if (what < 5)
			m_map(ds, rand() % M_DOMS, d, r);
		else if (m->live)
			m_unmap(ds, m, 1 + rand() % 3);
		if (i % 997 == 0)
			m_rebirth(ds, d);
		if (i % 20 == 0)
			m_check(ds);
	}
	a = ds[0];
	b = ds[1];
	c = ds[2];
}
END_TEST

/* --- races -------------------------------------------------------------------------------------- */

#define ROUNDS	20000

static _Atomic u32 finished;

/* Device mappings only: they leave the page tables, which the fake does not lock, alone. */
static void *race_mapper(void *arg)
{
	u32 flags = GNTMAP_device_map | (arg == a ? GNTMAP_readonly : 0);

	for (int i = 0; i < ROUNDS; i++) {
		struct gnttab_map_grant_ref op = map(arg, b, 9 + i % 2, flags, 0);

		if (op.status == GNTST_okay)
			ck_assert_int_eq(unmap(arg, op.handle, 0, op.dev_bus_addr), GNTST_okay);
	}
	atomic_fetch_add(&finished, 1);
	return NULL;
}

/* The granter ends and renews its grants by the protocol, and changes the version meanwhile. */
static void race_granter(mfn_t mfn, bool versions)
{
	struct gnttab_set_version op;

	fake_run(b->vcpu[0]);
	for (u32 i = 0; atomic_load(&finished) < 2; i++) {
		_Atomic u32 *word = (_Atomic u32 *)v1(b, 9 + i % 2);
		u32 old = atomic_load(word);

		if (versions && i % 4 == 0) {
			op.version = 2;
			if (!grant_set_version(&op)) {
				op.version = 1;
				ck_assert_int_eq(grant_set_version(&op), 0);
			}
		}
		if ((old & (GTF_reading | GTF_writing)))
			continue;
		if (atomic_compare_exchange_strong(word, &old, 0)) {
			/* Ended for certain: nobody can hold it now. */
			ck_assert_uint_eq(old & (GTF_reading | GTF_writing), 0);
			v1(b, 9 + i % 2)->frame = mfn;
			atomic_store(word, GTF_permit_access | (i / 2 % 2 ? 2u << 16 : 0));
		}
	}
}

static void race(bool versions)
{
	struct domain *mappers[] = { a, c };
	mfn_t mfn = grant(b, 9, 0, 0);
	pthread_t t[2];

	*v1(b, 10) = (struct grant_entry_v1){ GTF_permit_access, 2, mfn };
	atomic_store(&finished, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, race_mapper, mappers[i]);
	race_granter(mfn, versions);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	ck_assert_uint_eq(fake_refs(mfn), 1);
	ck_assert_uint_eq(fake_writers(mfn), 0);
	ck_assert_uint_eq(pins(b, 9) + pins(b, 10), 0);
	ck_assert_uint_eq((v1(b, 9)->flags | v1(b, 10)->flags) & (GTF_reading | GTF_writing), 0);
	fake_run(a->vcpu[0]);
}

START_TEST(map_race)
{
	race(false);
}
END_TEST

START_TEST(version_race)
{
	race(true);
}
END_TEST

/* A guest that opens and ends a grant without a pause: each time, its use ends. */
static bool use_ends(u32 ref)
{
	for (int i = 0; i < 1000000; i++) {
		if (!atomic_load((_Atomic u16 *)status2(b, ref)))
			return true;
		sched_yield();
	}
	return false;
}

START_TEST(v2_claim_race)
{
	pthread_t t;
	mfn_t mfn;

	ck_assert_int_eq(set_version(b, 2), 0);
	mfn = grant2(b, 9, 2, 0);
	atomic_store(&finished, 0);
	pthread_create(&t, NULL, race_mapper, c);
	while (!atomic_load(&finished)) {
		atomic_store((_Atomic u16 *)&v2(b, 9)->hdr.flags, 0);
		ck_assert(use_ends(9));
		atomic_store((_Atomic u16 *)&v2(b, 9)->hdr.flags, GTF_permit_access);
	}
	pthread_join(t, NULL);
	ck_assert_uint_eq(*status2(b, 9), 0);
	ck_assert_uint_eq(pins(b, 9), 0);
	ck_assert_uint_eq(fake_refs(mfn), 1);
	fake_run(a->vcpu[0]);
}
END_TEST

static void wait_for_spinner(void)
{
	unsigned before = atomic_load(&fake_spins);

	while (atomic_load(&fake_spins) == before)
		sched_yield();
}

static void *map_once(void *arg)
{
	*(s16 *)arg = map(a, b, 9, GNTMAP_device_map, 0).status;
	atomic_fetch_add(&finished, 1);
	return NULL;
}

static void *to_version_2(void *arg)
{
	*(s16 *)arg = set_version(b, 2);
	atomic_fetch_add(&finished, 1);
	return NULL;
}

/* A change of version waits for whoever holds an entry, and whoever waited for one starts anew. */
START_TEST(version_waits_for_users)
{
	struct grant_active *act = grant_active(b->grant, 9);
	pthread_t t;
	s16 result = 1;

	grant(b, 9, 0, 0);
	atomic_store(&finished, 0);
	byte_lock(&act->lock);
	pthread_create(&t, NULL, to_version_2, &result);
	wait_for_spinner();
	wait_for_spinner();
	ck_assert_uint_eq(atomic_load(&b->grant->version), GRANT_CHANGING);
	ck_assert_uint_eq(v1(b, 9)->flags, GTF_permit_access);	/* not yet cleared */
	byte_unlock(&act->lock);
	pthread_join(t, NULL);
	ck_assert_int_eq(result, 0);
	ck_assert_int_eq(set_version(b, 1), 0);

	byte_lock(&act->lock);
	pthread_create(&t, NULL, map_once, &result);
	wait_for_spinner();			/* it has seen version 1 */
	atomic_store(&b->grant->version, GRANT_CHANGING);
	byte_unlock(&act->lock);
	wait_for_spinner();
	wait_for_spinner();
	ck_assert_uint_eq(atomic_load(&finished), 1);
	atomic_store(&b->grant->version, GRANT_DEAD);
	pthread_join(t, NULL);
	ck_assert_int_eq(result, GNTST_bad_domain);
	atomic_store(&b->grant->version, GRANT_V1);
}
END_TEST

/* Two vCPUs of one domain take and give back handles from one stack. */
START_TEST(handle_race)
{
	pthread_t t;

	grant(b, 9, 0, 0);
	grant(b, 10, 0, 0);
	atomic_store(&finished, 0);
	ck_assert_int_eq(grant_set_limits(a, 1, 1), 0);
	pthread_create(&t, NULL, race_mapper, a);
	race_mapper(a);
	pthread_join(t, NULL);
	for (u32 i = 0; i < 256; i++)
		ck_assert_int_eq(map(a, b, 9, GNTMAP_device_map, 0).status, GNTST_okay);
	ck_assert_int_eq(map(a, b, 9, GNTMAP_device_map, 0).status, GNTST_no_space);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("grant");
	TCase *t = tcase_create("grant");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, map_and_unmap);
	tcase_add_test(t, map_refusals);
	tcase_add_test(t, pte_flags);
	tcase_add_test(t, readers_and_writers);
	tcase_add_test(t, both_kinds);
	tcase_add_test(t, replace);
	tcase_add_test(t, handles_run_out);
	tcase_add_test(t, mapper_dies);
	tcase_add_test(t, mapper_dies_preempted);
	tcase_add_test(t, granter_dies);
	tcase_add_test(t, dies_mapping_itself);
	tcase_add_test(t, no_memory_at_birth);
	tcase_add_test(t, copies);
	tcase_add_test(t, copy_refusals);
	tcase_add_test(t, table_grows);
	tcase_add_test(t, limits);
	tcase_add_test(t, swap);
	tcase_add_test(t, cache_flush);
	tcase_add_test(t, versions);
	tcase_add_test(t, v2_map);
	tcase_add_test(t, v2_sub_page);
	tcase_add_test(t, v2_transitive);
	tcase_add_test(t, v2_swap);
	tcase_add_test(t, decode_arrays);
	tcase_add_test(t, decode_rest);
	tcase_add_test(t, decode_lists);
	tcase_add_test(t, decode_narrow);
	tcase_add_test(t, random_model);
	tcase_add_test(t, map_race);
	tcase_add_test(t, version_race);
	tcase_add_test(t, v2_claim_race);
	tcase_add_test(t, version_waits_for_users);
	tcase_add_test(t, handle_race);
	suite_add_tcase(s, t);
	return s;
}

CHECK_MAIN(suite)
