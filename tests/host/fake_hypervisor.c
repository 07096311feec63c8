/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated hypervisor behind tools/platform.
 *
 * Frames live in a memory file, so a frame mapped twice is one piece of memory, as on a machine.
 * Pinning checks the tables entry by entry: each frame must belong to the domain, and no table may
 * be mapped writable, neither by the guest nor by the control domain.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pvabi/domctl.h"
#include "pvabi/grant_table.h"
#include "pvabi/memory.h"
#include "pvabi/sched.h"
#include "pvabi/sysctl.h"
#include "pvabi/version.h"
#include "tests/host/fake_hypervisor.h"
#include "tools/platform/platform.h"

#define OWNER_NONE 0xffff
#define FIRST_FRAME 256 /* below lies the hypervisor */

struct fake_domain fake_domains[FAKE_DOMAINS];

static int memory_fd = -1, event_pipe[2] = { -1, -1 };
static char *memory;
static uint16_t owner[FAKE_FRAMES];
static uint16_t mapped[FAKE_FRAMES]; /* by the control domain */
static struct mapping {
	struct mapping *next;
	void *va;
	size_t count;
	uint32_t frames[];
} *mappings;
static uint64_t next_frame;
static unsigned int calls, fail_at, max_order = 9;
static int fail_with;
static bool has_failed;
static const char *capabilities;
static uint64_t now;

/* --- frames ----------------------------------------------------------------------------------- */

void *fake_frame(uint64_t mfn)
{
	return mfn < FAKE_FRAMES ? memory + mfn * 4096 : NULL;
}

uint64_t fake_free_frames(void)
{
	uint64_t count = 0, i;

	for (i = FIRST_FRAME; i < FAKE_FRAMES; i++)
		count += owner[i] == OWNER_NONE;
	return count;
}

unsigned int fake_maps(void)
{
	unsigned int count = 0, i;

	for (i = 0; i < FAKE_FRAMES; i++)
		count += mapped[i];
	return count;
}

/* 2^order free frames side by side and aligned, 0 when there are none. Some hold rubbish. */
static uint64_t take_frames(unsigned int order, domid_t domid)
{
	uint64_t size = 1ull << order, mfn, i;

	for (mfn = (next_frame + size - 1) & ~(size - 1); mfn + size <= FAKE_FRAMES; mfn += size) {
		for (i = 0; i < size && owner[mfn + i] == OWNER_NONE; i++)
			;
		if (i < size)
			continue;
		for (i = 0; i < size; i++)
			owner[mfn + i] = domid;
		for (i = 0; i < size; i += order ? 61 : 1)
			memset(fake_frame(mfn + i), 0xa5, 4096);
		return mfn;
	}
	return 0;
}

static void give_frames_back(domid_t domid)
{
	uint64_t i;

	for (i = 0; i < FAKE_FRAMES; i++)
		if (owner[i] == domid)
			owner[i] = OWNER_NONE;
}

/* --- the test's side -------------------------------------------------------------------------- */

void fake_reset(void)
{
	uint64_t i;

	if (memory_fd < 0) {
		memory_fd = memfd_create("frames", 0);
		if (memory_fd < 0 || ftruncate(memory_fd, FAKE_FRAMES * 4096ull) ||
		    pipe2(event_pipe, O_NONBLOCK))
			abort();
		memory = mmap(NULL, FAKE_FRAMES * 4096ull, PROT_READ | PROT_WRITE, MAP_SHARED,
			      memory_fd, 0);
		if (memory == MAP_FAILED)
			abort();
	}
	for (i = 0; i < FAKE_FRAMES; i++)
		owner[i] = i < FIRST_FRAME ? DOMID_XEN : OWNER_NONE;
	memset(mapped, 0, sizeof(mapped));
	memset(fake_domains, 0, sizeof(fake_domains));
	fake_domains[0].used = true;
	fake_domains[0].shutdown = FAKE_SHUTDOWN_NONE;
	fake_domains[0].made_vcpus = fake_domains[0].max_vcpus = 1;
	fake_domains[0].weight = 256;
	next_frame = FIRST_FRAME;
	max_order = 9;
	capabilities = "xen-3.0-x86_64 xen-3.0-x86_32p ";
	fake_fail(0, 0);
}

