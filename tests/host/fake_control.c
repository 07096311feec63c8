/* SPDX-License-Identifier: GPL-2.0-only */
/* The levels below memory_op and control operations, on the host. */
#include "tests/host/fake_control.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hypervisor/arch/cpu.h"
#include "hypervisor/arch/guest_access.h"
#include "hypervisor/arch/log.h"
#include "hypervisor/arch/machine.h"
#include "hypervisor/arch/upcalls.h"
#include "hypervisor/domain/context.h"
#include "hypervisor/hypercall/guest_info.h"
#include "hypervisor/hypercall/hypercall.h"
#include "hypervisor/lib/rangeset.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mm/alloc.h"
#include "hypervisor/mm/frame.h"
#include "hypervisor/mm/map.h"
#include "hypervisor/mm/validate.h"
#include "hypervisor/services/evtchn.h"
#include "hypervisor/services/grant.h"
#include "hypervisor/services/sched.h"
#include "hypervisor/services/time.h"
#include "hypervisor/services/time_tsc.h"
#include "tests/host/check_main.h"

#define FRAMES		2048
#define DOMAINS		8

struct frame *frame_table;
struct machine_map machine_map;
struct cpu_features cpu_has = { .phys_bits = 40 };
struct percpu *cpu_table[MAX_CPUS];
u32 nr_cpus = 2;
char *fake_guest;
u64 fake_args[6];
struct fake_calls fake_calls;
void (*fake_meanwhile)(gva_t addr);

static char *memory;
static u64 m2p[FRAMES];
static u64 frames_at_start;
static int preempt_after;
static struct domain *table[DOMAINS];

/* --- memory ---------------------------------------------------------------------------------- */

void *mfn_to_virt(mfn_t mfn)
{
	return memory + mfn * PAGE_SIZE;
}

mfn_t virt_to_mfn(const void *virt)
{
	return (mfn_t)((const char *)virt - memory) / PAGE_SIZE;
}

