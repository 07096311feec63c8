/* SPDX-License-Identifier: GPL-2.0-only */
/* xl info and xl dmesg: what the hypervisor tells. */
#include <string.h>

#include "tools/xl/xl.h"

static const char *scheduler_name(uint64_t id)
{
	static const char *const names[] = { "sedf",	 "credit", "credit2",
					     "arinc653", "rtds",   "null" };

	return id >= 4 && id < 4 + sizeof(names) / sizeof(names[0]) ? names[id - 4] : "unknown";
}

/* What is printed of the daemon's answer: all rows, or the values of those that begin with @wanted. */
struct info {
	FILE *out;
	const struct reply *r;
	const char *wanted;
};

static void row(const struct info *i, const char *name, const char *value)
{
	if (!i->wanted)
		fprintf(i->out, "%-22s : %s\n", name, value);
	else if (!strncmp(name, i->wanted, strlen(i->wanted)))
		fprintf(i->out, "%s\n", value);
}

static void row_u64(const struct info *i, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	row(i, name, text);
}

static uint64_t get(const struct info *i, const char *key)
{
	return reply_u64(i->r, i->r->ok, key);
}

static void row_number(const struct info *i, const char *key)
{
	row_u64(i, key, get(i, key));
}

static void row_text(const struct info *i, const char *name, const char *key)
{
	char text[1100];

	reply_text(i->r, i->r->ok, key, text, sizeof(text));
	row(i, name, text);
}

static void print_hw_caps(const struct info *i)
{
	int list = json_get(&i->r->json, i->r->ok, "hw_cap");
	char text[8 * 9 + 1];
	unsigned int n, len = 0;
	uint64_t word;

	for (n = 0; n < 8; n++) {
		word = 0;
		json_u64(&i->r->json, json_at(&i->r->json, list, n), &word);
		len += snprintf(text + len, sizeof(text) - len, "%s%08x", n ? ":" : "",
				(unsigned int)word);
	}
	row(i, "hw_caps", text);
}

/* In the order of libxl. */
static void print_virt_caps(const struct info *i)
{
	static const struct {
		uint64_t all; /* XEN_SYSCTL_PHYSCAP_* that it takes */
		const char *name;
	} caps[] = {
		{ 1 << 1, "pv" },
		{ 1 << 0, "hvm" },
		{ 1 << 0 | 1 << 2, "hvm_directio" },
		{ 1 << 1 | 1 << 2, "pv_directio" },
		{ 1 << 3, "hap" },
		{ 1 << 4, "shadow" },
		{ 1 << 5, "iommu_hap_pt_share" },
		{ 1 << 6, "vmtrace" },
		{ 1 << 7, "vpmu" },
		{ 1 << 8, "gnttab-v1" },
		{ 1 << 9, "gnttab-v2" },
	};
	uint64_t has = get(i, "capabilities");
	char text[128] = "";
	size_t n;

	for (n = 0; n < sizeof(caps) / sizeof(caps[0]); n++) {
		if ((has & caps[n].all) != caps[n].all)
			continue;
		strcat(text, text[0] ? " " : "");
		strcat(text, caps[n].name);
	}
	row(i, "virt_caps", text);
}

static void print_machine(const struct info *i)
{
	uint64_t khz = get(i, "cpu_khz"), free_pages = get(i, "free_pages");
	uint64_t claimed = get(i, "outstanding_pages");
	char mhz[32];

	row_text(i, "host", "host");
	row_text(i, "release", "release");
	row_text(i, "version", "version");
	row_text(i, "machine", "machine");
	row_number(i, "nr_cpus");
	row_number(i, "max_cpu_id");
	row_number(i, "nr_nodes");
	row_number(i, "cores_per_socket");
	row_number(i, "threads_per_core");
	snprintf(mhz, sizeof(mhz), "%llu.%03u", (unsigned long long)khz / 1000,
		 (unsigned int)(khz % 1000));
	row(i, "cpu_mhz", mhz);
	print_hw_caps(i);
	print_virt_caps(i);
	row_u64(i, "total_memory", get(i, "total_pages") >> 8);
	row_u64(i, "free_memory", (free_pages - claimed) >> 8);
	row_u64(i, "free_pages", free_pages);
	row_u64(i, "sharing_freed_memory", 0);
	row_u64(i, "sharing_used_memory", 0);
	row_u64(i, "outstanding_claims", claimed >> 8);
	row_u64(i, "free_cpus", 0);
}

