/* SPDX-License-Identifier: GPL-2.0-only */
/* xl list, domid, domname, uptime: what domains there are. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pvabi/sched.h"
#include "tools/cfg/domain_config.h"
#include "tools/xl/xl.h"

int xl_list_domains(struct xl *xl, const char *domain, bool with_config, struct reply *reply)
{
	struct call call;
	int rc = xl_connect(xl);

	if (rc)
		return rc;
	xl_begin(xl, &call, "list");
	if (domain)
		json_put_string(&call.w, "domain", domain);
	json_put_bool(&call.w, "config", with_config);
	rc = xl_call(xl, &call, reply);
	if (!rc)
		reply->ok = json_get(&reply->json, reply->ok, "domains");
	return rc;
}

static void state_text(const struct reply *r, int d, char out[7])
{
	bool crashed = reply_bool(r, d, "shutdown") &&
		       reply_u64(r, d, "reason") == SHUTDOWN_crash;

	out[0] = reply_bool(r, d, "running") ? 'r' : '-';
	out[1] = reply_bool(r, d, "blocked") ? 'b' : '-';
	out[2] = reply_bool(r, d, "paused") ? 'p' : '-';
	out[3] = reply_bool(r, d, "shutdown") ? 's' : '-';
	out[4] = crashed ? 'c' : '-';
	out[5] = reply_bool(r, d, "dying") ? 'd' : '-';
	out[6] = '\0';
}

static void print_domain(FILE *out, const struct reply *r, int d, bool verbose, bool pool)
{
	uint64_t tenths = reply_u64(r, d, "cpu_time") / 100000000;
	char name[DOMAIN_NAME_MAX], uuid[UUID_TEXT_SIZE], state[7], seconds[32];

	reply_text(r, d, "name", name, sizeof(name));
	state_text(r, d, state);
	snprintf(seconds, sizeof(seconds), "%llu.%llu", (unsigned long long)tenths / 10,
		 (unsigned long long)tenths % 10);
	fprintf(out, "%-40s %5u %5llu %5u     %s  %8s", name,
		(unsigned int)reply_u64(r, d, "domid"),
		(unsigned long long)reply_u64(r, d, "memory_kb") / 1024,
		(unsigned int)reply_u64(r, d, "vcpus"), state, seconds);
	if (verbose) {
		reply_text(r, d, "uuid", uuid, sizeof(uuid));
		fprintf(out, " %s", uuid);
		if (reply_bool(r, d, "shutdown"))
			fprintf(out, " %8u", (unsigned int)reply_u64(r, d, "reason"));
		else
			fprintf(out, " %8s", "-");
	}
	if (pool)
		fprintf(out, "%16s", "Pool-0");
	fputc('\n', out);
}

static void print_long(FILE *out, const struct reply *r)
{
	int i, d, count = json_size(&r->json, r->ok);
	int config;

	fputs("[\n", out);
	for (i = 0; i < count; i++) {
		d = json_at(&r->json, r->ok, i);
		fprintf(out, "    {\n        \"domid\": %u,\n        \"config\": ",
			(unsigned int)reply_u64(r, d, "domid"));
		config = json_get(&r->json, d, "config");
		if (config == JSON_NONE)
			fputs("null", out);
		else
			xl_print_json(out, &r->json, config, 2);
		fprintf(out, "\n    }%s\n", i + 1 < count ? "," : "");
	}
	fputs("]\n", out);
}

int xl_list(struct xl *xl, int argc, char **argv)
{
	static const struct long_opt longs[] = {
		{ "long", 'l' }, { "verbose", 'v' }, { "cpupool", 'c' }, { NULL, 0 },
	};
	FILE *out = xl->io->out;
	struct reply reply;
	struct opts opts;
	bool verbose, pool;
	int i, rc = opts_parse(xl, &opts, argc, argv, "lvc", longs, 0);

	if (rc != XL_OK)
		return rc;
	verbose = opts_has(&opts, 'v');
	pool = opts_has(&opts, 'c');
	if (xl_list_domains(xl, opts.count ? opts.args[0] : NULL, opts_has(&opts, 'l'), &reply))
		return XL_FAIL;
	if (opts_has(&opts, 'l')) {
		print_long(out, &reply);
		reply_free(&reply);
		return XL_OK;
	}
	fputs("Name                                        ID   Mem VCPUs\tState\tTime(s)", out);
	if (verbose)
		fputs("   UUID                            Reason-Code", out);
	if (pool)
		fputs("         Cpupool", out);
	fputc('\n', out);
	for (i = 0; i < json_size(&reply.json, reply.ok); i++)
		print_domain(out, &reply, json_at(&reply.json, reply.ok, i), verbose, pool);
	reply_free(&reply);
	return XL_OK;
}

/* The domain whose @key has this text; JSON_NONE. */
static int find(const struct reply *r, const char *name)
{
	char text[DOMAIN_NAME_MAX];
	int i, d;

	for (i = 0; i < json_size(&r->json, r->ok); i++) {
		d = json_at(&r->json, r->ok, i);
		reply_text(r, d, "name", text, sizeof(text));
		if (!strcmp(text, name))
			return d;
	}
	return JSON_NONE;
}