void fake_fail(unsigned int n, int error)
{
	calls = 0;
	fail_at = n;
	fail_with = error;
	has_failed = false;
}

unsigned int fake_calls(void)
{
	return calls;
}

bool fake_failed(void)
{
	return has_failed;
}

void fake_set_max_order(unsigned int order)
{
	max_order = order;
}

void fake_set_capabilities(const char *text)
{
	capabilities = text;
}

unsigned int fake_live_domains(void)
{
	unsigned int count = 0, i;

	for (i = 1; i < FAKE_DOMAINS; i++)
		count += fake_domains[i].used;
	return count;
}

unsigned int fake_bound_ports(void)
{
	unsigned int count = 0, i;

	for (i = 0; i < FAKE_PORTS; i++)
		count += fake_domains[0].ports[i].state != PORT_FREE;
	return count;
}

void fake_advance(uint64_t ns)
{
	now += ns;
}

static void raise_event(evtchn_port_t port)
{
	fake_domains[0].ports[port].pending = true;
	if (write(event_pipe[1], "", 1) < 0 && errno != EAGAIN)
		abort();
}

void fake_guest_notify(domid_t domid, evtchn_port_t port)
{
	struct fake_port *p = &fake_domains[domid].ports[port];

	if (p->state == PORT_BOUND)
		raise_event(p->peer);
}

void fake_guest_shutdown(domid_t domid, int reason)
{
	fake_domains[domid].shutdown = reason;
}

bool fake_inject(int *error)
{
	calls++;
	if (calls != fail_at)
		return false;
	has_failed = true;
	*error = -fail_with;
	return true;
}

/* --- page tables ------------------------------------------------------------------------------ */

static unsigned int root_level(const struct fake_domain *d)
{
	return d->bits == 64 ? 4 : 3;
}

/* The entry that maps @va at level 1; each frame on the way is checked to be the domain's. */
static bool leaf(domid_t domid, uint64_t root, uint64_t va, uint64_t *entry)
{
	unsigned int level = root_level(&fake_domains[domid]);
	uint64_t mfn = root;

	for (; level; level--) {
		uint64_t *page = fake_frame(mfn);

		if (!page || owner[mfn] != domid)
			return false;
		*entry = page[va >> (3 + 9 * level) & 511];
		if (!(*entry & 1))
			return false;
		mfn = *entry >> 12 & 0xffffffffff;
	}
	return mfn < FAKE_FRAMES;
}

bool fake_walk(domid_t domid, uint64_t va, uint64_t *mfn, bool *writable)
{
	uint64_t entry;

	if (!leaf(domid, fake_domains[domid].root, va, &entry))
		return false;
	*mfn = entry >> 12 & 0xffffffffff;
	*writable = entry & 2;
	return true;
}

/* Marks all tables in @is_table; false when one is no frame of the domain. */
static bool collect(domid_t domid, uint64_t mfn, unsigned int level, bool *is_table)
{
	uint64_t *page = fake_frame(mfn);
	unsigned int i;

	if (!page || owner[mfn] != domid || mapped[mfn])
		return false;
	is_table[mfn] = true;
	for (i = 0; level > 1 && i < 512; i++)
		if (page[i] & 1 &&
		    !collect(domid, page[i] >> 12 & 0xffffffffff, level - 1, is_table))
			return false;
	return true;
}