static void print_version(const struct info *i)
{
	uint64_t major = get(i, "major"), minor = get(i, "minor");
	char extra[32], text[96];

	reply_text(i->r, i->r->ok, "extra", extra, sizeof(extra));
	row_u64(i, "xen_major", major);
	row_u64(i, "xen_minor", minor);
	row(i, "xen_extra", extra);
	snprintf(text, sizeof(text), "%llu.%llu%s", (unsigned long long)major,
		 (unsigned long long)minor, extra);
	row(i, "xen_version", text);
	row_text(i, "xen_caps", "caps");
	row(i, "xen_scheduler", scheduler_name(get(i, "scheduler")));
	row_u64(i, "xen_pagesize", get(i, "page_size"));
	snprintf(text, sizeof(text), "virt_start=0x%llx", (unsigned long long)get(i, "virt_start"));
	row(i, "platform_params", text);
	row_text(i, "xen_changeset", "changeset");
	row_text(i, "xen_commandline", "commandline");
	row_text(i, "cc_compiler", "compiler");
	row_text(i, "cc_compile_by", "compile_by");
	row_text(i, "cc_compile_domain", "compile_domain");
	row_text(i, "cc_compile_date", "compile_date");
	row_text(i, "build_id", "build_id");
	row(i, "xend_config_format", "4");
}

static void print_cpus(const struct info *i)
{
	int list = json_get(&i->r->json, i->r->ok, "cpu_topology"), n, cpu;

	fputs("cpu_topology           :\ncpu:    core    socket     node\n", i->out);
	for (n = 0; n < json_size(&i->r->json, list); n++) {
		cpu = json_at(&i->r->json, list, n);
		if (json_get(&i->r->json, cpu, "core") != JSON_NONE)
			fprintf(i->out, "%3d:    %4u     %4u     %4u\n", n,
				(unsigned int)reply_u64(i->r, cpu, "core"),
				(unsigned int)reply_u64(i->r, cpu, "socket"),
				(unsigned int)reply_u64(i->r, cpu, "node"));
	}
	/* The hypervisor was told of no device's node, which is what Xen's xl says then. */
	fputs("device topology        :\ndevice           node\n"
	      "No device topology data available\n", i->out);
}

static void print_numa(const struct info *i)
{
	int list = json_get(&i->r->json, i->r->ok, "numa"), n, k, node, row;
	uint64_t distance;

	fputs("numa_info              :\nnode:    memsize    memfree    distances\n", i->out);
	for (n = 0; n < json_size(&i->r->json, list); n++) {
		node = json_at(&i->r->json, list, n);
		row = json_get(&i->r->json, node, "distances");
		if (row == JSON_NONE)
			continue;
		fprintf(i->out, "%4d:    %6llu     %6llu      ", n,
			(unsigned long long)reply_u64(i->r, node, "memsize") >> 20,
			(unsigned long long)reply_u64(i->r, node, "memfree") >> 20);
		for (k = 0; k < json_size(&i->r->json, row); k++) {
			distance = 0;
			json_u64(&i->r->json, json_at(&i->r->json, row, k), &distance);
			fprintf(i->out, "%s%u", k ? "," : "", (unsigned int)distance);
		}
		fputc('\n', i->out);
	}
}

int xl_info(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = { { "numa", 'n' }, { NULL, 0 } };
	struct info info = { .out = xl->io->out };
	struct reply reply;
	struct opts opts;
	struct call call;
	int rc = opts_parse(xl, &opts, argc, argv, "n", longs, 0);

	if (rc != XL_OK)
		return rc;
	if (xl_connect(xl))
		return XL_FAIL;
	xl_begin(xl, &call, "info");
	if (xl_call(xl, &call, &reply))
		return XL_FAIL;
	info.r = &reply;
	if (!opts_has(&opts, 'n'))
		info.wanted = opts.count ? opts.args[0] : NULL;
	print_machine(&info);
	if (opts_has(&opts, 'n')) {
		print_cpus(&info);
		print_numa(&info);
	}
	print_version(&info);
	reply_free(&reply);
	return XL_OK;
}

/* One piece of the ring from *@index on; its size, or negative. */
static int dmesg_piece(struct xl *xl, uint64_t *index, bool clear)
{
	struct buf data = { 0 };
	struct reply reply;
	struct call call;
	int len;

	xl_begin(xl, &call, "dmesg");
	json_put_u64(&call.w, "index", *index);
	json_put_bool(&call.w, "clear", clear);
	if (xl_call(xl, &call, &reply))
		return -1;
	*index = reply_u64(&reply, reply.ok, "index");
	json_bytes(&reply.json, json_get(&reply.json, reply.ok, "data"), &data);
	len = data.len;
	if (len)
		fwrite(data.data, 1, len, xl->io->out);
	buf_free(&data);
	reply_free(&reply);
	return len;
}

int xl_dmesg(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = { { "clear", 'c' }, { NULL, 0 } };
	uint64_t index = 0;
	struct opts opts;
	int len, rc = opts_parse(xl, &opts, argc, argv, "c", longs, 0);

	if (rc != XL_OK)
		return rc;
	if (xl_connect(xl))
		return XL_FAIL;
	do {
		len = dmesg_piece(xl, &index, false);
	} while (len > 0);
	/* Cleared once all of it was read: the call that clears would cut a long ring short. */
	if (len == 0 && opts_has(&opts, 'c'))
		len = dmesg_piece(xl, &index, true);
	return len < 0 ? XL_FAIL : XL_OK;
}
