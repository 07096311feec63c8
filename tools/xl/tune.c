/* SPDX-License-Identifier: GPL-2.0-only */
/* xl vcpu-*, mem-*, sched-credit, trigger, sysrq, debug-keys: settings of living domains. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cfg/domain_config.h"
#include "tools/xl/xl.h"

uint64_t xl_parse_memory(const char *text)
{
	uint64_t kb;
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (!isdigit((unsigned char)*text) || n > 1ull << 40 || (*end && end[1]))
		return 0;
	switch (tolower((unsigned char)*end)) {
	case 'b':
		kb = n >> 10;
		break;
	case 'k':
		kb = n;
		break;
	case '\0':
	case 'm':
		kb = n << 10;
		break;
	case 'g':
		kb = n << 20;
		break;
	case 't':
		kb = n << 30;
		break;
	default:
		kb = 0;
	}
	return kb;
}

static int no_number(struct xl *xl, const char *what, const char *text)
{
	fprintf(xl->io->err, "xl: error: %s: \"%s\" is not one\n", what, text);
	return XL_USAGE;
}

/* A whole decimal number. */
static bool parse_u64(const char *text, uint64_t *out)
{
	char *end;

	*out = strtoull(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end;
}

static void print_affinity(FILE *out, uint64_t cpus, unsigned int max_cpu)
{
	uint64_t all = max_cpu >= 63 ? UINT64_MAX : (1ull << (max_cpu + 1)) - 1;
	const char *sep = "";
	unsigned int i, first;

	if ((cpus & all) == all) {
		fputs("all", out);
		return;
	}
	for (i = 0; i <= max_cpu && i < 64; i++) {
		if (!(cpus >> i & 1))
			continue;
		for (first = i; i < max_cpu && i < 63 && cpus >> (i + 1) & 1; i++)
			;
		if (first == i)
			fprintf(out, "%s%u", sep, i);
		else
			fprintf(out, "%s%u-%u", sep, first, i);
		sep = ",";
	}
}

static void print_vcpu(FILE *out, const struct reply *r, int v, const char *name,
		       unsigned int max_cpu)
{
	uint64_t tenths = reply_u64(r, v, "cpu_time") / 100000000;
	bool online = reply_bool(r, v, "online");

	fprintf(out, "%-32s %5u %5u", name, (unsigned int)reply_u64(r, r->ok, "domid"),
		(unsigned int)reply_u64(r, v, "vcpu"));
	if (online)
		fprintf(out, "%5u %3c%c- ", (unsigned int)reply_u64(r, v, "cpu"),
			reply_bool(r, v, "running") ? 'r' : '-',
			reply_bool(r, v, "blocked") ? 'b' : '-');
	else
		fprintf(out, "%5c %3c%cp ", '-', '-', '-');
	fprintf(out, " %7llu.%llu  ", (unsigned long long)tenths / 10,
		(unsigned long long)tenths % 10);
	print_affinity(out, reply_u64(r, v, "affinity"), max_cpu);
	fputs(" / all\n", out);
}

static int max_cpu(struct xl *xl, unsigned int *max)
{
	struct reply reply;
	struct call call;

	xl_begin(xl, &call, "info");
	if (xl_call(xl, &call, &reply))
		return XL_FAIL;
	*max = reply_u64(&reply, reply.ok, "max_cpu_id");
	reply_free(&reply);
	return XL_OK;
}

static int list_vcpus(struct xl *xl, const char *domain, unsigned int max)
{
	char name[DOMAIN_NAME_MAX];
	struct reply reply;
	struct call call;
	int i, list;

	xl_begin(xl, &call, "vcpu-list");
	json_put_string(&call.w, "domain", domain);
	if (xl_call(xl, &call, &reply))
		return XL_FAIL;
	reply_text(&reply, reply.ok, "name", name, sizeof(name));
	list = json_get(&reply.json, reply.ok, "vcpus");
	for (i = 0; i < json_size(&reply.json, list); i++)
		print_vcpu(xl->io->out, &reply, json_at(&reply.json, list, i), name, max);
	reply_free(&reply);
	return XL_OK;
}

static int list_all_vcpus(struct xl *xl, unsigned int max)
{
	struct reply reply;
	char domid[12];
	int i, rc = XL_OK;

	if (xl_list_domains(xl, NULL, false, &reply))
		return XL_FAIL;
	for (i = 0; i < json_size(&reply.json, reply.ok) && rc == XL_OK; i++) {
		int d = json_at(&reply.json, reply.ok, i);

		snprintf(domid, sizeof(domid), "%u", (unsigned int)reply_u64(&reply, d, "domid"));
		rc = list_vcpus(xl, domid, max);
	}
	reply_free(&reply);
	return rc;
}

int xl_vcpu_list(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	unsigned int max;
	int i, rc = opts_parse(xl, &opts, argc, argv, "", NULL, 0);

	if (rc != XL_OK)
		return rc;
	if (xl_connect(xl) || max_cpu(xl, &max) != XL_OK)
		return XL_FAIL;
	fprintf(xl->io->out, "%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State",
		"Time(s)", "Affinity (Hard / Soft)");
	if (!opts.count)
		return list_all_vcpus(xl, max);
	for (i = 0; i < opts.count && rc == XL_OK; i++)
		rc = list_vcpus(xl, opts.args[i], max);
	return rc;
}

static int pin(struct xl *xl, const char *domain, uint64_t vcpu, uint64_t cpus)
{
	struct call call;

	xl_begin(xl, &call, "vcpu-pin");
	json_put_string(&call.w, "domain", domain);
	json_put_u64(&call.w, "vcpu", vcpu);
	json_put_u64(&call.w, "cpus", cpus);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}

int xl_vcpu_pin(struct xl *xl, int argc, char **argv)
{
	uint64_t vcpu, count, cpus = 0;
	struct reply reply;
	struct opts opts;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 3);

	if (rc != XL_OK)
		return rc;
	if (domain_parse_cpus(opts.args[2], &cpus) || !cpus)
		return no_number(xl, "CPUs, as \"0-3,^1\"", opts.args[2]);
	if (strcmp(opts.args[1], "all")) {
		if (!parse_u64(opts.args[1], &vcpu))
			return no_number(xl, "the VCPU's number", opts.args[1]);
		return xl_connect(xl) ? XL_FAIL : pin(xl, opts.args[0], vcpu, cpus);
	}
	if (xl_list_domains(xl, opts.args[0], false, &reply))
		return XL_FAIL;
	count = reply_u64(&reply, json_at(&reply.json, reply.ok, 0), "max_vcpus");
	reply_free(&reply);
	for (vcpu = 0; vcpu < count && rc == XL_OK; vcpu++)
		rc = pin(xl, opts.args[0], vcpu, cpus);
	return rc;
}