static bool leaves_valid(domid_t domid, uint64_t mfn, unsigned int level, const bool *is_table)
{
	uint64_t *page = fake_frame(mfn);
	unsigned int i;

	for (i = 0; i < 512; i++) {
		uint64_t frame = page[i] >> 12 & 0xffffffffff;

		if (!(page[i] & 1))
			continue;
		if (level > 1 && !leaves_valid(domid, frame, level - 1, is_table))
			return false;
		if (level == 1 && (frame >= FAKE_FRAMES || owner[frame] != domid ||
				   (is_table[frame] && page[i] & 2)))
			return false;
	}
	return true;
}

static int pin(domid_t domid, const struct mmuext_op *op)
{
	struct fake_domain *d = &fake_domains[domid];
	unsigned int level = root_level(d);
	bool *is_table = calloc(FAKE_FRAMES, 1);
	uint64_t *root = fake_frame(op->arg1.mfn);
	bool ok;

	ok = op->cmd == (level == 4 ? MMUEXT_PIN_L4_TABLE : MMUEXT_PIN_L3_TABLE) &&
	     collect(domid, op->arg1.mfn, level, is_table) &&
	     leaves_valid(domid, op->arg1.mfn, level, is_table) &&
	     (level == 4 || root[3] & 1);
	free(is_table);
	if (!ok)
		return -EINVAL;
	d->root = op->arg1.mfn;
	return 0;
}

/* --- hypercalls ------------------------------------------------------------------------------- */

static struct fake_domain *lookup(domid_t domid)
{
	return domid < FAKE_DOMAINS && fake_domains[domid].used ? &fake_domains[domid] : NULL;
}

static const struct xen_cpuid_leaf machine_leaves[FAKE_LEAVES] = {
	{ 0, XEN_CPUID_NO_SUBLEAF, 0xd, 1, 2, 3 },
	{ 1, XEN_CPUID_NO_SUBLEAF, 0x9060a, 0, 0xffff0000, 0xff00ff00 },
	{ 7, 0, 0, 0x12345678, 0, 0 },
};

static int create_domain(struct xen_domctl *op)
{
	const struct xen_domctl_createdomain *c = &op->u.createdomain;
	struct fake_domain *d;
	domid_t i;

	if (c->flags || !c->max_vcpus || XEN_DOMCTL_GRANT_version(c->grant_opts) != 2)
		return -EINVAL;
	for (i = 1; i < FAKE_DOMAINS && fake_domains[i].used; i++)
		;
	if (i == FAKE_DOMAINS)
		return -ENOMEM;
	d = &fake_domains[i];
	memset(d, 0, sizeof(*d));
	d->shared_info = take_frames(0, i);
	if (!d->shared_info)
		return -ENOMEM;
	d->used = d->paused = true;
	d->shutdown = FAKE_SHUTDOWN_NONE;
	d->max_vcpus = c->max_vcpus;
	d->bits = 64;
	d->weight = 256;
	memcpy(d->uuid, c->handle, 16);
	memcpy(d->leaves, machine_leaves, sizeof(d->leaves));
	op->domain = i;
	return 0;
}

static int destroy_domain(domid_t domid)
{
	struct fake_domain *d = &fake_domains[domid];
	unsigned int i;

	if (!d->dying) {
		d->dying = true; /* the first call does half of it */
		return -EAGAIN;
	}
	for (i = 0; i < FAKE_PORTS; i++) {
		struct fake_port *p = &fake_domains[0].ports[i];

		if (p->state == PORT_BOUND && p->domid == domid)
			p->peer = 0;
	}
	give_frames_back(domid);
	d->used = false;
	return 0;
}

static void fill_info(domid_t domid, struct xen_domctl_getdomaininfo *info)
{
	const struct fake_domain *d = &fake_domains[domid];

	memset(info, 0, sizeof(*info));
	info->domain = domid;
	info->flags = d->paused ? XEN_DOMINF_paused : XEN_DOMINF_blocked;
	if (d->shutdown != FAKE_SHUTDOWN_NONE)
		info->flags |= XEN_DOMINF_shutdown | d->shutdown << XEN_DOMINF_shutdownshift;
	if (d->dying)
		info->flags |= XEN_DOMINF_dying;
	info->tot_pages = d->tot_pages;
	info->max_pages = d->max_pages;
	info->shared_info_frame = d->shared_info;
	info->nr_online_vcpus = d->made_vcpus ? 1 : 0;
	info->max_vcpu_id = d->made_vcpus - 1;
	memcpy(info->handle, d->uuid, 16);
}

