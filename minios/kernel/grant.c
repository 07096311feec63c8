/* SPDX-License-Identifier: MIT */
/*
 * Grants, version 1.
 *
 * Our table has GRANT_FRAMES pages, mapped once. Free entries form a list through free_next[]. An
 * entry is opened by writing the frame and the domain first and the flags last, and ended by
 * clearing the flags in one step, which fails while the hypervisor has them marked as in use.
 */
#include <errno.h>
#include <stdlib.h>
#include <minios/grant.h>
#include <minios/hypercall.h>
#include <minios/irq.h>
#include <minios/mm.h>
#include <minios/panic.h>

#define GRANT_FRAMES  4
#define GRANT_ENTRIES (GRANT_FRAMES * PAGE_SIZE / sizeof(grant_entry_v1_t))
/* The toolstack fills the first entries of a guest on its behalf (console, store). */
#define GRANT_FIRST   8

static grant_entry_v1_t *table;
static uint16_t free_next[GRANT_ENTRIES];
static unsigned int free_head;

/* Handles of mapped grants, by page of the window, found again at unmap. */
struct mapping {
	struct mapping *next;
	void *addr;
	size_t count;
	grant_handle_t handles[];
};

static struct mapping *mappings;

int gnttab_error(int16_t status)
{
	switch (status) {
	case GNTST_okay:
		return 0;
	case GNTST_bad_domain:
		return -ESRCH;
	case GNTST_bad_gntref:
	case GNTST_bad_handle:
	case GNTST_bad_virt_addr:
	case GNTST_bad_dev_addr:
	case GNTST_bad_copy_arg:
		return -EINVAL;
	case GNTST_permission_denied:
		return -EPERM;
	case GNTST_no_device_space:
	case GNTST_no_space:
		return -ENOSPC;
	case GNTST_address_too_big:
		return -EFAULT;
	case GNTST_eagain:
		return -EAGAIN;
	default:
		return -EIO;
	}
}

int grant_init(void)
{
	xen_pfn_t frames[GRANT_FRAMES];
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = GRANT_FRAMES };
	unsigned int i;
	void *addr;
	long ret;

	if (table)
		return 0;
	set_xen_guest_handle(op.frame_list, frames);
	ret = hypercall_grant_table_op(GNTTABOP_setup_table, &op, 1);
	if (ret || op.status)
		return ret ? ret : gnttab_error(op.status);
	addr = window_alloc(GRANT_FRAMES);
	if (!addr)
		return -ENOMEM;
	ret = map_frames(addr, frames, GRANT_FRAMES, PTE_KERNEL, DOMID_SELF, NULL);
	if (ret) {
		unmap_pages(addr, GRANT_FRAMES);
		window_free(addr, GRANT_FRAMES);
		return ret < 0 ? ret : -EFAULT;
	}
	for (i = GRANT_FIRST; i < GRANT_ENTRIES; i++)
		free_next[i] = i + 1 < GRANT_ENTRIES ? i + 1 : 0;
	free_head = GRANT_FIRST;
	table = addr;
	return 0;
}

void grant_entry_set(grant_entry_v1_t *entries, grant_ref_t ref, domid_t to, uint32_t frame)
{
	entries[ref].domid = to;
	entries[ref].frame = frame;
	__atomic_store_n(&entries[ref].flags, GTF_permit_access, __ATOMIC_RELEASE);
}

int grant_access(domid_t to, const void *page, bool read_only)
{
	mfn_t mfn = virt_to_mfn(page);
	int ret = grant_init();
	bool masked;
	unsigned int ref;

	if (ret)
		return ret;
	if (mfn == INVALID_MFN || (uintptr_t)page & (PAGE_SIZE - 1))
		return -EINVAL;
	masked = irq_save();
	ref = free_head;
	free_head = free_next[ref];
	irq_restore(masked);
	if (!ref)
		return -ENOSPC;
	table[ref].domid = to;
	table[ref].frame = mfn;
	__atomic_store_n(&table[ref].flags, GTF_permit_access | (read_only ? GTF_readonly : 0),
			 __ATOMIC_RELEASE);
	return ref;
}

int grant_end(grant_ref_t ref)
{
	uint16_t flags;
	bool masked;

	BUG_ON(!table || ref < GRANT_FIRST || ref >= GRANT_ENTRIES);
	flags = __atomic_load_n(&table[ref].flags, __ATOMIC_RELAXED);
	do {
		if (flags & (GTF_reading | GTF_writing))
			return -EBUSY;
	} while (!__atomic_compare_exchange_n(&table[ref].flags, &flags, 0, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	masked = irq_save();
	free_next[ref] = free_head;
	free_head = ref;
	irq_restore(masked);
	return 0;
}

static int map_one(domid_t from, grant_ref_t ref, void *addr, bool read_only,
		   grant_handle_t *handle)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = (uintptr_t)addr,
		.flags = GNTMAP_host_map | (read_only ? GNTMAP_readonly : 0),
		.ref = ref,
		.dom = from,
	};
	long ret = hypercall_grant_table_op(GNTTABOP_map_grant_ref, &op, 1);

	*handle = op.handle;
	return ret ? ret : gnttab_error(op.status);
}

static void unmap_one(void *addr, grant_handle_t handle)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = (uintptr_t)addr, .handle = handle };

	BUG_ON(hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1) || op.status);
}

#define NO_HANDLE (~(grant_handle_t)0)

static void mapping_free(struct mapping *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		if (m->handles[i] != NO_HANDLE)
			unmap_one((char *)m->addr + i * PAGE_SIZE, m->handles[i]);
	if (m->addr)
		window_free(m->addr, m->count);
	free(m);
}

static struct mapping *mapping_new(size_t count)
{
	struct mapping *m = calloc(1, sizeof(*m) + count * sizeof(m->handles[0]));

	if (!m)
		return NULL;
	m->addr = window_alloc(count);
	if (m->addr && !map_prepare(m->addr, count)) {
		m->count = count;
		return m;
	}
	if (m->addr)
		window_free(m->addr, count);
	free(m);
	return NULL;
}

void *gnttab_map(domid_t from, const grant_ref_t *refs, size_t count, bool read_only, int *errors)
{
	struct mapping *m = mapping_new(count);
	size_t i, failed = 0;
	int ret;

	if (!m)
		return NULL;
	for (i = 0; i < count; i++) {
		ret = map_one(from, refs[i], (char *)m->addr + i * PAGE_SIZE, read_only,
			      &m->handles[i]);
		if (ret) {
			m->handles[i] = NO_HANDLE;
			failed++;
		}
		if (errors)
			errors[i] = ret;
	}
	if (failed == count || (failed && !errors)) {
		mapping_free(m);
		return NULL;
	}
	m->next = mappings;
	mappings = m;
	return m->addr;
}

void gnttab_unmap(void *addr, size_t count)
{
	struct mapping **p, *m;

	for (p = &mappings; *p && (*p)->addr != addr; p = &(*p)->next)
		;
	m = *p;
	BUG_ON(!m || m->count != count);
	*p = m->next;
	mapping_free(m);
}
