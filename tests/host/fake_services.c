/* SPDX-License-Identifier: GPL-2.0-only */
/* See fake_services.h. */
#include "tests/host/fake_services.h"

#include <assert.h>
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/percpu.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/errno.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/tlb.h"
#include "hypervisor/services/grant.h"
#define sched_yield hv_sched_yield	/* POSIX has another function of that name */
#include "hypervisor/services/sched.h"
#undef sched_yield

#define FRAMES	8192

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

#define check(cond) \
	do { if (!(cond)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); abort(); } } while (0)

/* --- the hypervisor around --------------------------------------------------------------------- */

static __thread struct percpu cpu;

struct percpu *this_cpu(void)
{
	return &cpu;
}

void fake_run(struct vcpu *v)
{
	current = v;
}

void hv_print(const char *fmt, ...)
{
	char line[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
}

void bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "BUG: %s:%d: %s\n", file, line, what);
	abort();
}

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

_Atomic unsigned fake_spins;

void lock_waited(enum lock_rank rank)
{
	(void)rank;
}

void spin_wait(void)
{
	atomic_fetch_add(&fake_spins, 1);
	sched_yield();
}

void lock(struct spinlock *l)
{
	check(!cpu.nr_held || cpu.held[cpu.nr_held - 1]->rank < l->rank);
	while (atomic_exchange(&l->tickets, 1))
		spin_wait();
	cpu.held[cpu.nr_held++] = l;
}

void unlock(struct spinlock *l)
{
	check(cpu.nr_held && cpu.held[cpu.nr_held - 1] == l);
	cpu.nr_held--;
	atomic_store(&l->tickets, 0);
}

