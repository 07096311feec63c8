/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds a PV domain, in the steps below. Until the domain exists nothing needs undoing; from then
 * on destroying it takes back its memory, event channels and grants, and what this program holds of
 * it is one window of mapped frames. So there is one way out, whatever failed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pvabi/grant_table.h"
#include "tools/builder/builder.h"
#include "tools/builder/cpu_policy.h"
#include "tools/builder/foreign.h"
#include "tools/builder/guest_memory.h"
#include "tools/builder/kernel_image.h"
#include "tools/builder/layout.h"
#include "tools/builder/start.h"
#include "tools/hypercall/xc.h"
#include "tools/platform/platform.h"

#define BIG_ORDER 9u /* 2 MiB */
#define BATCH	  1024u

struct builder {
	const struct domain_config *config;
	struct build_result *result;
	struct fault *fault;
	struct elf_image image;
	struct layout layout;
	struct guest_memory memory;
	xen_pfn_t *p2m;
	const struct build_image *ramdisk;
	void *unpacked; /* the kernel, when it came packed */
	uint64_t shared_info_mfn;
};

/* One hypercall failed: its error in words, behind what it was for. */
static int failed(struct builder *b, int rc, const char *what)
{
	return fault_set(b->fault, rc, "%s: %s", what, strerror(-rc));
}

static int check_capabilities(struct builder *b)
{
	const char *want = b->image.is64 ? "xen-3.0-x86_64" : "xen-3.0-x86_32p";
	struct xc_version *version = malloc(sizeof(*version));
	int rc;

	if (!version)
		return failed(b, -ENOMEM, "asking for the hypervisor's version");
	rc = xc_version(version);
	if (rc)
		failed(b, rc, "asking for the hypervisor's version");
	else if (!strstr(version->capabilities, want))
		rc = fault_set(b->fault, -ENOEXEC, "the hypervisor runs no %s-bit PV kernels (%s)",
			       b->image.is64 ? "64" : "32", version->capabilities);
	free(version);
	return rc;
}

static int read_kernel(struct builder *b, const struct build_image *kernel)
{
	struct build_image elf;
	int rc = kernel_unpack(kernel, &elf, &b->unpacked, b->fault);

	if (!rc)
		rc = elf_parse(&b->image, elf.data, elf.len, b->fault);
	if (rc) {
		fault_prefix(b->fault, kernel->name);
		return fault_prefix(b->fault, "kernel");
	}
	return check_capabilities(b);
}

/* Said at once and in the user's words, though a populate that fails would be undone as well. */
static int check_free_memory(struct builder *b, uint64_t pages)
{
	struct xen_sysctl_physinfo info;
	int rc = xc_physinfo(&info);

	if (rc)
		return fault_set(b->fault, rc, "asking how much memory is free: %s", strerror(-rc));
	if (pages <= info.free_pages)
		return 0;
	return fault_set(b->fault, -ENOMEM,
			 "not enough free memory: %llu MiB wanted, %llu MiB free",
			 (unsigned long long)pages >> 8, (unsigned long long)info.free_pages >> 8);
}

static int prepare(struct builder *b, const struct build_image *kernel)
{
	uint64_t pages = b->config->target_kb / 4;
	int rc = read_kernel(b, kernel);

	if (!rc)
		rc = check_free_memory(b, pages);
	if (!rc)
		rc = layout_make(&b->layout, &b->image, b->ramdisk->len, pages, b->fault);
	if (rc)
		return rc;
	b->p2m = malloc(pages * sizeof(*b->p2m));
	if (!b->p2m)
		return fault_set(b->fault, -ENOMEM,
				 "the control domain has no %llu KiB for the list of frames",
				 (unsigned long long)(pages * sizeof(*b->p2m)) >> 10);
	b->result->bits = b->image.is64 ? 64 : 32;
	b->result->pages = pages;
	return 0;
}