static int get_domain_info(struct xen_domctl *op)
{
	domid_t i = op->domain;

	while (i < FAKE_DOMAINS && !fake_domains[i].used)
		i++;
	if (i >= FAKE_DOMAINS)
		return -ESRCH;
	op->domain = i;
	fill_info(i, &op->u.getdomaininfo);
	return 0;
}

static int set_context(struct fake_domain *d, const struct xen_domctl_vcpucontext *c)
{
	/* A 32-bit context is shorter; the sanitizer sees a read beyond a smaller buffer. */
	memcpy(d->context, c->ctxt.p, d->bits == 64 ? 5168 : 2800);
	d->has_context = true;
	return c->vcpu < d->made_vcpus ? 0 : -EINVAL;
}

static int scheduler_op(struct fake_domain *d, struct xen_domctl_scheduler_op *s)
{
	if (s->cmd == XEN_DOMCTL_SCHEDOP_putinfo) {
		d->weight = s->u.credit.weight;
		d->cap = s->u.credit.cap;
	}
	s->u.credit.weight = d->weight;
	s->u.credit.cap = d->cap;
	return s->sched_id == XEN_SCHEDULER_CREDIT ? 0 : -EINVAL;
}

static int get_cpu_policy(const struct fake_domain *d, struct xen_domctl_cpu_policy *p)
{
	uint32_t room = p->nr_leaves;

	p->nr_leaves = FAKE_LEAVES;
	if (!d->made_vcpus || (p->leaves.p && room < FAKE_LEAVES))
		return -EINVAL;
	if (p->leaves.p)
		memcpy(p->leaves.p, d->leaves, sizeof(d->leaves));
	return 0;
}

static int set_cpu_policy(struct fake_domain *d, struct xen_domctl_cpu_policy *p)
{
	const struct xen_cpuid_leaf *leaf = p->leaves.p;
	uint32_t i, j;

	p->err_leaf = p->err_subleaf = p->err_msr = ~0u;
	for (i = 0; i < p->nr_leaves; i++, leaf++) {
		for (j = 0; j < FAKE_LEAVES; j++)
			if (d->leaves[j].leaf == leaf->leaf && d->leaves[j].subleaf == leaf->subleaf)
				break;
		if (j == FAKE_LEAVES) {
			p->err_leaf = leaf->leaf;
			p->err_subleaf = leaf->subleaf;
			return -ERANGE;
		}
		d->leaves[j] = *leaf;
	}
	d->set_leaves = p->nr_leaves;
	return d->has_context ? -EEXIST : 0;
}

static int hypercall_page(struct fake_domain *d, domid_t domid, uint64_t mfn)
{
	if (mfn >= FAKE_FRAMES || owner[mfn] != domid)
		return -EACCES;
	d->hypercall_page = mfn;
	return 0;
}

