/* SPDX-License-Identifier: GPL-2.0-only */
/* Grants between two hands of one domain: mapping, copying, revoking, and what is refused. */
#include <string.h>
#include <minios/arch/priv.h>
#include "tests/guest/lib/guard.h"
#include "tests/guest/lib/ptable.h"
#include "tests/guest/lib/test.h"
#include "pvabi/grant_table.h"

const char test_title[] = "grants";

static struct grant_entry_v1 *table;
static domid_t self;

/* Whatever the reason: which it is is for Xen to say. */
static void refused(unsigned int line, int status)
{
	test_answer("line %u: status %d", line, status);
	if (status == GNTST_okay)
		test_failure("line %u: it was granted", line);
}

#define REFUSED(status) refused(__LINE__, status)

static void set_up(void)
{
	struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1 };
	static xen_pfn_t frames[64];
	uintptr_t va = scratch_address();

	set_xen_guest_handle(setup.frame_list, frames);
	NEED(!hypercall_grant_table_op(GNTTABOP_setup_table, &setup, 1));
	NEED(setup.status == GNTST_okay);
	NEED(!map_set((void *)va, make_pte(frames[0], PTE_KERNEL)));
	table = (void *)va;
}

static void grant(unsigned int ref, const void *page, domid_t to, uint16_t flags)
{
	table[ref].frame = virt_to_mfn(page);
	table[ref].domid = to;
	__atomic_store_n(&table[ref].flags, GTF_permit_access | flags, __ATOMIC_SEQ_CST);
}

static int map(uintptr_t va, grant_ref_t ref, domid_t dom, uint32_t flags, grant_handle_t *handle)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = va, .flags = GNTMAP_host_map | flags, .ref = ref, .dom = dom,
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