void clear_page(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

/* --- memory ------------------------------------------------------------------------------------ */

struct frame *frame_table;
mfn_t max_mfn = FRAMES;
static char *ram;
static u32 free_list[FRAMES], nr_free;
static bool is_table[FRAMES];
static int fail_after = -1;
static _Atomic unsigned live_objects;

char *fake_guest;

static void __attribute__((constructor)) set_up(void)
{
	ram = mmap(NULL, FRAMES * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	fake_guest = mmap(NULL, FAKE_GUEST_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	check(ram != MAP_FAILED && fake_guest != MAP_FAILED);
	frame_table = calloc(FRAMES, sizeof(*frame_table));
	ASAN_POISON_MEMORY_REGION(ram, FRAMES * PAGE_SIZE);
	for (u32 i = 0; i < FRAMES - 1; i++)
		free_list[nr_free++] = FRAMES - 1 - i;	/* frame 0 is never given out */
}

static void __attribute__((destructor)) tear_down(void)
{
	free(frame_table);
}

void fake_fail_alloc(int nth)
{
	fail_after = nth;
}

static bool fails(void)
{
	bool now;

	pthread_mutex_lock(&mutex);
	now = fail_after == 0;
	if (fail_after >= 0)
		fail_after--;
	pthread_mutex_unlock(&mutex);
	return now;
}

void *mfn_to_virt(mfn_t mfn)
{
	check(mfn < FRAMES);
	return ram + mfn * PAGE_SIZE;
}

mfn_t virt_to_mfn(const void *virt)
{
	check((const char *)virt >= ram && (const char *)virt < ram + FRAMES * PAGE_SIZE);
	return ((const char *)virt - ram) / PAGE_SIZE;
}

void *alloc_pages(unsigned order)
{
	char *page;

	check(order == 0);
	if (fails())
		return NULL;
	pthread_mutex_lock(&mutex);
	check(nr_free);
	page = ram + free_list[--nr_free] * PAGE_SIZE;
	ASAN_UNPOISON_MEMORY_REGION(page, PAGE_SIZE);
	pthread_mutex_unlock(&mutex);
	memset(page, 0, PAGE_SIZE);
	return page;
}

void free_pages(void *virt, unsigned order)
{
	check(order == 0);
	pthread_mutex_lock(&mutex);
	free_list[nr_free++] = virt_to_mfn(virt);
	ASAN_POISON_MEMORY_REGION(virt, PAGE_SIZE);
	pthread_mutex_unlock(&mutex);
}

void *kalloc(size_t size)
{
	if (fails())
		return NULL;
	atomic_fetch_add(&live_objects, 1);
	return calloc(1, size);
}

void kfree(void *ptr)
{
	if (ptr)
		atomic_fetch_sub(&live_objects, 1);
	free(ptr);
}

/* --- frames ------------------------------------------------------------------------------------ */

/* Mappings removed whose translations may still be in a TLB: their frames must not go yet. */
static mfn_t stale[64];
static unsigned nr_stale;
static _Atomic unsigned flushes;

static void check_not_stale(mfn_t mfn)
{
	pthread_mutex_lock(&mutex);
	for (unsigned i = 0; i < nr_stale; i++)
		check(stale[i] != mfn);
	pthread_mutex_unlock(&mutex);
}

struct domain *get_frame_owner(struct frame *frame)
{
	u64 old = atomic_load(&frame->count);

	do {
		if (!(old & FC_COUNT))
			return NULL;
	} while (!atomic_compare_exchange_weak(&frame->count, &old, old + 1));
	return frame->owner;
}

bool get_frame(struct frame *frame, const struct domain *owner)
{
	struct domain *got = get_frame_owner(frame);

	if (got && got != owner)
		put_frame(frame);
	return got == owner && got;
}

void put_frame(struct frame *frame)
{
	u64 old;

	check_not_stale(frame_to_mfn(frame));
	old = atomic_fetch_sub(&frame->count, 1);
	check(old & FC_COUNT);
	if ((old & FC_COUNT) != 1)
		return;
	check(!(old & FC_ALLOCATED));
	if (old & FC_HV)
		atomic_store(&frame->type, 0);
	check(!(atomic_load(&frame->type) & FT_COUNT));
	atomic_store(&frame->count, 0);
	free_pages(mfn_to_virt(frame_to_mfn(frame)), 0);
	struct domain *owner = frame->owner;
	frame->owner = NULL;
	domain_put(owner);
}

bool free_by_owner(struct frame *frame)
{
	if (!(atomic_fetch_and(&frame->count, ~FC_ALLOCATED) & FC_ALLOCATED))
		return false;
	put_frame(frame);
	return true;
}

int get_frame_type(struct frame *frame, u64 type, bool preemptible)
{
	(void)preemptible;
	check(type == FT_WRITABLE);
	if (is_table[frame_to_mfn(frame)])
		return -EINVAL;
	atomic_fetch_add(&frame->type, 1);
	return 0;
}

int put_frame_type(struct frame *frame, bool preemptible)
{
	(void)preemptible;
	check_not_stale(frame_to_mfn(frame));
	check(atomic_fetch_sub(&frame->type, 1) & FT_COUNT);
	return 0;
}

int get_frame_and_type(struct frame *frame, const struct domain *owner, u64 type)
{
	if (!get_frame(frame, owner))
		return -EINVAL;
	if (get_frame_type(frame, type, false)) {
		put_frame(frame);
		return -EINVAL;
	}
	return 0;
}

void put_frame_and_type(struct frame *frame)
{
	put_frame_type(frame, false);
	put_frame(frame);
}

int mm_grant_hold(mfn_t mfn, const struct domain *owner, bool writes)
{
	struct frame *frame = &frame_table[mfn];

	if (mfn >= max_mfn || !get_frame(frame, owner))
		return GNTST_bad_page;
	if (writes && get_frame_type(frame, FT_WRITABLE, false)) {
		put_frame(frame);
		return GNTST_general_error;
	}
	return GNTST_okay;
}

void mm_grant_release(mfn_t mfn, bool writes)
{
	if (writes)
		put_frame_type(&frame_table[mfn], false);
	put_frame(&frame_table[mfn]);
}

static void own(void *page, struct domain *d, u64 flags)
{
	struct frame *frame = mfn_to_frame(virt_to_mfn(page));

	domain_hold(d);
	frame->owner = d;
	atomic_store(&frame->type, flags & FC_HV ? 1 : 0);
	atomic_store(&frame->count, flags | FC_ALLOCATED | 1);
}

void share_page(void *page, struct domain *d, bool writable)
{
	check(writable);
	own(page, d, FC_HV);
}

void unshare_and_free_page(void *page)
{
	check(free_by_owner(mfn_to_frame(virt_to_mfn(page))));
}

mfn_t fake_give_frame(struct domain *d)
{
	void *page = alloc_page();

	own(page, d, 0);
	return virt_to_mfn(page);
}

u64 fake_refs(mfn_t mfn)
{
	return atomic_load(&frame_table[mfn].count) & FC_COUNT;
}

u64 fake_writers(mfn_t mfn)
{
	return atomic_load(&frame_table[mfn].type) & FT_COUNT;
}

void fake_set_table(mfn_t mfn, bool table)
{
	is_table[mfn] = table;
}

void tlb_flush(cpumask_t cpus)
{
	(void)cpus;
	pthread_mutex_lock(&mutex);
	nr_stale = 0;
	pthread_mutex_unlock(&mutex);
	atomic_fetch_add(&flushes, 1);
}

unsigned fake_flushes(void)
{
	return atomic_exchange(&flushes, 0);
}

/* --- page tables ------------------------------------------------------------------------------- */

static struct pte {
	struct domain *d;
	gva_t addr;
	mfn_t mfn;
	u64 flags;
} ptes[1024];
static bool fail_map;

static struct pte *find_pte(struct domain *d, gva_t addr)
{
	for (unsigned i = 0; i < ARRAY_SIZE(ptes); i++)
		if (ptes[i].d == d && ptes[i].addr == addr)
			return &ptes[i];
	return NULL;
}

static void give_back(struct pte *p)
{
	p->d = NULL;
	if (p->flags & PTE_RW)
		put_frame_type(mfn_to_frame(p->mfn), false);
	put_frame(mfn_to_frame(p->mfn));
}

void fake_fail_map(void)
{
	fail_map = true;
}

int mm_grant_map(gva_t addr, bool addr_is_pte, mfn_t mfn, u64 flags)
{
	struct domain *d = current->domain;
	struct pte *p;

	check(!cpu.nr_held);
	if (fail_map) {
		fail_map = false;
		return GNTST_general_error;
	}
	fake_overwrite(d, addr);
	p = find_pte(NULL, 0);
	check(p);
	*p = (struct pte){ d, addr, mfn, flags | (addr_is_pte ? 1ull << 60 : 0) };
	return GNTST_okay;
}

int mm_grant_unmap(gva_t addr, bool addr_is_pte, gva_t new_addr, mfn_t mfn, bool readonly)
{
	struct pte *p = find_pte(current->domain, addr), *n;

	check(!cpu.nr_held && !(addr_is_pte && new_addr));
	if (!p || p->mfn != mfn || !(p->flags & PTE_RW) != readonly)
		return GNTST_general_error;
	p->d = NULL;
	p->addr = 0;
	n = new_addr ? find_pte(current->domain, new_addr) : NULL;
	if (n)
		n->addr = addr;
	pthread_mutex_lock(&mutex);
	check(nr_stale < ARRAY_SIZE(stale));
	stale[nr_stale++] = mfn;
	pthread_mutex_unlock(&mutex);
	return GNTST_okay;
}

mfn_t fake_mapped(struct domain *d, gva_t addr, u64 *flags)
{
	struct pte *p = find_pte(d, addr);

	if (p && flags)
		*flags = p->flags;
	return p ? p->mfn : INVALID_MFN;
}

void fake_overwrite(struct domain *d, gva_t addr)
{
	struct pte *p = find_pte(d, addr);

	if (!p)
		return;
	give_back(p);
	p->addr = 0;
}

/* --- domains ----------------------------------------------------------------------------------- */

struct domain *dom0;

static struct life {
	struct domain *d;
	const struct domain_hooks *hooks;
} lives[16];

struct fake_vcpu {
	struct vcpu v;
	_Atomic unsigned kicks;
};

unsigned fake_kicks(struct vcpu *v)
{
	return atomic_exchange(&((struct fake_vcpu *)v)->kicks, 0);
}

void vcpu_kick(struct vcpu *v)
{
	atomic_fetch_add(&((struct fake_vcpu *)v)->kicks, 1);
}

_Atomic unsigned fake_poll_wakes;
struct domain *fake_poll_domain;
u32 fake_poll_port;

void sched_poll_wake(struct domain *d, u32 port)
{
	fake_poll_domain = d;
	fake_poll_port = port;
	atomic_fetch_add(&fake_poll_wakes, 1);
}

void domain_hold(struct domain *d)
{
	check(atomic_fetch_add(&d->refs, 1));
}

static void free_domain(struct domain *d, const struct domain_hooks *hooks)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		if (v->evtchn && hooks->vcpu_destroy)
			hooks->vcpu_destroy(v);
		free(v);
	}
	if (d->evtchn || d->grant || d->pirqs)
		hooks->domain_destroy(d);
	free_page(d->shared);
	free(d);
}

void domain_put(struct domain *d)
{
	struct life *l = lives;

	if (atomic_fetch_sub(&d->refs, 1) != 1)
		return;
	pthread_mutex_lock(&mutex);
	while (l->d != d)
		l++;
	l->d = NULL;
	pthread_mutex_unlock(&mutex);
	free_domain(d, l->hooks);
}

struct domain *domain_get(domid_t id)
{
	struct domain *d = NULL;

	if (id == DOMID_SELF)
		id = current->domain->id;
	pthread_mutex_lock(&mutex);
	for (unsigned i = 0; i < ARRAY_SIZE(lives); i++)
		if (lives[i].d && lives[i].d->id == id)
			d = lives[i].d;
	if (d)
		domain_hold(d);
	pthread_mutex_unlock(&mutex);
	return d;
}

static bool add_vcpu(struct domain *d, u32 id, const struct domain_hooks *hooks)
{
	struct fake_vcpu *f = aligned_alloc(64, ROUND_UP(sizeof(*f), 64));

	memset(f, 0, sizeof(*f));
	f->v.domain = d;
	f->v.id = id;
	f->v.info = d->shared ? &d->shared->vcpu_info[id] : NULL;
	d->vcpu[id] = &f->v;
	return !hooks->vcpu_create || !hooks->vcpu_create(&f->v);
}

struct domain *fake_domain(domid_t id, bool privileged, bool pv32, unsigned vcpus,
			   const struct domain_hooks *hooks)
{
	struct domain *d = calloc(1, sizeof(*d));
	struct life *l = lives;

	d->id = id;
	d->is_privileged = privileged;
	d->is_pv32 = pv32;
	d->max_vcpus = vcpus;
	atomic_store(&d->refs, 1);
	d->shared = alloc_page();
	check(d->shared);
	pthread_mutex_lock(&mutex);
	while (l->d)
		l++;
	*l = (struct life){ d, hooks };
	pthread_mutex_unlock(&mutex);
	if (hooks->domain_create(d)) {
		l->d = NULL;
		free_page(d->shared);
		free(d);
		return NULL;
	}
	for (u32 i = 0; i < vcpus; i++) {
		if (!add_vcpu(d, i, hooks)) {
			domain_put(d);
			return NULL;
		}
	}
	return d;
}

void fake_stillborn(struct domain *d)
{
	for (unsigned i = 0; i < ARRAY_SIZE(lives); i++)
		if (lives[i].d == d)
			lives[i].hooks->domain_destroy(d);
	check(atomic_load(&d->refs) == 1);
	domain_put(d);
}

static void free_all_frames(struct domain *d)
{
	for (mfn_t mfn = 0; mfn < FRAMES; mfn++)
		if (frame_table[mfn].owner == d)
			free_by_owner(&frame_table[mfn]);
}

void fake_kill(struct domain *d)
{
	atomic_store(&d->dying, DOMAIN_DYING);
	domain_hold(d);
	while (d->dying != DOMAIN_DEAD)
		for (unsigned i = 0; i < ARRAY_SIZE(lives); i++)
			if (lives[i].d == d && lives[i].hooks->domain_kill(d) == 0)
				atomic_store(&d->dying, DOMAIN_DEAD);
	/* Its page tables go: entries give back what they hold. */
	for (unsigned i = 0; i < ARRAY_SIZE(ptes); i++)
		if (ptes[i].d == d) {
			give_back(&ptes[i]);
			ptes[i].addr = 0;
		}
	free_all_frames(d);
	domain_put(d);
	domain_put(d);
}

void fake_assert_clean(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(lives); i++)
		check(!lives[i].d);
	check(nr_free == FRAMES - 1);
	check(!atomic_load(&live_objects));
	check(!nr_stale && !cpu.nr_held);
}