/* A domain and one number, under @key. */
static int set_number(struct xl *xl, const char *op, const char *domain, const char *key,
		      uint64_t value)
{
	struct call call;

	if (xl_connect(xl))
		return XL_FAIL;
	xl_begin(xl, &call, op);
	json_put_string(&call.w, "domain", domain);
	json_put_u64(&call.w, key, value);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}

int xl_vcpu_set(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	uint64_t count;
	int rc = opts_parse(xl, &opts, argc, argv, "i", NULL, 2);

	if (rc != XL_OK)
		return rc;
	if (!parse_u64(opts.args[1], &count))
		return no_number(xl, "the number of VCPUs", opts.args[1]);
	return set_number(xl, "vcpu-set", opts.args[0], "count", count);
}

static int set_memory(struct xl *xl, int argc, char **argv, const char *op)
{
	struct opts opts;
	uint64_t kb;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 2);

	if (rc != XL_OK)
		return rc;
	kb = xl_parse_memory(opts.args[1]);
	if (!kb)
		return no_number(xl, "an amount of memory, as 64 or 64m", opts.args[1]);
	return set_number(xl, op, opts.args[0], "kb", kb);
}

int xl_mem_max(struct xl *xl, int argc, char **argv)
{
	return set_memory(xl, argc, argv, "mem-max");
}

int xl_mem_set(struct xl *xl, int argc, char **argv)
{
	return set_memory(xl, argc, argv, "mem-set");
}

static int credit(struct xl *xl, const char *domain, const char *weight, const char *cap,
		  struct reply *reply)
{
	struct call call;
	uint64_t n;

	xl_begin(xl, &call, "sched-credit");
	json_put_string(&call.w, "domain", domain);
	if (weight && parse_u64(weight, &n))
		json_put_u64(&call.w, "weight", n);
	if (cap && parse_u64(cap, &n))
		json_put_u64(&call.w, "cap", n);
	return xl_call(xl, &call, reply);
}

/* Tells the parameters that hold for all domains; sets those that are given. */
static int pool_params(struct xl *xl, const char *tslice, const char *ratelimit)
{
	struct reply reply;
	struct call call;
	uint64_t n;

	if (tslice && !parse_u64(tslice, &n))
		return no_number(xl, "a time slice in milliseconds", tslice);
	if (ratelimit && !parse_u64(ratelimit, &n))
		return no_number(xl, "a rate limit in microseconds", ratelimit);
	if (xl_connect(xl))
		return XL_FAIL;
	xl_begin(xl, &call, "sched-params");
	if (tslice && parse_u64(tslice, &n))
		json_put_u64(&call.w, "tslice", n);
	if (ratelimit && parse_u64(ratelimit, &n))
		json_put_u64(&call.w, "ratelimit", n);
	if (xl_call(xl, &call, &reply))
		return XL_FAIL;
	if (!tslice && !ratelimit)
		fprintf(xl->io->out, "Cpupool Pool-0: tslice=%ums ratelimit=%uus migration-delay=0us\n",
			(unsigned int)reply_u64(&reply, reply.ok, "tslice"),
			(unsigned int)reply_u64(&reply, reply.ok, "ratelimit"));
	reply_free(&reply);
	return XL_OK;
}