static void try_map(char *page, uintptr_t va)
{
	grant_handle_t handle, second;

	grant(20, page, self, 0);
	/* One names oneself by number here. */
	CHECK_EQUAL(map(va, 20, DOMID_SELF, 0, &handle), GNTST_bad_domain);
	CHECK_EQUAL(map(va, 20, self, 0, &handle), GNTST_okay);
	memcpy((void *)va, "lent", 5);
	CHECK(!strcmp(page, "lent"));
	CHECK_EQUAL(table[20].flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
	/* What is mapped cannot be made a table, nor unmapped as somebody else's. */
	CHECK(page_unprotect(page) == 0);
	REFUSED(unmap(va + PAGE_SIZE, handle));
	REFUSED(unmap(va, handle + 1));
	REFUSED(unmap(va, 0x7fffffff));
	CHECK_EQUAL(unmap(va, handle), GNTST_okay);
	REFUSED(unmap(va, handle));
	CHECK_EQUAL(fault_of_read(va), FAULT_PF);
	CHECK_EQUAL(table[20].flags & (GTF_reading | GTF_writing), 0);
	/* Read-only is read-only, and cannot be mapped writable. */
	grant(20, page, self, GTF_readonly);
	REFUSED(map(va, 20, self, 0, &second));
	CHECK_EQUAL(map(va, 20, self, GNTMAP_readonly, &second), GNTST_okay);
	CHECK_EQUAL(fault_of_write(va), FAULT_PF);
	CHECK_EQUAL(unmap(va, second), GNTST_okay);
}

static void try_refused(char *page, uintptr_t va)
{
	grant_handle_t handle;

	grant(21, page, 0x7abc, 0);
	REFUSED(map(va, 21, self, 0, &handle));
	table[21].flags = 0;
	REFUSED(map(va, 21, self, 0, &handle));
	REFUSED(map(va, 0xffffffff, self, 0, &handle));
	REFUSED(map(va, 100000, self, 0, &handle));
	REFUSED(map(va, 20, 0x7ff0, 0, &handle));
	/* Frames that are not the granter's. */
	grant(22, page, self, 0);
	table[22].frame = 0x9f;
	if (!frame_is_ours(0x9f) && !start_is_control())
		REFUSED(map(va, 22, self, 0, &handle));
	table[22].frame = 0xffffffff;
	REFUSED(map(va, 22, self, 0, &handle));
	/* A page table, writable. */
	grant(23, (void *)start_info->pt_base, self, 0);
	REFUSED(map(va, 23, self, 0, &handle));
}

static int copy(grant_ref_t ref, unsigned int offset, void *to, unsigned int len)
{
	struct gnttab_copy op = {
		.source = { .u.ref = ref, .domid = DOMID_SELF, .offset = offset },
		.dest = { .u.gmfn = virt_to_mfn(to), .domid = DOMID_SELF,
			  .offset = (uintptr_t)to & (PAGE_SIZE - 1) },
		.len = len, .flags = GNTCOPY_source_gref,
	};

	NEED(!hypercall_grant_table_op(GNTTABOP_copy, &op, 1));
	return op.status;
}

static void try_copy(char *page)
{
	char *to = page_alloc_zero();

	grant(24, page, self, GTF_readonly);
	memcpy(page + 100, "copied", 7);
	CHECK_EQUAL(copy(24, 100, to + 8, 7), GNTST_okay);
	CHECK(!strcmp(to + 8, "copied"));
	REFUSED(copy(24, 4090, to, 7));
	REFUSED(copy(24, 0, to + 4090, 7));
	REFUSED(copy(24, 65535, to, 65535));
	/* Into a page table. */
	REFUSED(copy(24, 0, (void *)start_info->pt_base, 8));
	table[24].flags = 0;
	REFUSED(copy(24, 0, to, 7));
	page_free(to);
}

/* --- version 2 --------------------------------------------------------------------------------- */

static long set_version(unsigned int version)
{
	struct gnttab_set_version op = { .version = version };

	return hypercall_grant_table_op(GNTTABOP_set_version, &op, 1);
}

static int status_frames(unsigned int nr, uint64_t *frames)
{
	struct gnttab_get_status_frames op = { .dom = DOMID_SELF, .nr_frames = nr };

	set_xen_guest_handle(op.frame_list, frames);
	NEED(!hypercall_grant_table_op(GNTTABOP_get_status_frames, &op, 1));
	return op.status;
}

/* An entry of version 2, its flags last. */
static void set_entry(unsigned int ref, union grant_entry_v2 entry, uint16_t flags)
{
	volatile union grant_entry_v2 *to = (union grant_entry_v2 *)table + ref;

	entry.hdr.flags = 0;
	entry.hdr.domid = self;
	*to = entry;
	__atomic_store_n(&to->hdr.flags, flags, __ATOMIC_SEQ_CST);
}

static void try_part(char *page, uintptr_t va)
{
	char *to = page_alloc_zero();
	grant_handle_t handle;

	set_entry(20, (union grant_entry_v2){ .sub_page = {
			.page_off = 100, .length = 50, .frame = virt_to_mfn(page) } },
		  GTF_permit_access | GTF_sub_page);
	REFUSED(map(va, 20, self, 0, &handle));
	REFUSED(map(va, 20, self, GNTMAP_readonly, &handle));
	memcpy(page + 140, "part", 5);
	CHECK_EQUAL(copy(20, 100, to, 50), GNTST_okay);
	CHECK(!strcmp(to + 40, "part"));
	REFUSED(copy(20, 99, to, 5));
	REFUSED(copy(20, 140, to, 11));
	CHECK_EQUAL(copy(20, 150, to, 0), GNTST_okay);
	REFUSED(copy(20, 151, to, 0));
	set_entry(20, (union grant_entry_v2){ .transitive = { .trans_domid = self, .gref = 21 } },
		  GTF_transitive);
	REFUSED(copy(20, 100, to, 5));
	REFUSED(map(va, 20, self, 0, &handle));
	page_free(to);
}

static void try_version_2(char *page, uintptr_t va)
{
	union grant_entry_v2 whole = { .full_page.frame = virt_to_mfn(page) };
	static uint64_t frames[64];
	uintptr_t status_va = scratch_address();
	volatile grant_status_t *status = (grant_status_t *)status_va;
	grant_handle_t handle;

	test_answer("status frames in version 1: %d, %d", status_frames(0, frames),
		    status_frames(1, frames));
	grant(20, page, self, 0);
	CHECK_EQUAL(map(va, 20, self, 0, &handle), GNTST_okay);
	CHECK_EQUAL(set_version(2), -XEN_EBUSY);
	CHECK_EQUAL(unmap(va, handle), GNTST_okay);
	test_answer("versions 0 and 3: %ld, %ld", set_version(0), set_version(3));
	CHECK_EQUAL(set_version(2), 0);
	CHECK_EQUAL(status_frames(1, frames), GNTST_okay);
	REFUSED(status_frames(64, frames));
	NEED(!map_set((void *)status_va, make_pte(frames[0], PTE_KERNEL)));
	/* Nothing is left but the reserved entries. */
	REFUSED(map(va, 20, self, 0, &handle));
	set_entry(20, whole, GTF_permit_access);
	CHECK_EQUAL(map(va, 20, self, 0, &handle), GNTST_okay);
	CHECK_EQUAL(status[20], GTF_reading | GTF_writing);
	CHECK_EQUAL(set_version(1), -XEN_EBUSY);
	CHECK_EQUAL(unmap(va, handle), GNTST_okay);
	CHECK_EQUAL(status[20], 0);
	set_entry(20, whole, GTF_permit_access | GTF_readonly);
	REFUSED(map(va, 20, self, 0, &handle));
	set_entry(20, (union grant_entry_v2){ .full_page.frame = 1ull << 40 }, GTF_permit_access);
	REFUSED(map(va, 20, self, 0, &handle));
	try_part(page, va);
	/* What version 1 cannot say of a reserved entry. */
	set_entry(7, whole, GTF_transitive);
	CHECK_EQUAL(set_version(1), -XEN_ERANGE);
	set_entry(7, (union grant_entry_v2){ .full_page.frame = 1ull << 32 }, GTF_permit_access);
	CHECK_EQUAL(set_version(1), -XEN_ERANGE);
	set_entry(7, whole, 0);
	NEED(!pt_set_level(status_va, 1, 0));
	priv_tlb_flush();
	CHECK_EQUAL(set_version(1), 0);
}

void test_main(void)
{
	struct gnttab_transfer transfer = { .mfn = ~0ul, .domid = 1 };
	char *page = page_alloc_zero();
	uintptr_t va;

	self = test_own_id();
	set_up();
	va = scratch_address();
	try_copy(page);
	try_map(page, va);
	try_refused(page, va);
	try_version_2(page, va);
	CHECK_EQUAL(hypercall_grant_table_op(99, NULL, 0), -XEN_ENOSYS);
	CHECK_EQUAL(hypercall_grant_table_op(GNTTABOP_transfer, &transfer, 1), -XEN_EOPNOTSUPP);
	CHECK_EQUAL(hypercall_grant_table_op(GNTTABOP_transfer, (void *)~0ul, 1), -XEN_EFAULT);
	CHECK(hypercall_grant_table_op(GNTTABOP_map_grant_ref, (void *)16, 1) < 0);
}
