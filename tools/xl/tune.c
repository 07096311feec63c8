/* SPDX-License-Identifier: GPL-2.0-only */
/* xl vcpu-*, mem-*, sched-credit, trigger, sysrq, debug-keys: settings of living domains. */
#include <ctype.h>
#include <errno.h>
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
	xl_error(xl->io, "%s: \"%s\" is not one", what, text);
	return XL_FAIL;
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
	fprintf(out, "%7llu.%llu  ", (unsigned long long)tenths / 10,
		(unsigned long long)tenths % 10);
	print_affinity(out, reply_u64(r, v, "affinity"), max_cpu);
	fputs(" / ", out);
	print_affinity(out, reply_u64(r, v, "soft_affinity"), max_cpu);
	fputc('\n', out);
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

/* Below a header if *@header. */
static int list_vcpus(struct xl *xl, const char *domain, unsigned int max, bool *header)
{
	char name[DOMAIN_NAME_MAX];
	struct reply reply;
	struct call call;
	int i, list;

	xl_begin(xl, &call, "vcpu-list");
	json_put_string(&call.w, "domain", domain);
	if (xl_call(xl, &call, &reply))
		return XL_FAIL;
	if (*header)
		fprintf(xl->io->out, "%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State",
			"Time(s)", "Affinity (Hard / Soft)");
	*header = false;
	reply_text(&reply, reply.ok, "name", name, sizeof(name));
	list = json_get(&reply.json, reply.ok, "vcpus");
	for (i = 0; i < json_size(&reply.json, list); i++)
		print_vcpu(xl->io->out, &reply, json_at(&reply.json, list, i), name, max);
	reply_free(&reply);
	return XL_OK;
}

static int list_all_vcpus(struct xl *xl, unsigned int max, bool *header)
{
	struct xl_walk w;
	char domid[12];
	int rc = xl_walk_begin(&w, xl, NULL, false);

	if (!rc)
		while ((rc = xl_walk_next(&w)) > 0) {
			snprintf(domid, sizeof(domid), "%u",
				 (unsigned int)reply_u64(&w.reply, w.at, "domid"));
			if (list_vcpus(xl, domid, max, header) != XL_OK)
				break;
		}
	xl_walk_end(&w);
	return rc ? XL_FAIL : XL_OK;
}

int xl_vcpu_list(struct xl *xl, int argc, char **argv)
{
	struct opts opts;
	unsigned int max;
	bool header = true;
	int i, rc = opts_parse(xl, &opts, argc, argv, "", NULL, 0);

	if (rc != XL_OK)
		return rc;
	if (xl_connect(xl) || max_cpu(xl, &max) != XL_OK)
		return XL_FAIL;
	if (!opts.count)
		return list_all_vcpus(xl, max, &header);
	for (i = 0; i < opts.count && rc == XL_OK; i++)
		rc = list_vcpus(xl, opts.args[i], max, &header);
	return rc;
}

/* "-" leaves it as it is: 0. */
static int parse_affinity(struct xl *xl, const char *text, uint64_t *cpus)
{
	*cpus = 0;
	if (!strcmp(text, "-"))
		return XL_OK;
	if (!domain_parse_cpus(text, cpus) && *cpus)
		return XL_OK;
	fprintf(xl->io->err, "Invalid pcpu range: %s.\n", text);
	return XL_FAIL;
}

static int pin(struct xl *xl, const char *domain, uint64_t vcpu, uint64_t hard, uint64_t soft)
{
	struct call call;

	xl_begin(xl, &call, "vcpu-pin");
	json_put_string(&call.w, "domain", domain);
	json_put_u64(&call.w, "vcpu", vcpu);
	json_put_u64(&call.w, "cpus", hard);
	json_put_u64(&call.w, "soft", soft);
	if (!xl_call_simple(xl, &call))
		return XL_OK;
	fprintf(xl->io->err, "Could not set affinity for vcpu `%llu'.\n", (unsigned long long)vcpu);
	return XL_FAIL;
}

static int count_vcpus(struct xl *xl, const char *domain, const char *key, uint64_t *count)
{
	struct xl_walk w;
	int rc = xl_walk_begin(&w, xl, domain, false);

	if (!rc && xl_walk_next(&w) > 0)
		*count = reply_u64(&w.reply, w.at, key);
	xl_walk_end(&w);
	return rc ? XL_FAIL : XL_OK;
}

