/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains: their table, their references, their creation and their end. */
#include "hypervisor/domain/domain.h"

#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/hooks.h"
#include "hypervisor/domain/vcpu.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"

#define BUCKETS		64

/* Look-ups take a bucket's lock for as long as it takes to find the domain and reference it. */
static struct bucket {
	struct spinlock lock;
	struct list domains;
} __aligned(64) buckets[BUCKETS];

static struct spinlock all_lock = SPINLOCK_INIT("all domains", RANK_DOMAIN_TABLE);
static struct list all_domains = LIST_INIT(all_domains);
static u32 next_id = 1;

struct domain *dom0;
struct domain domain_io = { .id = DOMID_IO, .is_special = true };
struct domain domain_hv = { .id = DOMID_XEN, .is_special = true };
struct domain domain_idle = { .id = DOMID_IDLE, .is_special = true };

/* --- the table -------------------------------------------------------------------------------- */

static struct bucket *bucket_of(u32 id)
{
	return &buckets[id % BUCKETS];
}

static void init_special(struct domain *d)
{
	atomic_store(&d->refs, 1);
	atomic_store(&d->frames_held, 1);
	spin_init(&d->lock, "special domain", RANK_DOMAIN);
	spin_init(&d->pages_lock, "special domain's pages", RANK_PAGES);
	d->pages = NO_FRAME;
}

void domain_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_init(&buckets[i].lock, "domain bucket", RANK_DOMAIN_BUCKET);
		list_init(&buckets[i].domains);
	}
	init_special(&domain_io);
	init_special(&domain_hv);
	init_special(&domain_idle);
}

static struct domain *find(struct bucket *bucket, u32 id)
{
	struct domain *d;

	list_for_each(d, &bucket->domains, hash_link)
		if (d->id == id)
			return d;
	return NULL;
}

struct domain *domain_get(domid_t id)
{
	struct bucket *bucket;
	struct domain *d;

	if (id == DOMID_SELF) {
		domain_hold(current->domain);
		return current->domain;
	}
	bucket = bucket_of(id);
	lock(&bucket->lock);
	d = find(bucket, id);
	if (d)
		domain_hold(d);
	unlock(&bucket->lock);
	return d;
}

struct domain *domain_get_next(u32 id)
{
	struct domain *d = id < DOMID_FIRST_RESERVED ? domain_get((domid_t)id) : NULL;

	if (d)
		return d;
	lock(&all_lock);
	list_for_each(d, &all_domains, all_link)
		if (d->id >= id) {
			domain_hold(d);
			unlock(&all_lock);
			return d;
		}
	unlock(&all_lock);
	return NULL;
}

/* New ids grow, so the place in the sorted list is found from its end. */
static int insert(struct domain *d)
{
	struct bucket *bucket = bucket_of(d->id);
	struct list *at = &all_domains;
	int rc = 0;

	lock(&all_lock);
	while (at->prev != &all_domains &&
	       list_entry(at->prev, struct domain, all_link)->id > d->id)
		at = at->prev;
	lock(&bucket->lock);
	if (find(bucket, d->id)) {
		rc = -EEXIST;
	} else {
		list_append(&d->hash_link, &bucket->domains);
		list_add_before(&d->all_link, at);
	}
	unlock(&bucket->lock);
	unlock(&all_lock);
	return rc;
}

static void remove(struct domain *d)
{
	struct bucket *bucket = bucket_of(d->id);

	lock(&all_lock);
	lock(&bucket->lock);
	list_remove(&d->hash_link);
	list_remove(&d->all_link);
	unlock(&bucket->lock);
	unlock(&all_lock);
}

static bool id_in_use(u32 id)
{
	struct domain *d = domain_get((domid_t)id);

	if (d)
		domain_put(d);
	return d != NULL;
}

int domain_pick_id(void)
{
	for (u32 tries = 1; tries < DOMID_FIRST_RESERVED; tries++) {
		u32 id;

		lock(&all_lock);
		id = next_id;
		next_id = next_id + 1 < DOMID_FIRST_RESERVED ? next_id + 1 : 1;
		unlock(&all_lock);
		if (!id_in_use(id))
			return (int)id;
	}
	return -ENOMEM;
}

/* --- references ------------------------------------------------------------------------------- */

void domain_hold(struct domain *d)
{
	atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
}

/*
 * The last reference may be dropped deep within other work, under locks; so the structure is put on
 * a stack of the dead, and freed on the way out to a guest.
 */
static struct domain *_Atomic dead;

void domain_put(struct domain *d)
{
	if (atomic_fetch_sub(&d->refs, 1) != 1)
		return;
	d->next_dead = atomic_load(&dead);
	while (!atomic_compare_exchange_weak(&dead, &d->next_dead, d))
		;
	cpu_raise(this_cpu(), CPU_WORK_DEFERRED);
}

void domain_last_page_gone(struct domain *d)
{
	domain_put(d);
}

static void destroy_hooks(struct domain *d, const struct domain_hooks *const *end)
{
	while (end-- > domain_hooks)
		if ((*end)->domain_destroy)
			(*end)->domain_destroy(d);
}

