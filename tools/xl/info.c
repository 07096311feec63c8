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

static void row(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%-22s : %s\n", name, value);
}

static void row_u64(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, "%-22s : %llu\n", name, (unsigned long long)value);
}

static void row_text(FILE *out, const struct reply *r, const char *name, const char *key)
{
	char text[1100];

	reply_text(r, r->ok, key, text, sizeof(text));
	row(out, name, text);
}

static void print_hw_caps(FILE *out, const struct reply *r)
{
	int list = json_get(&r->json, r->ok, "hw_cap");
	uint64_t word;
	int i;

	fprintf(out, "%-22s : ", "hw_caps");
	for (i = 0; i < 8; i++) {
		word = 0;
		json_u64(&r->json, json_at(&r->json, list, i), &word);
		fprintf(out, "%s%08llx", i ? ":" : "", (unsigned long long)word);
	}
	fputc('\n', out);
}

static void print_machine(FILE *out, const struct reply *r)
{
	uint64_t caps = reply_u64(r, r->ok, "capabilities"), khz = reply_u64(r, r->ok, "cpu_khz");
	/* XEN_SYSCTL_PHYSCAP_*, as libxl names them. */
	static const char *const names[] = { "hvm", "pv", "hvm_directio", "hap", "shadow",
					     "iommu_hap_pt_share", "vmtrace", "vpmu", "gnttab-v1",
					     "gnttab-v2" };
	const char *sep = "";
	unsigned int i;

	row_u64(out, "nr_cpus", reply_u64(r, r->ok, "nr_cpus"));
	row_u64(out, "max_cpu_id", reply_u64(r, r->ok, "max_cpu_id"));
	row_u64(out, "nr_nodes", reply_u64(r, r->ok, "nr_nodes"));
	row_u64(out, "cores_per_socket", reply_u64(r, r->ok, "cores_per_socket"));
	row_u64(out, "threads_per_core", reply_u64(r, r->ok, "threads_per_core"));
	fprintf(out, "%-22s : %llu.%03llu\n", "cpu_mhz", (unsigned long long)khz / 1000,
		(unsigned long long)khz % 1000);
	print_hw_caps(out, r);
	fprintf(out, "%-22s : ", "virt_caps");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(caps >> i & 1))
			continue;
		fprintf(out, "%s%s", sep, names[i]);
		sep = " ";
	}
	fputc('\n', out);
	row_u64(out, "total_memory", reply_u64(r, r->ok, "total_pages") >> 8);
	row_u64(out, "free_memory", reply_u64(r, r->ok, "free_pages") >> 8);
	row_u64(out, "free_pages", reply_u64(r, r->ok, "free_pages"));
	row_u64(out, "sharing_freed_memory", 0);
	row_u64(out, "sharing_used_memory", 0);
	row_u64(out, "outstanding_claims", reply_u64(r, r->ok, "outstanding_pages") >> 8);
	row_u64(out, "free_cpus", 0);
}

static void print_version(FILE *out, const struct reply *r)
{
	uint64_t major = reply_u64(r, r->ok, "major"), minor = reply_u64(r, r->ok, "minor");
	char extra[32], text[96];

	reply_text(r, r->ok, "extra", extra, sizeof(extra));
	row_u64(out, "xen_major", major);
	row_u64(out, "xen_minor", minor);
	row(out, "xen_extra", extra);
	snprintf(text, sizeof(text), "%llu.%llu%s", (unsigned long long)major,
		 (unsigned long long)minor, extra);
	row(out, "xen_version", text);
	row_text(out, r, "xen_caps", "caps");
	row(out, "xen_scheduler", scheduler_name(reply_u64(r, r->ok, "scheduler")));
	row_u64(out, "xen_pagesize", reply_u64(r, r->ok, "page_size"));
	snprintf(text, sizeof(text), "virt_start=0x%llx",
		 (unsigned long long)reply_u64(r, r->ok, "virt_start"));
	row(out, "platform_params", text);
	row_text(out, r, "xen_changeset", "changeset");
	row_text(out, r, "xen_commandline", "commandline");
	row_text(out, r, "cc_compiler", "compiler");
	row_text(out, r, "cc_compile_by", "compile_by");
	row_text(out, r, "cc_compile_domain", "compile_domain");
	row_text(out, r, "cc_compile_date", "compile_date");
}

/* One node that has it all: there is no NUMA here. */
static void print_numa(FILE *out, const struct reply *r)
{
	fputs("numa_info              :\nnode:    memsize    memfree    distances\n", out);
	fprintf(out, "   0:    %7llu    %7llu      10\n",
		(unsigned long long)reply_u64(r, r->ok, "total_pages") >> 8,
		(unsigned long long)reply_u64(r, r->ok, "free_pages") >> 8);
}

int xl_info(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = { { "numa", 'n' }, { NULL, 0 } };
	FILE *out = xl->io->out;
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
	row(out, "host", "dom0");
	row(out, "release", "");
	row(out, "version", "");
	row(out, "machine", "x86");
	print_machine(out, &reply);
	if (opts_has(&opts, 'n'))
		print_numa(out, &reply);
	print_version(out, &reply);
	row(out, "xend_config_format", "4");
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
