/* SPDX-License-Identifier: MIT */
/*
 * The balloon: gives memory back to the hypervisor, and takes it again, as the toolstack's
 * memory/target says.
 *
 * A page that was given back keeps its place in the direct map, with nothing mapped there, and has
 * no frame in the list of our memory: that is how it is found again. What we may get beyond what we
 * were started with has its places, too (mm.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <minios/balloon.h>
#include <minios/hypercall.h>
#include <minios/p2m.h>
#include <minios/printk.h>
#include <minios/start.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <minios/wait.h>
#include <minios/xenbus.h>
#include "pvabi/memory.h"

#define RESERVE	 64 /* pages that stay free, whatever the target */
#define RETRY_NS SEC(1)

static unsigned long target, missing; /* pages: that we shall have, that we do not have */
static unsigned int changes; /* of the target */
static struct wait_queue changed = WAIT_QUEUE_INIT(changed);

static struct xen_memory_reservation one(xen_pfn_t *frame)
{
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, frame);
	return r;
}

/* Puts the page at @pfn back into use: its frame is ours and in the list. */
static bool use_page(pfn_t pfn)
{
	pte_t pte = (uint64_t)pfn_to_mfn(pfn) << PAGE_SHIFT | PTE_KERNEL;

	return !map_set(pfn_to_virt(pfn), pte);
}

static bool give_page(void)
{
	struct xen_memory_reservation r;
	xen_pfn_t frame;
	void *page;
	pfn_t pfn;

	if (pages_free_count() <= RESERVE || !(page = page_alloc()))
		return false;
	pfn = virt_to_pfn(page);
	frame = pfn_to_mfn(pfn);
	if (map_set(page, 0)) {
		page_free(page);
		return false;
	}
	r = one(&frame);
	if (hypercall_memory_op(XENMEM_decrease_reservation, &r) != 1) {
		if (use_page(pfn))
			page_free(page);
		return false;
	}
	p2m_set(pfn, INVALID_MFN);
	missing++;
	return true;
}

/* A pfn without a frame; there is one. */
static pfn_t find_hole(void)
{
	static pfn_t next; /* where the last one was found */

	while (pfn_to_mfn(next) != INVALID_MFN)
		next = next + 1 < p2m_entries() ? next + 1 : 0;
	return next;
}

static bool take_page(void)
{
	pfn_t pfn = find_hole();
	void *page = pfn_to_virt(pfn);
	struct xen_memory_reservation r;
	xen_pfn_t frame = pfn;

	/* A place that was never mapped has no page table yet. */
	if (map_prepare(page, 1))
		return false;
	r = one(&frame);
	if (hypercall_memory_op(XENMEM_populate_physmap, &r) != 1)
		return false;
	p2m_set(pfn, frame);
	missing--;
	if (use_page(pfn))
		page_free(page);
	return true;
}

unsigned long pages_total(void)
{
	return p2m_entries() - missing;
}

/* False: not there yet, and nothing can be done about it now. */
static bool adjust(void)
{
	unsigned long have;
	unsigned int n = 0;

	while ((have = pages_total()) != target) {
		if (have < target && !missing)
			return true; /* as large as we can be */
		if (!(have > target ? give_page() : take_page()))
			return false;
		if (++n % 64 == 0)
			thread_yield();
	}
	return true;
}

static void balloon_thread(void *arg)
{
	unsigned int seen = 0;

	(void)arg;
	for (;;) {
		wait_event(&changed, changes != seen);
		for (seen = changes; !adjust(); seen = changes)
			wait_event_until(&changed, changes != seen, time_monotonic() + RETRY_NS);
	}
}

/* The first who has a target starts what works towards it. */
int balloon_set_target(unsigned long pages)
{
	static struct thread *thread;

	if (!thread) {
		thread = thread_create("balloon", balloon_thread, NULL, 0);
		if (!thread)
			return -ENOMEM;
		thread_detach(thread);
	}
	target = pages;
	changes++;
	wake_all(&changed);
	return 0;
}

static void target_changed(const char *path, void *ctx)
{
	unsigned long long kb;
	char *text, *end;

	(void)ctx;
	if (xenbus_read(XENBUS_NO_TX, path, &text, NULL))
		return;
	kb = strtoull(text, &end, 10);
	if (end != text && !*end && balloon_set_target(kb / (PAGE_SIZE / 1024)))
		printk("no memory for the balloon\n");
	free(text);
}

void balloon_init(void)
{
	struct xenbus_watch *watch;

	missing = p2m_entries() - start_info->nr_pages;
	if (xenbus_available() && xenbus_watch("memory/target", target_changed, NULL, &watch))
		printk("memory/target cannot be watched\n");
}