int xl_domid(struct xl *xl, int argc, char **argv)
{
	struct reply reply;
	struct opts opts;
	int d, rc = opts_parse(xl, &opts, argc, argv, "", NULL, 1);

	if (rc != XL_OK)
		return rc;
	if (xl_list_domains(xl, NULL, false, &reply))
		return XL_FAIL;
	d = find(&reply, opts.args[0]);
	if (d != JSON_NONE)
		fprintf(xl->io->out, "%u\n", (unsigned int)reply_u64(&reply, d, "domid"));
	else
		fprintf(xl->io->err,
			"Can't get domid of domain name '%s', maybe this domain does not exist.\n",
			opts.args[0]);
	reply_free(&reply);
	return d == JSON_NONE ? XL_FAIL : XL_OK;
}

int xl_domname(struct xl *xl, int argc, char **argv)
{
	char name[DOMAIN_NAME_MAX];
	struct reply reply;
	struct opts opts;
	unsigned long domid;
	char *end;
	int i, d, rc = opts_parse(xl, &opts, argc, argv, "", NULL, 1);

	if (rc != XL_OK)
		return rc;
	domid = strtoul(opts.args[0], &end, 10);
	if (!isdigit((unsigned char)opts.args[0][0]) || *end) {
		fprintf(xl->io->err, "Invalid domain id.\n\n");
		return XL_FAIL;
	}
	if (xl_list_domains(xl, NULL, false, &reply))
		return XL_FAIL;
	for (i = 0, rc = XL_FAIL; i < json_size(&reply.json, reply.ok); i++) {
		d = json_at(&reply.json, reply.ok, i);
		if (reply_u64(&reply, d, "domid") != domid)
			continue;
		reply_text(&reply, d, "name", name, sizeof(name));
		fprintf(xl->io->out, "%s\n", name);
		rc = XL_OK;
	}
	if (rc != XL_OK)
		fprintf(xl->io->err,
			"Can't get domain name of domain id '%s', maybe this domain does not "
			"exist.\n",
			opts.args[0]);
	reply_free(&reply);
	return rc;
}

static void print_uptime(FILE *out, const struct reply *r, int d)
{
	uint64_t s = reply_u64(r, d, "uptime") / 1000000000;
	char name[DOMAIN_NAME_MAX], text[48];

	reply_text(r, d, "name", name, sizeof(name));
	if (s >= 86400)
		snprintf(text, sizeof(text), "%u days, %2u:%02u:%02u", (unsigned int)(s / 86400),
			 (unsigned int)(s / 3600 % 24), (unsigned int)(s / 60 % 60),
			 (unsigned int)(s % 60));
	else
		snprintf(text, sizeof(text), "%2u:%02u:%02u", (unsigned int)(s / 3600),
			 (unsigned int)(s / 60 % 60), (unsigned int)(s % 60));
	fprintf(out, "%-33s %4u %s\n", name, (unsigned int)reply_u64(r, d, "domid"), text);
}

int xl_uptime(struct xl *xl, int argc, char **argv)
{
	struct reply reply;
	struct opts opts;
	int i, rc = opts_parse(xl, &opts, argc, argv, "", NULL, 0);

	if (rc != XL_OK)
		return rc;
	if (xl_list_domains(xl, opts.count ? opts.args[0] : NULL, false, &reply))
		return XL_FAIL;
	fprintf(xl->io->out, "%-33s %4s %s\n", "Name", "ID", "Uptime");
	for (i = 0; i < json_size(&reply.json, reply.ok); i++)
		print_uptime(xl->io->out, &reply, json_at(&reply.json, reply.ok, i));
	reply_free(&reply);
	return XL_OK;
}