static int domctl(struct xen_domctl *op)
{
	struct fake_domain *d = lookup(op->domain);
	bool was_paused;

	if (op->interface_version != 0x15)
		return -EACCES;
	if (op->cmd == XEN_DOMCTL_createdomain)
		return create_domain(op);
	if (op->cmd == XEN_DOMCTL_getdomaininfo)
		return get_domain_info(op);
	if (!d)
		return -ESRCH;
	switch (op->cmd) {
	case XEN_DOMCTL_destroydomain:
		return destroy_domain(op->domain);
	case XEN_DOMCTL_pausedomain:
		d->paused = true;
		return 0;
	case XEN_DOMCTL_unpausedomain:
		was_paused = d->paused;
		d->paused = false;
		return was_paused && d->has_context ? 0 : -EINVAL;
	case XEN_DOMCTL_max_vcpus:
		d->made_vcpus = op->u.max_vcpus.max;
		return d->made_vcpus == d->max_vcpus ? 0 : -EINVAL;
	case XEN_DOMCTL_max_mem:
		d->max_pages = op->u.max_mem.max_memkb / 4;
		return 0;
	case XEN_DOMCTL_set_address_size:
		d->bits = op->u.address_size.size;
		return d->tot_pages ? -EACCES : 0;
	case XEN_DOMCTL_hypercall_init:
		return hypercall_page(d, op->domain, op->u.hypercall_init.gmfn);
	case XEN_DOMCTL_get_address_size:
		op->u.address_size.size = d->bits;
		return 0;
	case XEN_DOMCTL_getvcpucontext:
		if (op->u.vcpucontext.vcpu || !d->has_context)
			return -EINVAL;
		memcpy(op->u.vcpucontext.ctxt.p, d->context, d->bits == 64 ? 5168 : 2800);
		return 0;
	case XEN_DOMCTL_setvcpucontext:
		return set_context(d, &op->u.vcpucontext);
	case XEN_DOMCTL_setvcpuaffinity:
		if (op->u.vcpuaffinity.flags & XEN_VCPUAFFINITY_HARD)
			memcpy(&d->affinity, op->u.vcpuaffinity.cpumap_hard.bitmap.p, 8);
		if (op->u.vcpuaffinity.flags & XEN_VCPUAFFINITY_SOFT)
			memcpy(&d->soft_affinity, op->u.vcpuaffinity.cpumap_soft.bitmap.p, 8);
		return op->u.vcpuaffinity.vcpu < d->max_vcpus ? 0 : -EINVAL;
	case XEN_DOMCTL_getvcpuaffinity:
		memcpy(op->u.vcpuaffinity.cpumap_hard.bitmap.p, &d->affinity, 8);
		memcpy(op->u.vcpuaffinity.cpumap_soft.bitmap.p, &d->soft_affinity, 8);
		return op->u.vcpuaffinity.vcpu < d->max_vcpus ? 0 : -EINVAL;
	case XEN_DOMCTL_getvcpuinfo:
		op->u.getvcpuinfo.online = op->u.getvcpuinfo.blocked = 1;
		return op->u.getvcpuinfo.vcpu < d->max_vcpus ? 0 : -ESRCH;
	case XEN_DOMCTL_get_cpu_policy:
		return get_cpu_policy(d, &op->u.cpu_policy);
	case XEN_DOMCTL_set_cpu_policy:
		return set_cpu_policy(d, &op->u.cpu_policy);
	case XEN_DOMCTL_scheduler_op:
		return scheduler_op(d, &op->u.scheduler_op);
	default:
		return -ENOSYS;
	}
}

static int list_domains(struct xen_sysctl_getdomaininfolist *l)
{
	domid_t i;

	l->num_domains = 0;
	for (i = l->first_domain; i < FAKE_DOMAINS && l->num_domains < l->max_domains; i++)
		if (fake_domains[i].used)
			fill_info(i, &l->buffer.p[l->num_domains++]);
	return 0;
}

static struct xen_sysctl_credit_schedule sched_params = { .tslice_ms = 30, .ratelimit_us = 1000 };

/* Two CPUs with an unused one between them, two nodes and one that is not there. */
static int tell_cpus(struct xen_sysctl_cputopoinfo *t)
{
	static const struct xen_sysctl_cputopo cpus[] = {
		{ 0, 0, 0 }, { XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID, XEN_INVALID_NODE_ID }, { 1, 1, 2 },
	};

	t->num_cpus = 3;
	memcpy(t->cputopo.p, cpus, sizeof(cpus));
	return 0;
}