static int create(struct builder *b)
{
	const struct domain_config *config = b->config;
	struct xc_create create = {
		.max_vcpus = config->max_vcpus,
		.max_event_channels = config->max_event_channels,
		.max_grant_frames = config->max_grant_frames,
		.max_maptrack_frames = config->max_maptrack_frames,
		.max_grant_version = config->max_grant_version,
	};
	int rc;

	memcpy(create.uuid, config->uuid, sizeof(create.uuid));
	rc = xc_domain_create(&create, &b->result->domid);
	return rc ? failed(b, rc, "creating the domain") : 0;
}

static int set_limits(struct builder *b)
{
	const struct domain_config *config = b->config;
	domid_t domid = b->result->domid;
	unsigned int i;
	int rc;

	rc = xc_domain_max_vcpus(domid, config->max_vcpus);
	if (rc)
		return failed(b, rc, "creating its vCPUs");
	rc = xc_domain_max_mem(domid, config->max_kb + BUILD_SLACK_KB);
	if (rc)
		return failed(b, rc, "setting its memory limit");
	rc = xc_domain_memory_map(domid, config->max_kb);
	if (rc)
		return failed(b, rc, "setting its memory map");
	rc = xc_domain_address_size(domid, b->result->bits);
	if (rc)
		return failed(b, rc, "setting its width");
	for (i = 0; i < config->max_vcpus; i++) {
		rc = xc_vcpu_set_affinity(domid, i, config->cpus[i], config->cpus_soft[i]);
		if (rc)
			return failed(b, rc, "cpus, cpus_soft: setting the affinity");
	}
	if (config->tsc_mode != TSC_DEFAULT) {
		rc = xc_domain_set_tsc_mode(domid, config->tsc_mode);
		if (rc)
			return failed(b, rc, "tsc_mode: setting it");
	}
	if (config->nr_cpuid) {
		rc = cpu_policy_apply(config, domid, b->fault);
		if (rc)
			return rc;
	}
	if (config->weight || config->cap) {
		rc = xc_domain_set_credit(domid, config->weight, config->cap);
		if (rc)
			return failed(b, rc, "cpu_weight, cap: setting the scheduler's parameters");
	}
	return 0;
}

static int no_memory(struct builder *b, uint64_t got)
{
	struct xen_sysctl_physinfo info;

	if (xc_physinfo(&info))
		return fault_set(b->fault, -ENOMEM, "not enough free memory for %llu MiB",
				 (unsigned long long)b->config->target_kb >> 10);
	return fault_set(b->fault, -ENOMEM,
			 "not enough free memory: %llu MiB wanted, %llu MiB free",
			 (unsigned long long)b->config->target_kb >> 10,
			 (unsigned long long)(info.free_pages + got) >> 8);
}

/* An old PAE kernel names its root in 32 bits of CR3; which frame that is it may choose. */
static unsigned int address_bits(const struct builder *b)
{
	return b->image.is64 || b->image.pae_extended_cr3 ? 0 : 32;
}

/*
 * Populates from *@done on as long as extents of @order are to be had: *@done moves on. Fewer
 * extents than asked for is no error: the caller goes on with smaller ones.
 */
static int populate(struct builder *b, uint64_t *done, unsigned int order)
{
	xen_pfn_t frames[BATCH];
	uint64_t left;
	unsigned int count, i, j;
	int got;

	while ((left = (b->layout.nr_pages - *done) >> order) != 0) {
		count = left < BATCH ? left : BATCH;
		for (i = 0; i < count; i++)
			frames[i] = *done + ((uint64_t)i << order);
		got = xc_populate(b->result->domid, frames, count, order, address_bits(b));
		if (got < 0)
			return got == -ENOMEM ? 0 : got;
		for (i = 0; i < (unsigned int)got; i++)
			for (j = 0; j < 1u << order; j++)
				b->p2m[(*done)++] = frames[i] + j;
		if ((unsigned int)got < count)
			return 0;
	}
	return 0;
}

static int fill_memory(struct builder *b)
{
	uint64_t done = 0;
	int rc = populate(b, &done, BIG_ORDER);

	if (!rc)
		rc = populate(b, &done, 0);
	if (rc)
		return failed(b, rc, "giving it memory");
	if (done < b->layout.nr_pages)
		return no_memory(b, done);
	b->memory = (struct guest_memory){
		.domid = b->result->domid,
		.p2m = b->p2m,
		.end_pfn = b->layout.end_pfn,
	};
	b->result->store_mfn = b->p2m[b->layout.store.pfn];
	b->result->console_mfn = b->p2m[b->layout.console.pfn];
	return 0;
}