static int show_credit(struct xl *xl, const char *domain)
{
	struct reply list, reply;
	char name[DOMAIN_NAME_MAX], domid[12];
	int i, d, rc = XL_OK;

	if (xl_list_domains(xl, domain, false, &list))
		return XL_FAIL;
	if (!domain && pool_params(xl, NULL, NULL) != XL_OK) {
		reply_free(&list);
		return XL_FAIL;
	}
	fprintf(xl->io->out, "%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
	for (i = 0; i < json_size(&list.json, list.ok) && rc == XL_OK; i++) {
		d = json_at(&list.json, list.ok, i);
		reply_text(&list, d, "name", name, sizeof(name));
		snprintf(domid, sizeof(domid), "%u", (unsigned int)reply_u64(&list, d, "domid"));
		if (credit(xl, domid, NULL, NULL, &reply)) {
			rc = XL_FAIL;
			continue;
		}
		fprintf(xl->io->out, "%-33s %4s %6u %4u\n", name, domid,
			(unsigned int)reply_u64(&reply, reply.ok, "weight"),
			(unsigned int)reply_u64(&reply, reply.ok, "cap"));
		reply_free(&reply);
	}
	reply_free(&list);
	return rc;
}

int xl_sched_credit(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = {
		{ "domain", 'd' }, { "weight", 'w' }, { "cap", 'c' }, { "schedparam", 's' },
		{ "tslice_ms", 't' }, { "ratelimit_us", 'r' }, { NULL, 0 },
	};
	const char *domain, *weight, *cap;
	struct reply reply;
	struct opts opts;
	uint64_t n;
	int rc = opts_parse(xl, &opts, argc, argv, "d:w:c:st:r:", longs, 0);

	if (rc != XL_OK)
		return rc;
	if (opts_has(&opts, 's'))
		return pool_params(xl, opts_value(&opts, 't'), opts_value(&opts, 'r'));
	if (opts_has(&opts, 't') || opts_has(&opts, 'r')) {
		fprintf(xl->io->err, "Must specify schedparam to set schedule parameter values.\n");
		return XL_USAGE;
	}
	domain = opts_value(&opts, 'd');
	weight = opts_value(&opts, 'w');
	cap = opts_value(&opts, 'c');
	if ((weight && !parse_u64(weight, &n)) || (cap && !parse_u64(cap, &n)))
		return no_number(xl, "a weight or cap",
				 weight && !parse_u64(weight, &n) ? weight : cap);
	if (!weight && !cap)
		return show_credit(xl, domain);
	if (!domain) {
		fprintf(xl->io->err, "Must specify a domain.\n");
		return XL_USAGE;
	}
	if (xl_connect(xl) || credit(xl, domain, weight, cap, &reply))
		return XL_FAIL;
	reply_free(&reply);
	return XL_OK;
}

int xl_trigger(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	struct call call;
	uint64_t vcpu = 0;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 2);

	if (rc != XL_OK)
		return rc;
	if (opts.count > 2 && !parse_u64(opts.args[2], &vcpu))
		return no_number(xl, "the VCPU's number", opts.args[2]);
	if (xl_connect(xl))
		return XL_FAIL;
	xl_begin(xl, &call, "trigger");
	json_put_string(&call.w, "domain", opts.args[0]);
	json_put_string(&call.w, "trigger", opts.args[1]);
	json_put_u64(&call.w, "vcpu", vcpu);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}

int xl_sysrq(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	struct call call;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 2);

	if (rc != XL_OK)
		return rc;
	if (strlen(opts.args[1]) != 1) {
		fprintf(xl->io->err, "Invalid sysrq.\n\n");
		return XL_FAIL;
	}
	if (xl_connect(xl))
		return XL_FAIL;
	xl_begin(xl, &call, "sysrq");
	json_put_string(&call.w, "domain", opts.args[0]);
	json_put_string(&call.w, "key", opts.args[1]);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}

int xl_debug_keys(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	struct call call;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 1);

	if (rc != XL_OK)
		return rc;
	if (xl_connect(xl))
		return XL_FAIL;
	xl_begin(xl, &call, "debug-keys");
	json_put_string(&call.w, "keys", opts.args[0]);
	return xl_call_simple(xl, &call) ? XL_FAIL : XL_OK;
}