static int tell_nodes(struct xen_sysctl_numainfo *n)
{
	static const struct xen_sysctl_meminfo nodes[] = {
		{ 512ull << 20, 100ull << 20 }, { XEN_INVALID_MEM_SZ, 0 }, { 2048ull << 20, 1048576 },
	};
	static const uint32_t distances[] = { 10, ~0u, 21, ~0u, ~0u, ~0u, 21, ~0u, 10 };

	n->num_nodes = 3;
	memcpy(n->meminfo.p, nodes, sizeof(nodes));
	memcpy(n->distance.p, distances, sizeof(distances));
	return 0;
}

static int do_sysctl(struct xen_sysctl *op)
{
	if (op->interface_version != 0x15)
		return -EACCES;
	switch (op->cmd) {
	case XEN_SYSCTL_sched_id:
		op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT;
		return 0;
	case XEN_SYSCTL_physinfo:
		memset(&op->u.physinfo, 0, sizeof(op->u.physinfo));
		op->u.physinfo.nr_cpus = 2;
		op->u.physinfo.max_cpu_id = 1;
		op->u.physinfo.nr_nodes = op->u.physinfo.cores_per_socket = 1;
		op->u.physinfo.threads_per_core = 1;
		op->u.physinfo.cpu_khz = 2400123;
		op->u.physinfo.total_pages = FAKE_FRAMES;
		op->u.physinfo.free_pages = fake_free_frames();
		op->u.physinfo.outstanding_pages = 256;
		op->u.physinfo.capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_directio |
					      XEN_SYSCTL_PHYSCAP_gnttab_v1;
		op->u.physinfo.hw_cap[0] = 0x1fc3fbff;
		return 0;
	case XEN_SYSCTL_cputopoinfo:
		return tell_cpus(&op->u.cputopoinfo);
	case XEN_SYSCTL_numainfo:
		return tell_nodes(&op->u.numainfo);
	case XEN_SYSCTL_scheduler_op:
		if (op->u.scheduler_op.cmd == XEN_SYSCTL_SCHEDOP_putinfo)
			sched_params = op->u.scheduler_op.u.sched_credit;
		else
			op->u.scheduler_op.u.sched_credit = sched_params;
		return 0;
	case XEN_SYSCTL_getdomaininfolist:
		return list_domains(&op->u.getdomaininfolist);
	case XEN_SYSCTL_readconsole:
		op->u.readconsole.count = op->u.readconsole.index ? 0 : 6;
		memcpy(op->u.readconsole.buffer.p, "(XEN)\n", op->u.readconsole.count);
		op->u.readconsole.index = 6;
		return 0;
	default:
		return -ENOSYS;
	}
}

static int populate(struct xen_memory_reservation *r)
{
	struct fake_domain *d = lookup(r->domid);
	uint64_t size = 1ull << r->extent_order, mfn;
	unsigned int i;

	if (!d)
		return -ESRCH;
	d->address_bits = XENMEMF_get_address_bits(r->mem_flags);
	if (r->extent_order > max_order)
		return 0;
	for (i = 0; i < r->nr_extents; i++) {
		if (d->tot_pages + size > d->max_pages)
			break;
		mfn = take_frames(r->extent_order, r->domid);
		if (!mfn)
			break;
		d->tot_pages += size;
		r->extent_start.p[i] = mfn;
	}
	return i;
}

static int set_memory_map(const struct xen_foreign_memory_map *map)
{
	struct fake_domain *d = lookup(map->domid);

	if (!d || map->map.nr_entries != 1)
		return -EINVAL;
	memcpy(&d->map_bytes, (const char *)map->map.buffer.p + 8, 8);
	return 0;
}

static long memory_op(unsigned int op, void *arg)
{
	switch (op) {
	case XENMEM_populate_physmap:
		return populate(arg);
	case XENMEM_set_memory_map:
		return set_memory_map(arg);
	default:
		return -ENOSYS;
	}
}