static int make_ports(struct builder *b)
{
	int rc = xc_alloc_unbound(b->result->domid, &b->result->store_port);

	if (!rc)
		rc = xc_alloc_unbound(b->result->domid, &b->result->console_port);
	return rc ? failed(b, rc, "making its event channels") : 0;
}

static int load_segments(struct builder *b)
{
	const struct elf_segment *s = b->image.segments;
	unsigned int i;
	int rc = 0;

	for (i = 0; i < b->image.count && !rc; i++, s++) {
		uint64_t at = s->virt - b->layout.virt_base;

		rc = guest_write(&b->memory, at, s->data, s->file_size);
		if (!rc)
			rc = guest_zero(&b->memory, at + s->file_size, s->mem_size - s->file_size);
	}
	return rc;
}

/* The list of frames in the guest's word size, a piece at a time. */
static int write_p2m(struct builder *b)
{
	unsigned int word = b->image.is64 ? 8 : 4, i, count;
	uint64_t at = b->layout.p2m.pfn << 12, done;
	uint64_t piece[128];
	int rc = 0;

	if (word == sizeof(*b->p2m))
		return guest_write(&b->memory, at, b->p2m, b->layout.nr_pages * word);
	for (done = 0; done < b->layout.nr_pages && !rc; done += count) {
		count = b->layout.nr_pages - done < 128 ? b->layout.nr_pages - done : 128;
		for (i = 0; i < count; i++) {
			if (word == 8)
				piece[i] = b->p2m[done + i];
			else
				((uint32_t *)piece)[i] = b->p2m[done + i];
		}
		rc = guest_write(&b->memory, at + done * word, piece, count * word);
	}
	return rc;
}

static int write_tables(struct builder *b)
{
	unsigned int i;
	size_t bytes;

	for (i = 0; i < b->layout.nr_tables; i++) {
		void *page = guest_page(&b->memory, b->layout.table[i].pfn, &bytes);

		if (!page)
			return -ENOMEM;
		layout_fill_table(&b->layout, b->p2m, i, page);
	}
	return 0;
}

static void describe_start(const struct builder *b, struct start *start)
{
	*start = (struct start){
		.image = &b->image,
		.layout = &b->layout,
		.result = b->result,
		.cmdline = b->config->cmdline,
		.ramdisk_size = b->ramdisk->len,
		.shared_info_mfn = b->shared_info_mfn,
		.root_mfn = b->p2m[b->layout.tables.pfn],
	};
}

static int write_start_info(struct builder *b)
{
	struct start start;
	size_t bytes;
	void *page = guest_page(&b->memory, b->layout.start_info.pfn, &bytes);

	if (!page)
		return -ENOMEM;
	describe_start(b, &start);
	start_fill_info(&start, page);
	return 0;
}

static int write_ramdisk(struct builder *b)
{
	return guest_write(&b->memory, b->layout.ramdisk.pfn << 12, b->ramdisk->data,
			   b->ramdisk->len);
}

/* In rising order of addresses, for the sake of the window. */
static int write_memory(struct builder *b)
{
	const struct layout *l = &b->layout;
	int rc = load_segments(b);

	if (!rc && !l->ramdisk_apart)
		rc = write_ramdisk(b);
	if (!rc && !l->p2m_apart)
		rc = write_p2m(b);
	if (!rc)
		rc = write_start_info(b);
	if (!rc)
		rc = guest_zero(&b->memory, l->store.pfn << 12, 2 << 12); /* and the console */
	if (!rc)
		rc = guest_zero(&b->memory, l->stack.pfn << 12, 1 << 12);
	if (!rc && l->p2m_apart)
		rc = write_p2m(b);
	if (!rc && l->ramdisk_apart)
		rc = write_ramdisk(b);
	if (!rc)
		rc = write_tables(b);
	/* The hypervisor takes no page as a table that somebody has mapped writable. */
	guest_close_window(&b->memory);
	return rc ? failed(b, rc, "mapping its memory") : 0;
}

