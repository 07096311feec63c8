/* SPDX-License-Identifier: GPL-2.0-only */
/* A core from its making to its end, and reading from it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/core/core_impl.h"
#include "tools/hypercall/xc.h"

static int read_vcpus(struct core *core, unsigned int max_id, struct fault *fault)
{
	size_t size = core_context_size(core->is64);
	unsigned int i;

	core->contexts = calloc(CORE_MAX_VCPUS, size);
	if (!core->contexts)
		return fault_set(fault, -ENOMEM, "out of memory in the control domain");
	/* Those that were never brought up have no registers. */
	for (i = 0; i <= max_id && i < CORE_MAX_VCPUS; i++)
		if (!xc_vcpu_get_context(core->domid, i, core->contexts + core->nr_vcpus * size))
			core->vcpu_ids[core->nr_vcpus++] = i;
	return core->nr_vcpus ? 0 : fault_set(fault, -ENODATA, "no vCPU has registers");
}

static int open_core(struct core *core, struct fault *fault)
{
	struct xen_domctl_getdomaininfo info;
	unsigned int bits = 0;
	int rc = xc_domain_info(core->domid, &info);

	if (!rc)
		rc = xc_domain_get_address_size(core->domid, &bits);
	if (rc)
		return fault_set(fault, rc, "%s", strerror(-rc));
	core->is64 = bits == 64;
	if (core_copy_page(core, info.shared_info_frame, core->shared_info))
		return fault_set(fault, -EFAULT, "its shared page cannot be read");
	rc = read_vcpus(core, info.max_vcpu_id, fault);
	if (!rc)
		rc = core_find_pages(core, info.tot_pages, fault);
	if (rc)
		return rc;
	rc = core_find_loads(core);
	if (!rc)
		rc = core_write_elf(core);
	if (!rc && !core->is64 && core_size(core) > UINT32_MAX)
		return fault_set(fault, -EFBIG, "more than a file of 32-bit offsets can hold");
	return rc ? fault_set(fault, rc, "%s", strerror(-rc)) : 0;
}

int core_open(domid_t domid, struct core **core, struct fault *fault)
{
	int rc;

	*core = calloc(1, sizeof(**core));
	if (!*core)
		return fault_set(fault, -ENOMEM, "out of memory in the control domain");
	(*core)->domid = domid;
	rc = open_core(*core, fault);
	if (rc)
		core_close(*core);
	return rc;
}

static void free_kept(struct core *core)
{
	uint32_t i;

	for (i = 0; core->kept && i < core->nr_pages; i++)
		free(core->kept[i]);
	free(core->kept);
	core->kept = NULL;
}

void core_close(struct core *core)
{
	free_kept(core);
	free(core->contexts);
	free(core->pages);
	free(core->loads);
	buf_free(&core->head);
	buf_free(&core->tail);
	free(core);
}

static bool is_zero(const char *page)
{
	return !page[0] && !memcmp(page, page + 1, CORE_PAGE - 1);
}

int core_keep(struct core *core, uint64_t limit)
{
	char page[CORE_PAGE];
	uint64_t used = 0;
	uint32_t i;

	core->kept = calloc(core->nr_pages, sizeof(*core->kept));
	for (i = 0; core->kept && i < core->nr_pages; i++) {
		core_copy_page(core, core->pages[i].mfn, page);
		if (is_zero(page))
			continue;
		used += CORE_PAGE;
		core->kept[i] = used <= limit ? malloc(CORE_PAGE) : NULL;
		if (!core->kept[i]) {
			free_kept(core);
			return -ENOMEM;
		}
		memcpy(core->kept[i], page, CORE_PAGE);
	}
	return core->kept ? 0 : -ENOMEM;
}

static uint64_t pages_end(const struct core *core)
{
	return core->head.len + (uint64_t)core->nr_pages * CORE_PAGE;
}

uint64_t core_size(const struct core *core)
{
	return pages_end(core) + core->tail.len;
}

static void read_page(struct core *core, uint32_t i, char page[CORE_PAGE])
{
	if (!core->kept)
		core_copy_page(core, core->pages[i].mfn, page);
	else if (core->kept[i])
		memcpy(page, core->kept[i], CORE_PAGE);
	else
		memset(page, 0, CORE_PAGE);
}

/* What one source gives from @at on; the number of bytes. */
static size_t read_some(struct core *core, uint64_t at, char *out, size_t len)
{
	char page[CORE_PAGE];
	size_t offset, part;

	if (at < core->head.len) {
		part = core->head.len - at < len ? core->head.len - at : len;
		memcpy(out, core->head.data + at, part);
		return part;
	}
	if (at >= pages_end(core)) {
		memcpy(out, core->tail.data + (at - pages_end(core)), len);
		return len;
	}
	at -= core->head.len;
	offset = at % CORE_PAGE;
	part = CORE_PAGE - offset < len ? CORE_PAGE - offset : len;
	read_page(core, at / CORE_PAGE, page);
	memcpy(out, page + offset, part);
	return part;
}

void core_read(struct core *core, uint64_t at, void *out, size_t len)
{
	char *to = out;
	size_t part;

	for (; len; at += part, to += part, len -= part)
		part = read_some(core, at, to, len);
}

uint64_t core_zeros(struct core *core, uint64_t at, uint64_t len)
{
	char page[CORE_PAGE];
	uint64_t done = 0;

	while (done + CORE_PAGE <= len && at >= core->head.len && at < pages_end(core) &&
	       (at - core->head.len) % CORE_PAGE == 0) {
		read_page(core, (at - core->head.len) / CORE_PAGE, page);
		if (!is_zero(page))
			break;
		at += CORE_PAGE;
		done += CORE_PAGE;
	}
	return done;
}