static int alloc_unbound(struct evtchn_alloc_unbound *op)
{
	struct fake_domain *d = lookup(op->dom);
	evtchn_port_t port;

	if (!d || op->remote_dom != DOMID_SELF)
		return -ESRCH;
	for (port = 1; port < FAKE_PORTS; port++) {
		if (d->ports[port].state != PORT_FREE)
			continue;
		d->ports[port] = (struct fake_port){ .state = PORT_UNBOUND };
		op->port = port;
		return 0;
	}
	return -ENOSPC;
}

static int setup_grants(struct gnttab_setup_table *op)
{
	struct fake_domain *d = lookup(op->dom);

	op->status = GNTST_bad_domain;
	if (!d)
		return 0;
	if (!d->grant_frame) {
		d->grant_frame = take_frames(0, op->dom);
		memset(fake_frame(d->grant_frame), 0, 4096);
	}
	op->status = GNTST_okay;
	op->frame_list.p[0] = d->grant_frame;
	return 0;
}

static long version(unsigned int cmd, void *out)
{
	switch (cmd) {
	case XENVER_version:
		return 4 << 16 | 17;
	case XENVER_pagesize:
		return 4096;
	case XENVER_extraversion:
		strcpy(out, ".fake");
		return 0;
	case XENVER_capabilities:
		strcpy(out, capabilities);
		return 0;
	case XENVER_changeset:
		strcpy(out, "changeset");
		return 0;
	case XENVER_commandline:
		strcpy(out, "console=com1");
		return 0;
	case XENVER_platform_parameters:
		((xen_platform_parameters_t *)out)->virt_start = 0xffff800000000000;
		return 0;
	case XENVER_compile_info:
		*(xen_compile_info_t *)out = (xen_compile_info_t){ "gcc 12", "by", "domain", "date" };
		return 0;
	case XENVER_build_id:
		memcpy((char *)out + 4, "\x01\xab\xff", 3);
		return *(uint32_t *)out < 3 ? -ENOBUFS : 3;
	default:
		return -ENOSYS;
	}
}

long plat_hypercall(unsigned int call, unsigned long a1, unsigned long a2, unsigned long a3,
		    unsigned long a4)
{
	int error;

	(void)a3;
	if (fake_inject(&error))
		return error;
	switch (call) {
	case __HYPERVISOR_domctl:
		return domctl((void *)a1);
	case __HYPERVISOR_sysctl:
		return do_sysctl((void *)a1);
	case __HYPERVISOR_memory_op:
		return memory_op(a1, (void *)a2);
	case __HYPERVISOR_mmuext_op:
		return lookup(a4) ? pin(a4, (void *)a1) : -ESRCH;
	case __HYPERVISOR_event_channel_op:
		return a1 == EVTCHNOP_alloc_unbound ? alloc_unbound((void *)a2) : -ENOSYS;
	case __HYPERVISOR_grant_table_op:
		return a1 == GNTTABOP_setup_table ? setup_grants((void *)a2) : -ENOSYS;
	case __HYPERVISOR_xen_version:
		return version(a1, (void *)a2);
	default:
		return -ENOSYS;
	}
}

/* --- the rest of the platform ----------------------------------------------------------------- */

int plat_init(void)
{
	return 0;
}

int plat_map_frames(void **va, domid_t domid, const xen_pfn_t *frames, size_t count,
		    bool writable)
{
	struct mapping *m;
	size_t i;
	char *at;
	int error;

	if (fake_inject(&error))
		return error;
	for (i = 0; i < count; i++)
		if (frames[i] >= FAKE_FRAMES || owner[frames[i]] != domid)
			return -EINVAL;
	m = malloc(sizeof(*m) + count * sizeof(m->frames[0]));
	at = mmap(NULL, count * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < count; i++) {
		if (mmap(at + i * 4096, 4096, PROT_READ | (writable ? PROT_WRITE : 0),
			 MAP_SHARED | MAP_FIXED, memory_fd, frames[i] * 4096) == MAP_FAILED)
			abort();
		mapped[frames[i]]++;
		m->frames[i] = frames[i];
	}
	m->va = at;
	m->count = count;
	m->next = mappings;
	mappings = m;
	*va = at;
	return 0;
}