int xl_vcpu_pin(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = { { "force", 'f' }, { NULL, 0 } };
	uint64_t first, end, hard, soft = 0;
	const char *domain, *vcpu;
	struct opts opts;
	int rc = opts_parse(xl, &opts, argc, argv, "f", longs, 3);

	if (rc == XL_OK)
		rc = parse_affinity(xl, opts.args[2], &hard);
	if (rc == XL_OK && opts.count > 3)
		rc = parse_affinity(xl, opts.args[3], &soft);
	if (rc != XL_OK)
		return rc;
	domain = opts.args[0];
	vcpu = opts.args[1];
	if (!strcmp(vcpu, "all"))
		first = end = 0;
	else if (parse_u64(vcpu, &first))
		end = first + 1;
	else
		return no_number(xl, "the VCPU's number", vcpu);
	if (xl_connect(xl) || (!end && count_vcpus(xl, domain, "max_vcpus", &end) != XL_OK))
		return XL_FAIL;
	/* Of "- -" nothing remains to be done. */
	for (; (hard | soft) && first < end && rc == XL_OK; first++)
		rc = pin(xl, domain, first, hard, soft);
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

/* More than the machine has CPUs, or than are up already, is most likely a mistake. */
static int check_cpus(struct xl *xl, const char *domain, uint64_t count)
{
	uint64_t online = 0;
	unsigned int last;

	if (xl_connect(xl) || max_cpu(xl, &last) != XL_OK ||
	    count_vcpus(xl, domain, "vcpus", &online) != XL_OK)
		return XL_FAIL;
	if (count <= online || count <= last + 1ull)
		return XL_OK;
	xl_error(xl->io, "%llu VCPUs are more than the %u CPUs of this machine; --ignore-host (-i) allows it",
		 (unsigned long long)count, last + 1);
	return XL_FAIL;
}

int xl_vcpu_set(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = { { "ignore-host", 'i' }, { NULL, 0 } };
	struct opts opts;
	uint64_t count;
	int rc = opts_parse(xl, &opts, argc, argv, "i", longs, 2);

	if (rc != XL_OK)
		return rc;
	if (!parse_u64(opts.args[1], &count))
		return no_number(xl, "the number of VCPUs", opts.args[1]);
	if (!opts_has(&opts, 'i'))
		rc = check_cpus(xl, opts.args[0], count);
	return rc == XL_OK ? set_number(xl, "vcpu-set", opts.args[0], "count", count) : rc;
}

static int set_memory(struct xl *xl, int argc, char **argv, const char *op)
{
	struct opts opts;
	uint64_t kb;
	int rc = opts_parse(xl, &opts, argc, argv, "", NULL, 2);

	if (rc != XL_OK)
		return rc;
	kb = xl_parse_memory(opts.args[1]);
	if (!kb) {
		fprintf(xl->io->err, "invalid memory size: %s\n", opts.args[1]);
		return XL_FAIL;
	}
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

/* One domain's row: 0 or negative. */
static int print_credit(struct xl *xl, const struct xl_walk *w)
{
	char name[DOMAIN_NAME_MAX], domid[12];
	struct reply reply;
	int rc;

	reply_text(&w->reply, w->at, "name", name, sizeof(name));
	snprintf(domid, sizeof(domid), "%u", (unsigned int)reply_u64(&w->reply, w->at, "domid"));
	rc = credit(xl, domid, NULL, NULL, &reply);
	if (rc)
		return rc;
	fprintf(xl->io->out, "%-33s %4s %6u %4u\n", name, domid,
		(unsigned int)reply_u64(&reply, reply.ok, "weight"),
		(unsigned int)reply_u64(&reply, reply.ok, "cap"));
	reply_free(&reply);
	return 0;
}

static int show_credit(struct xl *xl, const char *domain)
{
	struct xl_walk w;
	int rc = xl_walk_begin(&w, xl, domain, false);

	if (!rc && !domain && pool_params(xl, NULL, NULL) != XL_OK)
		rc = -EIO;
	if (!rc) {
		fprintf(xl->io->out, "%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
		while ((rc = xl_walk_next(&w)) > 0 && !print_credit(xl, &w))
			;
	}
	xl_walk_end(&w);
	return rc ? XL_FAIL : XL_OK;
}

int xl_sched_credit(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = {
		{ "domain", 'd' }, { "weight", 'w' }, { "cap", 'c' }, { "schedparam", 's' },
		{ "tslice_ms", 't' }, { "ratelimit_us", 'r' }, { "migration_delay_us", 'm' },
		{ "cpupool", 'p' }, { NULL, 0 },
	};
	const char *domain, *weight, *cap;
	struct reply reply;
	struct opts opts;
	uint64_t n;
	int rc = opts_parse(xl, &opts, argc, argv, "d:w:c:st:r:m:p:", longs, 0);

	if (rc != XL_OK)
		return rc;
	if (opts_has(&opts, 'p') && strcmp(opts_value(&opts, 'p'), "Pool-0") &&
	    strcmp(opts_value(&opts, 'p'), "0")) {
		fprintf(xl->io->err, "unknown cpupool '%s'\n", opts_value(&opts, 'p'));
		return XL_FAIL;
	}
	if (opts_has(&opts, 'm')) {
		xl_error(xl->io, "option -m: vCPUs migrate without a delay here");
		return XL_FAIL;
	}
	if ((opts_has(&opts, 'p') || opts_has(&opts, 's')) &&
	    (opts_has(&opts, 'd') || opts_has(&opts, 'w') || opts_has(&opts, 'c'))) {
		fprintf(xl->io->err, "Specifying a cpupool or schedparam is not allowed with domain "
				     "options.\n");
		return XL_FAIL;
	}
	if (opts_has(&opts, 's'))
		return pool_params(xl, opts_value(&opts, 't'), opts_value(&opts, 'r'));
	if (opts_has(&opts, 't') || opts_has(&opts, 'r')) {
		fprintf(xl->io->err, "Must specify schedparam to set schedule parameter values.\n");
		return XL_FAIL;
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
		return XL_FAIL;
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