static int map_one(struct builder *b, uint64_t mfn, void **page)
{
	xen_pfn_t frame = mfn;

	return plat_map_frames(page, b->result->domid, &frame, 1, true);
}

/* Until the guest has set up its callback, no vCPU wants upcalls. */
static int init_shared_info(struct builder *b)
{
	struct xen_domctl_getdomaininfo info;
	uint8_t *page;
	void *va;
	int rc = xc_domain_info(b->result->domid, &info);
	int i;

	if (!rc)
		rc = map_one(b, info.shared_info_frame, &va);
	if (rc)
		return failed(b, rc, "preparing its shared page");
	b->shared_info_mfn = info.shared_info_frame;
	page = va;
	memset(page, 0, 4096);
	for (i = 0; i < SHARED_VCPUS; i++)
		page[i * SHARED_VCPU_SIZE + SHARED_VCPU_UPCALL_MASK] = 1;
	plat_unmap_frames(va, 1);
	return 0;
}

static void seed_grant(struct grant_entry_v1 *entry, uint64_t mfn)
{
	entry->domid = 0;
	entry->frame = mfn;
	/* The entry is live from the moment its flags are there. */
	__atomic_store_n(&entry->flags, GTF_permit_access, __ATOMIC_RELEASE);
}

/* The two reserved grants, by which the control domain may map the two rings. */
static int seed_grants(struct builder *b)
{
	struct grant_entry_v1 *table;
	uint64_t mfn;
	void *va;
	int rc = xc_grant_frame(b->result->domid, &mfn);

	if (!rc)
		rc = map_one(b, mfn, &va);
	if (rc)
		return failed(b, rc, "preparing its grant table");
	table = va;
	seed_grant(&table[GNTTAB_RESERVED_CONSOLE], b->result->console_mfn);
	seed_grant(&table[GNTTAB_RESERVED_XENSTORE], b->result->store_mfn);
	plat_unmap_frames(va, 1);
	return 0;
}

static int make_hypercall_page(struct builder *b)
{
	uint64_t at = b->image.hypercall_page;
	int rc;

	if (at == ELF_UNSET)
		return 0;
	rc = xc_domain_hypercall_page(b->result->domid,
				      b->p2m[(at - b->layout.virt_base) >> 12]);
	return rc ? failed(b, rc, "making its hypercall page") : 0;
}

static int boot_vcpu(struct builder *b)
{
	uint64_t context[START_MAX_CONTEXT / 8];
	struct start start;
	int rc;

	describe_start(b, &start);
	rc = xc_pin_table(b->result->domid, b->layout.root_level, start.root_mfn);
	if (rc)
		return failed(b, rc, "pinning its page tables");
	start_fill_context(&start, context);
	rc = xc_vcpu_set_context(b->result->domid, 0, context);
	return rc ? failed(b, rc, "setting its first vCPU") : 0;
}

int build_domain(const struct domain_config *config, const struct build_image *kernel,
		 const struct build_image *ramdisk, struct build_result *result,
		 struct fault *fault)
{
	static int (*const steps[])(struct builder *b) = {
		set_limits, fill_memory, make_ports, init_shared_info, write_memory, seed_grants,
		make_hypercall_page, boot_vcpu,
	};
	struct builder *b = calloc(1, sizeof(*b));
	size_t i;
	int rc;

	if (!b)
		return fault_set(fault, -ENOMEM, "out of memory in the control domain");
	b->config = config;
	b->ramdisk = ramdisk;
	b->result = result;
	b->fault = fault;
	memset(result, 0, sizeof(*result));
	rc = prepare(b, kernel);
	if (!rc)
		rc = create(b);
	if (!rc) {
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && !rc; i++)
			rc = steps[i](b);
		guest_close_window(&b->memory);
		if (rc)
			xc_domain_destroy(result->domid);
	}
	free(b->unpacked);
	free(b->p2m);
	layout_free(&b->layout);
	free(b);
	return rc;
}