void plat_unmap_frames(void *va, size_t count)
{
	struct mapping **at = &mappings, *m;
	size_t i;

	while (*at && (*at)->va != va)
		at = &(*at)->next;
	m = *at;
	if (!m || m->count != count)
		abort();
	for (i = 0; i < count; i++)
		mapped[m->frames[i]]--;
	*at = m->next;
	munmap(va, count * 4096);
	free(m);
}

int plat_evtchn_fd(void)
{
	return event_pipe[0];
}

int plat_evtchn_bind(domid_t domid, evtchn_port_t remote_port)
{
	struct fake_domain *d = lookup(domid);
	evtchn_port_t port;
	int error;

	if (fake_inject(&error))
		return error;
	if (!d || remote_port >= FAKE_PORTS || d->ports[remote_port].state != PORT_UNBOUND)
		return -EINVAL;
	for (port = 1; port < FAKE_PORTS; port++)
		if (fake_domains[0].ports[port].state == PORT_FREE)
			break;
	if (port == FAKE_PORTS)
		return -ENOSPC;
	fake_domains[0].ports[port] = (struct fake_port){ PORT_BOUND, remote_port, domid, false };
	d->ports[remote_port] = (struct fake_port){ PORT_BOUND, port, 0, false };
	return port;
}

void plat_evtchn_unbind(evtchn_port_t port)
{
	struct fake_port *p = &fake_domains[0].ports[port];
	struct fake_domain *d = lookup(p->domid);

	if (p->state == PORT_BOUND && d)
		d->ports[p->peer].state = PORT_UNBOUND;
	memset(p, 0, sizeof(*p));
}

void plat_evtchn_notify(evtchn_port_t port)
{
	struct fake_port *p = &fake_domains[0].ports[port];
	struct fake_domain *d = lookup(p->domid);

	if (p->state == PORT_BOUND && d)
		d->ports[p->peer].pending = true;
}

int plat_evtchn_next(void)
{
	evtchn_port_t port;
	char drain[16];

	while (read(event_pipe[0], drain, sizeof(drain)) > 0)
		;
	for (port = 1; port < FAKE_PORTS; port++) {
		if (!fake_domains[0].ports[port].pending)
			continue;
		fake_domains[0].ports[port].pending = false;
		return port;
	}
	return -EAGAIN;
}

uint64_t plat_now(void)
{
	return now;
}

void plat_wait(const struct plat_wait *items, size_t count, uint64_t deadline)
{
	struct pollfd fds[64];
	size_t i;

	for (i = 0; i < count; i++)
		fds[i] = (struct pollfd){ items[i].fd, POLLIN | (items[i].write ? POLLOUT : 0), 0 };
	poll(fds, count, 0);
	(void)deadline;
}

void plat_yield(void)
{
}

int plat_file_load(const char *path, struct plat_file *file)
{
	struct stat st;
	void *data;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -errno;
	fstat(fd, &st);
	data = malloc(st.st_size + 1);
	file->data = data;
	file->len = read(fd, data, st.st_size);
	close(fd);
	return 0;
}

void plat_file_release(struct plat_file *file)
{
	free((void *)file->data);
}

void plat_random(void *out, size_t len)
{
	static unsigned int seed = 1;
	uint8_t *p = out;

	while (len--)
		*p++ = rand_r(&seed);
}

uint64_t fake_balloon_kb;

int plat_balloon(uint64_t kb)
{
	int rc;

	if (fake_inject(&rc))
		return rc;
	fake_balloon_kb = kb;
	return 0;
}

void plat_system(struct plat_system *system)
{
	*system = (struct plat_system){ "host", "release", "#1 version", "x86_64" };
}