/* --- the guest's side of a hypercall ----------------------------------------------------------- */

u64 fake_continued[6];
unsigned fake_continued_nr;
u64 fake_guest_mapped = ~0ull;

bool guest_range_ok(gva_t addr, size_t len)
{
	u64 start = (uintptr_t)fake_guest;

	return addr >= start && len <= FAKE_GUEST_SIZE && addr - start <= FAKE_GUEST_SIZE - len;
}

int copy_from_guest(void *dst, gva_t src, size_t len)
{
	if (!guest_range_ok(src, len) || src + len > fake_guest_mapped)
		return -EFAULT;
	memcpy(dst, (void *)src, len);
	return 0;
}

int copy_to_guest(gva_t dst, const void *src, size_t len)
{
	if (!guest_range_ok(dst, len) || dst + len > fake_guest_mapped)
		return -EFAULT;
	memcpy((void *)dst, src, len);
	return 0;
}

bool guest_is_pv32(void)
{
	return current->domain->is_pv32;
}

bool preempt_needed(void)
{
	return atomic_load(&cpu.work) != 0;
}

long hypercall_continue(unsigned nargs, const u64 *args)
{
	fake_continued_nr = nargs;
	memcpy(fake_continued, args, nargs * sizeof(*args));
	return -ERESTART;
}

long subop_dispatch(const struct subop *rows, unsigned nr, u32 cmd, u64 arg)
{
	char buf[SUBOP_SIZE_MAX] __aligned(16);
	long rc;

	for (unsigned i = 0; i < nr; i++) {
		if (rows[i].cmd != cmd)
			continue;
		if (copy_from_guest(buf, arg, rows[i].size))
			return -EFAULT;
		rc = rows[i].run(buf);
		if (!rc && (rows[i].flags & SUBOP_OUT) && copy_to_guest(arg, buf, rows[i].size))
			return -EFAULT;
		return rc;
	}
	return -ENOSYS;
}