static void map_once(void)
{
	static struct frame frames[FRAMES];

	if (frame_table)
		return;
	memory = mmap(NULL, FRAMES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fake_guest = mmap(NULL, FAKE_GUEST_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	frame_table = frames;
	max_mfn = FRAMES;
	for (unsigned i = 0; i < FRAMES; i++)
		frames[i].flags = FRAME_UNMANAGED;
	memset(memory, 0xee, FRAMES * PAGE_SIZE);	/* what was there before */
	alloc_add_range(16, FRAMES);
}

void m2p_set(mfn_t mfn, u64 pfn)
{
	m2p[mfn] = pfn;
}

u64 fake_m2p(mfn_t mfn)
{
	return m2p[mfn];
}

paddr_t hv_virt_to_phys(const void *virt)
{
	u64 at = (u64)virt;

	return at >= M2P_BASE && at < M2P_BASE + MiB(2) ? MiB(64) :
	       at >= COMPAT_M2P_BASE && at < COMPAT_M2P_BASE + MiB(2) ? MiB(66) : ~0ull;
}

u32 tlb_clock(void)
{
	return 0;
}

cpumask_t tlb_stale(cpumask_t cpus, u32 stamp)
{
	(void)stamp;
	return cpus;
}

void tlb_flush(cpumask_t cpus)
{
	(void)cpus;
	if (fake_meanwhile)
		fake_meanwhile(0);
}

/* Tables are empty here: nothing to take or to give back. */
int validate_contents(struct frame *frame, u64 word, bool preemptible)
{
	(void)frame, (void)word, (void)preemptible;
	return 0;
}

int invalidate_contents(struct frame *frame, u64 word, bool preemptible)
{
	(void)frame, (void)word, (void)preemptible;
	return 0;
}

unsigned contents_entries(const struct frame *frame, u64 word)
{
	(void)frame, (void)word;
	return 512;
}

/* --- guest memory and hypercalls ------------------------------------------------------------- */

bool guest_range_ok(gva_t addr, size_t len)
{
	return addr >= (u64)fake_guest && addr <= (u64)fake_guest + FAKE_GUEST_SIZE &&
	       len <= (u64)fake_guest + FAKE_GUEST_SIZE - addr;
}

int copy_from_guest(void *dst, gva_t src, size_t len)
{
	if (!guest_range_ok(src, len))
		return len ? -EFAULT : 0;
	if (fake_meanwhile)
		fake_meanwhile(src);
	memcpy(dst, (void *)src, len);
	return 0;
}

int copy_to_guest(gva_t dst, const void *src, size_t len)
{
	if (!guest_range_ok(dst, len))
		return len ? -EFAULT : 0;
	memcpy((void *)dst, src, len);
	return 0;
}

int clear_guest(gva_t dst, size_t len)
{
	if (!guest_range_ok(dst, len))
		return len ? -EFAULT : 0;
	memset((void *)dst, 0, len);
	return 0;
}

bool guest_is_pv32(void)
{
	return current->domain->is_pv32;
}

bool preempt_needed(void)
{
	return preempt_after >= 0 && preempt_after-- == 0;
}

void fake_preempt_after(int n)
{
	preempt_after = n;
}

long hypercall_continue(unsigned nargs, const u64 *args)
{
	memcpy(fake_args, args, nargs * sizeof(*args));
	return FAKE_CONTINUED;
}

unsigned fake_log_lines;
char fake_log_last[256];

void fake_log_reset(void)
{
	fake_log_lines = 0;
	fake_log_last[0] = '\0';
}

void guest_log(enum log_level level, const char *fmt, ...)
{
	va_list args;

	(void)level;
	va_start(args, fmt);
	vsnprintf(fake_log_last, sizeof(fake_log_last), fmt, args);
	va_end(args);
	fake_log_lines++;
}

/* --- domains --------------------------------------------------------------------------------- */

static void add_vcpu(struct domain *d, unsigned id)
{
	struct vcpu *v = aligned_alloc(64, sizeof(*v));

	memset(v, 0, sizeof(*v));
	v->domain = d;
	v->id = id;
	d->vcpu[id] = v;
}

static struct domain *new_domain(domid_t id, bool privileged, bool is_pv32, u32 max_pages)
{
	struct domain *d = calloc(1, sizeof(*d));

	map_once();
	d->id = id;
	d->is_privileged = privileged;
	d->is_pv32 = is_pv32;
	d->max_vcpus = 2;
	d->max_pages = max_pages;
	d->pages = NO_FRAME;
	d->compat_m2p_start = COMPAT_M2P_GUEST;
	atomic_store(&d->refs, 1);
	atomic_store(&d->frames_held, 1);
	spin_init(&d->lock, "domain", RANK_DOMAIN);
	spin_init(&d->pages_lock, "pages", RANK_PAGES);
	d->shared = alloc_page();
	share_page(d->shared, d, true);
	ck_assert_int_eq(guest_info_hooks.domain_create(d), 0);
	d->time = calloc(1, sizeof(*d->time));
	add_vcpu(d, 0);
	return d;
}

struct domain *fake_domain(domid_t id, bool privileged, bool is_pv32, u32 max_pages)
{
	struct domain *d = new_domain(id, privileged, is_pv32, max_pages);

	table[id % DOMAINS] = d;
	return d;
}

static void drop_domain(struct domain *d)
{
	ck_assert_uint_eq(atomic_load(&d->refs), 1);
	atomic_store(&d->dying, DOMAIN_DYING);
	if (guest_info_hooks.domain_kill)
		ck_assert_int_eq(guest_info_hooks.domain_kill(d), 0);
	while (d->pages != NO_FRAME)
		ck_assert(free_by_owner(&frame_table[d->pages]));
	unshare_and_free_page(d->shared);
	ck_assert_uint_eq(d->tot_pages, 0);
	ck_assert_uint_eq(atomic_load(&d->frames_held), 1);
	guest_info_hooks.domain_destroy(d);
	free(d->time);
	rangeset_delete(d->irqs);
	rangeset_delete(d->iomem);
	rangeset_delete(d->ioports);
	for (unsigned i = 0; i < MAX_VCPUS; i++)
		free(d->vcpu[i]);
	free(d);
}

void fake_reset(void)
{
	static struct percpu other;

	map_once();
	for (unsigned i = 0; i < DOMAINS; i++) {
		if (table[i])
			drop_domain(table[i]);
		table[i] = NULL;
	}
	if (!frames_at_start)
		frames_at_start = free_frame_count();
	/* Small objects may keep a slab of theirs; no more than that. */
	ck_assert_uint_ge(free_frame_count() + 16, frames_at_start);
	memset(fake_guest, 0, FAKE_GUEST_SIZE);
	memset(&fake_calls, 0, sizeof(fake_calls));
	cpu_table[0] = this_cpu();
	cpu_table[1] = &other;
	preempt_after = -1;
	fake_meanwhile = NULL;
}

void fake_run(struct domain *d)
{
	this_cpu()->vcpu = d->vcpu[0];
}

struct domain *domain_get(domid_t id)
{
	struct domain *d = id == DOMID_SELF ? current->domain :
			   id < DOMAINS ? table[id] : NULL;

	if (d)
		domain_hold(d);
	return d;
}

struct domain *domain_get_next(u32 id)
{
	for (; id < DOMAINS; id++)
		if (table[id])
			return domain_get((domid_t)id);
	return NULL;
}

void domain_hold(struct domain *d)
{
	atomic_fetch_add(&d->refs, 1);
}

void domain_put(struct domain *d)
{
	ck_assert_uint_gt(atomic_fetch_sub(&d->refs, 1), 1);
}

void domain_last_page_gone(struct domain *d)
{
	ck_abort_msg("d%u: the hold of its life went with a frame", d->id);
}

int domain_pick_id(void)
{
	for (int id = 1; id < DOMAINS; id++)
		if (!table[id])
			return id;
	return -ENOMEM;
}

int domain_create(domid_t id, bool is_privileged, unsigned max_vcpus,
		  int (*settle)(struct domain *d, const void *arg), const void *arg,
		  struct domain **out)
{
	struct domain *d;
	int rc;

	if (table[id % DOMAINS])
		return -EEXIST;
	d = new_domain(id, is_privileged, false, 0);
	d->max_vcpus = (u16)max_vcpus;
	free(d->vcpu[0]);
	d->vcpu[0] = NULL;
	rc = settle ? settle(d, arg) : 0;
	if (rc) {
		drop_domain(d);
		return rc;
	}
	table[id % DOMAINS] = *out = d;
	return 0;
}

int domain_kill(struct domain *d)
{
	unsigned slot = d->id % DOMAINS;

	if (fake_calls.kill_restarts-- > 0)
		return -ERESTART;
	fake_calls.killed++;
	if (atomic_load(&d->refs) == 1) {
		drop_domain(d);
		table[slot] = NULL;
	}
	return 0;
}

int domain_set_width(struct domain *d, bool is_pv32)
{
	if (d->tot_pages)
		return -EACCES;
	d->is_pv32 = is_pv32;
	return 0;
}

void domain_pause(struct domain *d)
{
	ck_assert_ptr_ne(d, current->domain);
	fake_calls.paused++;
}

void domain_unpause(struct domain *d)
{
	(void)d;
	fake_calls.unpaused++;
}

int domain_pause_by_control(struct domain *d)
{
	d->pause_by_control = 1;
	return 0;
}

int domain_unpause_by_control(struct domain *d)
{
	d->pause_by_control = 0;
	return 0;
}

void domain_resume(struct domain *d)
{
	(void)d;
	fake_calls.resumed++;
}

int vcpu_create(struct domain *d, unsigned id, struct vcpu **out)
{
	add_vcpu(d, id);
	*out = d->vcpu[id];
	return 0;
}

void vcpu_pause(struct vcpu *v)
{
	ck_assert_ptr_ne(v, current);
	fake_calls.paused++;
}

void vcpu_unpause(struct vcpu *v)
{
	(void)v;
	fake_calls.unpaused++;
}

void vcpu_kick(struct vcpu *v)
{
	(void)v;
	fake_calls.kicks++;
}

size_t context_size(const struct domain *d)
{
	return d->is_pv32 ? 2800 : 5168;
}

int vcpu_load_context(struct vcpu *v, const void *ctxt)
{
	fake_calls.contexts++;
	v->regs.rip = *(const u64 *)ctxt;
	v->is_initialised = !fake_calls.context_rc;
	return fake_calls.context_rc;
}

int vcpu_save_context(const struct vcpu *v, void *ctxt)
{
	memset(ctxt, 0, context_size(v->domain));
	*(u64 *)ctxt = v->regs.rip;
	return 0;
}

/* --- services -------------------------------------------------------------------------------- */

void evtchn_set_max_port(struct domain *d, u32 max_port)
{
	(void)d;
	fake_calls.max_port = max_port;
}

int grant_set_limits(struct domain *d, u32 frames, u32 maptrack)
{
	fake_calls.limits_while_visible |= table[d->id % DOMAINS] == d;
	fake_calls.grant_frames = frames;
	fake_calls.maptrack_frames = maptrack;
	return fake_calls.grant_limits_rc;
}

void grant_set_max_version(struct domain *d, u32 version)
{
	(void)d;
	fake_calls.grant_version = version;
}

void time_republish(struct vcpu *v)
{
	(void)v;
	fake_calls.republished++;
}

int grant_need_frames(domid_t dom, bool status, u32 nr, struct domain **d)
{
	if (status)
		return -1;
	*d = domain_get(dom);
	fake_calls.grant_frames = nr;
	return 0;
}

u32 grant_max_frames(const struct domain *d, bool status)
{
	(void)d;
	return status ? 1 : FAKE_GRANT_FRAMES;
}

mfn_t grant_mfn(const struct domain *d, bool status, u32 i)
{
	(void)d;
	(void)status;
	return FAKE_GRANT_MFN + i;
}

void wallclock_publish(struct domain *d)
{
	(void)d;
	fake_calls.wallclocks++;
}

ns_t now(void)
{
	return 1000;
}

u64 tsc_khz(void)
{
	return 2000000;
}

static cpumask_t parked;

cpumask_t sched_usable_cpus(void)
{
	return (BIT(nr_cpus) - 1) & ~parked;
}

int sched_park_cpu(u32 cpu)
{
	if (cpu != 1)
		return -EINVAL;
	if (fake_calls.park_restarts-- > 0)
		return -ERESTART;
	parked |= BIT(cpu);
	return 0;
}

int sched_unpark_cpu(u32 cpu)
{
	if (!(parked & BIT(cpu)))
		return -EEXIST;
	parked &= ~BIT(cpu);
	return 0;
}

ns_t sched_cpu_time(const struct vcpu *v)
{
	return 100 + v->id;
}

int sched_set_params(struct domain *d, u16 weight, u16 cap)
{
	(void)d;
	fake_calls.weight = weight;
	fake_calls.cap = cap;
	return 0;
}

void sched_get_params(const struct domain *d, u16 *weight, u16 *cap)
{
	(void)d;
	*weight = fake_calls.weight;
	*cap = fake_calls.cap;
}

int sched_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft)
{
	(void)v;
	if (!(*hard & 3))
		return -EINVAL;
	fake_calls.hard = *hard;
	fake_calls.soft = *soft;
	return 0;
}

void sched_get_affinity(const struct vcpu *v, cpumask_t *hard, cpumask_t *soft)
{
	(void)v;
	*hard = fake_calls.hard;
	*soft = fake_calls.soft;
}