static const struct domain_hooks *const *hooks_end(void)
{
	const struct domain_hooks *const *h = domain_hooks;

	while (*h)
		h++;
	return h;
}

static void destroy(struct domain *d)
{
	for (unsigned i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_destroy(d->vcpu[i]);
	destroy_hooks(d, hooks_end());
	rangeset_delete(d->irqs);
	rangeset_delete(d->ioports);
	rangeset_delete(d->iomem);
	kfree(d->cpuid_policy);
	kfree(d);
}

void deferred_run(void)
{
	struct domain *d = atomic_exchange(&dead, NULL), *next;

	for (; d; d = next) {
		next = d->next_dead;
		destroy(d);
	}
}

/* --- creation --------------------------------------------------------------------------------- */

static int run_create_hooks(struct domain *d)
{
	for (const struct domain_hooks *const *h = domain_hooks; *h; h++) {
		int rc = (*h)->domain_create ? (*h)->domain_create(d) : 0;

		if (rc) {
			destroy_hooks(d, h);
			return rc;
		}
	}
	return 0;
}

static void init_fields(struct domain *d, domid_t id, bool is_privileged, unsigned max_vcpus)
{
	static _Atomic u64 next_serial = 1;

	d->id = id;
	d->serial = atomic_fetch_add(&next_serial, 1);
	d->is_privileged = is_privileged;
	d->max_vcpus = (u16)max_vcpus;
	d->pages = NO_FRAME;
	d->compat_m2p_start = COMPAT_M2P_GUEST;
	d->pause_by_control = 1;
	atomic_store(&d->pause_count, 1);
	atomic_store(&d->refs, 2);		/* the table's, and that of its frames */
	atomic_store(&d->frames_held, 1);
	spin_init(&d->lock, "domain", RANK_DOMAIN);
	spin_init(&d->pages_lock, "domain's pages", RANK_PAGES);
}

int domain_create(domid_t id, bool is_privileged, unsigned max_vcpus,
		  int (*settle)(struct domain *d, const void *arg), const void *arg,
		  struct domain **out)
{
	struct domain *d;
	int rc;

	if (max_vcpus < 1 || max_vcpus > MAX_VCPUS || id >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	if (id_in_use(id))
		return -EEXIST;
	d = kalloc(sizeof(*d));
	if (!d)
		return -ENOMEM;
	init_fields(d, id, is_privileged, max_vcpus);
	rc = -ENOMEM;
	d->shared = alloc_low_page();
	if (!d->shared)
		goto free_domain;
	rc = run_create_hooks(d);
	if (rc)
		goto free_shared;
	share_page(d->shared, d, true);
	rc = settle ? settle(d, arg) : 0;
	if (!rc)
		rc = insert(d);
	if (rc)
		goto undo_hooks;
	*out = d;
	return 0;

undo_hooks:
	unshare_and_free_page(d->shared);
	destroy_hooks(d, hooks_end());
	goto free_domain;
free_shared:
	free_page(d->shared);
free_domain:
	kfree(d);
	return rc;
}

/* Toolstacks make the vCPUs first, so those get or lose what pv32 needs. */
int domain_set_width(struct domain *d, bool is_pv32)
{
	struct vcpu *v;
	int rc = 0;

	lock(&d->lock);
	if (d->is_pv32 == is_pv32)
		goto out;
	rc = -EACCES;
	for_each_vcpu(d, v)
		if (v->is_initialised)
			goto out;
	if (d->tot_pages)
		goto out;
	rc = 0;
	for_each_vcpu(d, v)
		if (!rc)
			rc = vcpu_prepare_width(v, is_pv32);
	if (!rc)
		d->is_pv32 = is_pv32;
out:
	unlock(&d->lock);
	return rc;
}

/* --- the end ---------------------------------------------------------------------------------- */

static int run_kill_hooks(struct domain *d)
{
	for (const struct domain_hooks *const *h = hooks_end(); h-- > domain_hooks;) {
		int rc = (*h)->domain_kill ? (*h)->domain_kill(d) : 0;

		if (rc)
			return rc;
	}
	return 0;
}

static int release_vcpus(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		int rc = vcpu_release_frames(v);

		if (rc)
			return rc;
	}
	return 0;
}

/* No vCPU runs from here on, and nobody is given a new reference to a frame. */
static void begin_dying(struct domain *d)
{
	domain_pause(d);
	lock(&d->pages_lock);
	atomic_store(&d->dying, DOMAIN_DYING);
	unlock(&d->pages_lock);
}

int domain_kill(struct domain *d)
{
	int rc;

	if (atomic_load(&d->dying) == DOMAIN_DEAD)
		return 0;
	if (!domain_is_dying(d))
		begin_dying(d);
	rc = run_kill_hooks(d);
	if (!rc)
		rc = release_vcpus(d);
	if (!rc)
		rc = relinquish_frames(d);
	if (rc)
		return rc;
	unshare_and_free_page(d->shared);
	d->shared = NULL;
	atomic_store(&d->dying, DOMAIN_DEAD);
	remove(d);
	domain_changed(d);
	if (atomic_fetch_sub(&d->frames_held, 1) == 1)
		domain_last_page_gone(d);
	domain_put(d);
	return 0;
}
