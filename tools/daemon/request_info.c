/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests about the machine: what it is, what its hypervisor says. */
#include <errno.h>
#include <stdlib.h>

#include "tools/daemon/requests.h"
#include "tools/hypercall/xc.h"

#define MAX_CPUS  256u
#define MAX_NODES 64u

static void put_machine(struct json_writer *w, const struct xen_sysctl_physinfo *info)
{
	unsigned int i;

	json_put_u64(w, "nr_cpus", info->nr_cpus);
	json_put_u64(w, "max_cpu_id", info->max_cpu_id);
	json_put_u64(w, "nr_nodes", info->nr_nodes);
	json_put_u64(w, "cores_per_socket", info->cores_per_socket);
	json_put_u64(w, "threads_per_core", info->threads_per_core);
	json_put_u64(w, "cpu_khz", info->cpu_khz);
	json_put_u64(w, "capabilities", info->capabilities);
	json_put_u64(w, "total_pages", info->total_pages);
	json_put_u64(w, "free_pages", info->free_pages + info->scrub_pages);
	json_put_u64(w, "outstanding_pages", info->outstanding_pages);
	json_open(w, "hw_cap", '[');
	for (i = 0; i < 8; i++)
		json_put_u64(w, NULL, info->hw_cap[i]);
	json_close(w, ']');
}

static void put_system(struct json_writer *w)
{
	struct plat_system system;

	plat_system(&system);
	json_put_string(w, "host", system.name);
	json_put_string(w, "release", system.release);
	json_put_string(w, "version", system.version);
	json_put_string(w, "machine", system.machine);
}

static void put_version(struct json_writer *w, const struct xc_version *v)
{
	json_put_u64(w, "major", v->major);
	json_put_u64(w, "minor", v->minor);
	json_put_string(w, "extra", v->extra);
	json_put_string(w, "caps", v->capabilities);
	json_put_string(w, "changeset", v->changeset);
	json_put_string(w, "commandline", v->commandline);
	json_put_string(w, "compiler", v->compiler);
	json_put_string(w, "compile_by", v->compile_by);
	json_put_string(w, "compile_domain", v->compile_domain);
	json_put_string(w, "compile_date", v->compile_date);
	json_put_string(w, "build_id", v->build_id);
	json_put_u64(w, "virt_start", v->virt_start);
	json_put_u64(w, "page_size", v->page_size);
}

/* One that cannot be used is null. */
static int put_cpus(struct json_writer *w)
{
	struct xen_sysctl_cputopo *cpus = calloc(MAX_CPUS, sizeof(*cpus));
	int i, count = cpus ? xc_cpu_topology(cpus, MAX_CPUS) : -ENOMEM;

	json_open(w, "cpu_topology", '[');
	for (i = 0; i < count; i++) {
		if (cpus[i].core == XEN_INVALID_CORE_ID) {
			json_put_raw(w, NULL, "null");
			continue;
		}
		json_open(w, NULL, '{');
		json_put_u64(w, "core", cpus[i].core);
		json_put_u64(w, "socket", cpus[i].socket);
		json_put_u64(w, "node", cpus[i].node);
		json_close(w, '}');
	}
	json_close(w, ']');
	free(cpus);
	return count < 0 ? count : 0;
}

static void put_node(struct json_writer *w, const struct xen_sysctl_meminfo *memory,
		     const uint32_t *distances, int count)
{
	int i;

	if (memory->memsize == XEN_INVALID_MEM_SZ) {
		json_put_raw(w, NULL, "null");
		return;
	}
	json_open(w, NULL, '{');
	json_put_u64(w, "memsize", memory->memsize);
	json_put_u64(w, "memfree", memory->memfree);
	json_open(w, "distances", '[');
	for (i = 0; i < count; i++)
		json_put_u64(w, NULL, distances[i]);
	json_close(w, ']');
	json_close(w, '}');
}

static int put_nodes(struct json_writer *w)
{
	struct xen_sysctl_meminfo *memory = calloc(MAX_NODES, sizeof(*memory));
	uint32_t *distances = calloc(MAX_NODES * MAX_NODES, sizeof(*distances));
	int i, count = memory && distances ? xc_numa(memory, distances, MAX_NODES) : -ENOMEM;

	json_open(w, "numa", '[');
	for (i = 0; i < count; i++)
		put_node(w, &memory[i], &distances[i * count], count);
	json_close(w, ']');
	free(distances);
	free(memory);
	return count < 0 ? count : 0;
}

int request_info(struct request *r)
{
	struct xen_sysctl_physinfo info;
	struct xc_version *version = malloc(sizeof(*version));
	unsigned int sched = 0;
	int rc;

	if (!version)
		return -ENOMEM;
	rc = xc_physinfo(&info);
	if (!rc)
		rc = xc_version(version);
	if (!rc)
		rc = xc_sched_id(&sched);
	if (!rc) {
		put_system(r->out);
		put_machine(r->out, &info);
		put_version(r->out, version);
		json_put_u64(r->out, "scheduler", sched);
		rc = put_cpus(r->out);
	}
	if (!rc)
		rc = put_nodes(r->out);
	free(version);
	return rc;
}

int request_dmesg(struct request *r)
{
	char text[4096];
	uint64_t index = 0;
	bool clear = false;
	uint32_t at;
	int len;

	if (request_u64(r, "index", &index) || request_bool(r, "clear", &clear))
		return r->fault.code;
	at = index;
	len = xc_read_console(text, sizeof(text), clear, &at);
	if (len < 0)
		return len;
	json_put_bytes(r->out, "data", text, len);
	json_put_u64(r->out, "index", at);
	return 0;
}
